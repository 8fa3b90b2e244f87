/**
 * Modal dialogs, opened by id and one at a time. JavaScript, since the browser opens dialogs and moves the focus.
 */

export const closeAll = () => {
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
  for (const popover of document.querySelectorAll(":popover-open")) popover.hidePopover();
};

/**
 * Opens the dialog with this id. Popovers and other dialogs close first and return the focus to the button that opened
 * them, so that the focus goes back there after the dialog too, and not to an entry of a closed menu.
 */
export const showDialog = (id) => {
  closeAll();
  const dialog = document.getElementById(id);
  dialog.showModal();
  dialog.querySelector("input:not([type='file'])")?.select();
};
