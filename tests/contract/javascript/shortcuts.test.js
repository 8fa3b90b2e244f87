/** Keyboard shortcuts, in a fake document. */
import assert from "node:assert/strict";
import {beforeEach, test} from "node:test";

import {listenToShortcuts} from "./shortcuts.js";

const SHORTCUTS = {
  "mod+k": {label: "search"},
  "shift+escape": {label: "focus_message"},
  "escape": {label: "stop"},
  "arrowup": {label: "edit_last", in_empty_box: true},
};

let listeners, elements, isDialogOpen, done;

/** An element marked with a shortcut, which records clicks and focus. */
const element = (shortcut, {isVisible = true, isBox = false} = {}) => ({
  shortcut,
  checkVisibility: () => isVisible,
  matches: () => isBox,
  focus: () => done.push(`focus ${shortcut}`),
  click: () => done.push(`click ${shortcut}`),
});

const press = (key, changes = {}) => {
  const event = {key, target: {id: "other", value: ""}, preventDefault: () => { event.defaultPrevented = true; }, ...changes};
  listeners.keydown?.(event);
  return Boolean(event.defaultPrevented);
};

beforeEach(() => {
  [listeners, elements, isDialogOpen, done] = [{}, [], false, []];
  globalThis.document = {
    addEventListener: (type, listener) => { listeners[type] = listener; },
    removeEventListener: (type) => { delete listeners[type]; },
    querySelector: () => (isDialogOpen ? {} : null),
    querySelectorAll: (selector) => elements.filter(({shortcut}) => selector === `[data-shortcut="${shortcut}"]`),
  };
});

test("a shortcut clicks the last visible element with its name, with Ctrl or ⌘", () => {
  listenToShortcuts(SHORTCUTS, "message");
  elements = [element("search"), element("search", {isVisible: false})];
  elements[0].click = () => done.push("click the visible one");
  assert.ok(press("k", {ctrlKey: true}));
  assert.ok(press("K", {metaKey: true}));
  assert.deepEqual(done, ["click the visible one", "click the visible one"]);
});

test("a shortcut clicks a hidden element where none is visible", () => {
  listenToShortcuts(SHORTCUTS, "message");
  elements = [element("stop", {isVisible: false})];
  assert.ok(press("Escape"));
  assert.deepEqual(done, ["click stop"]);
});

test("a shortcut focuses a text box", () => {
  listenToShortcuts(SHORTCUTS, "message");
  elements = [element("focus_message", {isBox: true})];
  assert.ok(press("Escape", {shiftKey: true}));
  assert.deepEqual(done, ["focus focus_message"]);
});

test("a key keeps its own action without an element to click", () => {
  listenToShortcuts(SHORTCUTS, "message");
  assert.ok(!press("k", {ctrlKey: true}));
});

for (const changes of [{defaultPrevented: true}, {isComposing: true}]) {
  test(`a key that is taken already is no shortcut: ${JSON.stringify(changes)}`, () => {
    listenToShortcuts(SHORTCUTS, "message");
    elements = [element("stop")];
    press("Escape", changes);
    assert.deepEqual(done, []);
  });
}

test("Escape belongs to an open dialog or popover", () => {
  listenToShortcuts(SHORTCUTS, "message");
  elements = [element("stop")];
  isDialogOpen = true;
  assert.ok(!press("Escape"));
  assert.deepEqual(done, []);
});

test("a shortcut of the empty message box leaves other boxes and texts alone", () => {
  listenToShortcuts(SHORTCUTS, "message");
  elements = [element("edit_last")];
  assert.ok(!press("ArrowUp"));
  assert.ok(!press("ArrowUp", {target: {id: "message", value: "Hello"}}));
  assert.ok(press("ArrowUp", {target: {id: "message", value: ""}}));
  assert.deepEqual(done, ["click edit_last"]);
});

test("the returned function stops the listening", () => {
  listenToShortcuts(SHORTCUTS, "message")();
  assert.deepEqual(listeners, {});
});
