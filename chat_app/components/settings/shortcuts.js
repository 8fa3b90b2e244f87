/**
 * Keyboard shortcuts. JavaScript, since the browser's own action has to be prevented before a server could answer.
 */

const applies = (shortcut, event, messageBox) => {
  if (event.defaultPrevented || event.isComposing) return false;
  if (event.key === "Escape" && document.querySelector(":popover-open, dialog[open]")) return false;
  return !shortcut.in_empty_box || (event.target.id === messageBox && !event.target.value);
};

/** The last visible element with the shortcut; the last one of all if none is visible, as in a closed menu. */
const targetOf = (shortcut) => {
  const targets = [...document.querySelectorAll(`[data-shortcut="${shortcut.label}"]`)];
  return targets.findLast((each) => each.checkVisibility()) ?? targets.at(-1);
};

/**
 * Listens to the keyboard.
 *
 * @param shortcuts Those of shortcuts.py, by their keys.
 * @returns a function that stops it.
 */
export const listenToShortcuts = (shortcuts, messageBox) => {
  const onKeyDown = (event) => {
    const modifiers = [event.ctrlKey || event.metaKey ? "mod" : "", event.shiftKey ? "shift" : ""].filter(Boolean);
    const shortcut = shortcuts[[...modifiers, event.key.toLowerCase()].join("+")];
    const target = shortcut && applies(shortcut, event, messageBox) && targetOf(shortcut);
    if (!target) return;
    event.preventDefault();
    if (target.matches("textarea, input")) target.focus();
    else target.click();
  };
  document.addEventListener("keydown", onKeyDown);
  return () => document.removeEventListener("keydown", onKeyDown);
};
