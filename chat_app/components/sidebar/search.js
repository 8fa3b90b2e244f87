/**
 * The keyboard in the search: arrow keys go from the box to the results and back, Enter in the box opens the first one.
 * JavaScript, since only the browser knows which element has the focus.
 */
export const onSearchKey = (event) => {
  if (event.isComposing) return;
  const [box, ...results] = event.currentTarget.querySelectorAll("input, a");
  const stops = [box, ...results];
  const next = stops[stops.indexOf(document.activeElement) + ({ArrowDown: 1, ArrowUp: -1}[event.key] ?? NaN)];
  if (next) {
    event.preventDefault();
    next.focus();
  } else if (event.key === "Enter" && event.target === box) {
    // Not while the results are still those of an earlier query.
    if (event.currentTarget.querySelector("[data-query]").dataset.query === box.value) results[0]?.click();
  }
};
