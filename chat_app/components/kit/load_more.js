/**
 * Infinite scrolling: a button that is clicked when it is scrolled to.
 * JavaScript, since only the browser knows what is in view.
 */

/**
 * A ref callback that clicks the button shortly before it is in view; once until `data-loaded` changes, since loading may
 * take a while, or until the button leaves the view, since loading may fail. A new observer each time the button is drawn,
 * since with fast scrolling it never leaves the view in between.
 *
 * @returns the cleanup: https://react.dev/reference/react-dom/components/common#ref-callback
 */
export const clickWhenNear = (button) => {
  if (button.clickedAt !== button.dataset.loaded) button.clickedAt = null;
  const click = (sightings) => {
    if (!sightings.at(-1).isIntersecting) {
      button.clickedAt = null;
    } else if (button.clickedAt === null) {
      button.clickedAt = button.dataset.loaded;
      button.click();
    }
  };
  const observer = new IntersectionObserver(click, {scrollMargin: "200px"});
  observer.observe(button);
  return () => observer.disconnect();
};
