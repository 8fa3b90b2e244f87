/**
 * Opens and closes the conversations: a sidebar in a wide window, whose state the browser stores, and a drawer in a narrow
 * one, which is a popover. JavaScript, since it has to work at once and without a connection.
 */

const isWide = () => matchMedia("(min-width: 48rem)").matches; // as in theme.css

/** Folds or unfolds the sidebar. If that hides the focused element, the focus goes to `button`, which undoes it. */
const fold = (isFolded, button) => {
  const focused = document.activeElement;
  document.documentElement.toggleAttribute("data-folded", isFolded);
  localStorage.setItem("sidebar", isFolded ? "folded" : "open"); // page_start.js reads it
  if (!focused.checkVisibility()) document.getElementById(button).focus();
};

/** For a click on the button that opens the popover. */
export const openSidebar = (event) => {
  if (!isWide()) return;
  event.preventDefault();
  fold(false, "close-conversations");
};

export const closeSidebar = (event) => {
  if (isWide()) fold(true, "open-conversations");
  else event.currentTarget.closest("[popover]").hidePopover();
};
