/** Listens to the keyboard for shortcuts.

   JavaScript, since the server would hear of a key too late to keep the browser from doing something else. */

const isHeard = (shortcut, event, messageBox) => {
  if (event.defaultPrevented || event.isComposing) return false;
  if (event.key === "Escape" && document.querySelector(":popover-open, dialog[open]")) return false;
  return !shortcut.in_empty_box || (event.target.id === messageBox && !event.target.value);
};

/* The last visible element with the shortcut; the last one of all if none is visible, as in a closed menu. */
const targetOf = (shortcut) => {
  const targets = [...document.querySelectorAll(`[data-shortcut="${shortcut.label}"]`)];
  return targets.findLast((each) => each.checkVisibility()) ?? targets.at(-1);
};

/* Listens until the returned function is called. `shortcuts` are those of shortcuts.py, by their keys. */
export const listenToShortcuts = (shortcuts, messageBox) => {
  const onKey = (event) => {
    const modifiers = [event.ctrlKey || event.metaKey ? "mod" : "", event.shiftKey ? "shift" : ""].filter(Boolean);
    const shortcut = shortcuts[[...modifiers, event.key.toLowerCase()].join("+")];
    const target = shortcut && isHeard(shortcut, event, messageBox) && targetOf(shortcut);
    if (!target) return;
    event.preventDefault();
    if (target.matches("textarea, input")) target.focus();
    else target.click();
  };
  document.addEventListener("keydown", onKey);
  return () => document.removeEventListener("keydown", onKey);
};
