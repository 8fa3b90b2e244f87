/** Shows and hides the conversations: at the side of a wide window, where the browser remembers it, and in a drawer of a
   narrow one, which the browser opens as a popover.

   JavaScript, since it has to work at once and without a connection. */

const isWide = () => matchMedia("(min-width: 48rem)").matches; // as in theme.css

const fold = (isFolded) => {
  document.documentElement.toggleAttribute("data-folded", isFolded);
  localStorage.setItem("sidebar", isFolded ? "folded" : "open"); // page_start.js reads it
};

/* If the focused element vanishes, the focus goes to the button that brings it back. */
const change = (isFolded, button) => {
  const focused = document.activeElement;
  fold(isFolded);
  if (!focused.checkVisibility()) document.getElementById(button).focus();
};

/* For a click on the button that opens the popover. */
export const openSidebar = (event) => {
  if (!isWide()) return;
  event.preventDefault();
  change(false, "close-conversations");
};

export const closeSidebar = (event) => {
  if (isWide()) change(true, "open-conversations");
  else event.currentTarget.closest("[popover]").hidePopover();
};
