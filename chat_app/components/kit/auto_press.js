/**
 * A button that presses itself when it is scrolled to. JavaScript, since only the browser knows what is in sight.
 */

/**
 * Watches the button, and presses it a little before it is in sight, so that nobody waits; once for each piece, since the
 * next one may take a while. It looks anew whenever it is drawn: who scrolls fast is at the end of the next piece before an
 * observer sees a change.
 *
 * @returns what undoes it, as https://react.dev/reference/react-dom/components/common#ref-callback has it.
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
