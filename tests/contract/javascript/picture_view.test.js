/** The scale of a picture in its view. */
import assert from "node:assert/strict";
import {test} from "node:test";

import {fittingScale, scaleAfterKey, zoomed} from "./picture_view.js";

test("a wide picture fits into the window, a small one is doubled at most", () => {
  assert.equal(fittingScale(2432, 400, 1280, 800), 0.5);
  assert.equal(fittingScale(100, 2752, 1280, 800), 0.25);
  assert.equal(fittingScale(100, 50, 1280, 800), 2);
});

test("it can be zoomed as far as is of use", () => {
  assert.equal(zoomed(1, 1.25), 1.25);
  assert.equal(zoomed(7, 2), 8);
  assert.equal(zoomed(0.1, 0.5), 0.1);
});

test("plus, minus and zero zoom; other keys do not", () => {
  assert.equal(scaleAfterKey("+", 1, 0.5), 1.25);
  assert.equal(scaleAfterKey("-", 1, 0.5), 0.8);
  assert.equal(scaleAfterKey("0", 3, 0.5), 0.5);
  assert.equal(scaleAfterKey("ArrowDown", 1, 0.5), undefined);
});
