/**
 * A button that loads more when it is scrolled to. JavaScript, since only the browser knows what is in view.
 */

/**
 * A ref callback that presses the button shortly before it is in view; once for each piece, since the next one may take a
 * while. A new observer each time the button is drawn, since with fast scrolling it never leaves the view between pieces.
 *
 * @returns the cleanup: https://react.dev/reference/react-dom/components/common#ref-callback
 */
export const pressWhenNear = (button) => {
  const press = (sightings) => {
    if (!sightings.at(-1).isIntersecting || button.pressedFor === button.dataset.piece) return;
    button.pressedFor = button.dataset.piece;
    button.click();
  };
  const observer = new IntersectionObserver(press, {scrollMargin: "200px"});
  observer.observe(button);
  return () => observer.disconnect();
};
