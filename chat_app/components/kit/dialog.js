/** Modal dialogs, opened by name and one at a time.

   Whatever else is open above the page closes first and returns the focus to the button that opened it. So that button,
   which is still there, has the focus again when the dialog closes, and not an entry of a menu that is gone.

   JavaScript, since the browser opens dialogs and moves the focus. */

export const closeAll = () => {
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
  for (const popover of document.querySelectorAll(":popover-open")) popover.hidePopover();
};

export const showDialog = (name) => {
  closeAll();
  const dialog = document.getElementById(name);
  dialog.showModal();
  dialog.querySelector("input:not([type='file'])")?.select();
};
