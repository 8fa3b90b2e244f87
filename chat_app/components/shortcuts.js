/** Listens to the keyboard for shortcuts.

   JavaScript, since the server would hear of a key too late to keep the browser from doing something else. */

const isHeard = (shortcut, event, messageBox) => {
  if (event.defaultPrevented || event.isComposing) return false;
  if (event.key === "Escape" && document.querySelector(":popover-open, dialog[open]")) return false;
  return !shortcut.in_empty_box || (event.target.id === messageBox && !event.target.value);
};

/* The last one that is seen; where none is, as in a menu that is closed, the last one. */
const targetOf = (shortcut) => {
  const targets = [...document.querySelectorAll(`[data-shortcut="${shortcut.label}"]`)];
  return targets.findLast((each) => each.checkVisibility()) ?? targets.at(-1);
};

/* Returns what ends it. `shortcuts` are those of shortcuts.py, by their keys. */
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
