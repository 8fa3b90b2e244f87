/** The keyboard in the search, with fake elements. */
import assert from "node:assert/strict";
import {beforeEach, test} from "node:test";

import {onSearchKey} from "./search.js";

let focused, clicked, box, results;

const element = (name) => ({
  focus: () => { focused = name; },
  click: () => { clicked = name; },
});

const press = (key, {target = box, query = "cats", ...changes} = {}) => {
  globalThis.document = {activeElement: target};
  const event = {
    key,
    target,
    currentTarget: {
      querySelectorAll: () => [box, ...results],
      querySelector: () => ({dataset: {query}}),
    },
    preventDefault: () => {},
    ...changes,
  };
  onSearchKey(event);
};

beforeEach(() => {
  [focused, clicked] = [null, null];
  box = {...element("box"), value: "cats"};
  results = [element("first"), element("second")];
});

test("arrow keys go from the box through the results and back", () => {
  press("ArrowDown");
  assert.equal(focused, "first");
  press("ArrowDown", {target: results[0]});
  assert.equal(focused, "second");
  press("ArrowUp", {target: results[0]});
  assert.equal(focused, "box");
});

test("arrow keys stop at both ends", () => {
  press("ArrowUp");
  press("ArrowDown", {target: results[1]});
  assert.equal(focused, null);
});

test("Enter in the box opens the first result", () => {
  press("Enter");
  assert.equal(clicked, "first");
});

test("Enter opens no result of an earlier query", () => {
  press("Enter", {query: "cat"});
  assert.equal(clicked, null);
});

test("keys of an input method do nothing", () => {
  press("Enter", {isComposing: true});
  press("ArrowDown", {isComposing: true});
  assert.deepEqual([focused, clicked], [null, null]);
});
