/** Infinite scrolling, with a fake observer. */
import assert from "node:assert/strict";
import {beforeEach, test} from "node:test";

import {clickWhenNear} from "./load_more.js";

let observer, button;

globalThis.IntersectionObserver = class {
  constructor(callback) {
    this.report = (isIntersecting) => callback([{isIntersecting}]);
    observer = this;
  }
  observe(element) { this.observed = element; }
  disconnect() { this.observed = null; }
};

beforeEach(() => {
  button = {dataset: {loaded: "0"}, clicks: 0, click: () => { button.clicks += 1; }};
});

test("the button is clicked when it is near, not before", () => {
  clickWhenNear(button);
  assert.equal(observer.observed, button);
  observer.report(false);
  assert.equal(button.clicks, 0);
  observer.report(true);
  assert.equal(button.clicks, 1);
});

test("the button waits for what it loads, however often it is drawn meanwhile", () => {
  for (const _ of [1, 2]) {
    clickWhenNear(button);
    observer.report(true);
  }
  assert.equal(button.clicks, 1);
  button.dataset.loaded = "30";
  clickWhenNear(button);
  observer.report(true);
  assert.equal(button.clicks, 2);
});

test("the button loads again after it was drawn with another position, which a button at the other end has changed", () => {
  for (const loaded of ["3", "2"]) {
    button.dataset.loaded = loaded;
    clickWhenNear(button);
    observer.report(loaded === "3");
  }
  assert.equal(button.clicks, 1);
  button.dataset.loaded = "3";
  clickWhenNear(button);
  observer.report(true);
  assert.equal(button.clicks, 2);
});

test("the other position counts before the observer reports", () => {
  clickWhenNear(button);
  observer.report(true);
  button.dataset.loaded = "30";
  clickWhenNear(button);
  button.dataset.loaded = "0";
  clickWhenNear(button);
  observer.report(true);
  assert.equal(button.clicks, 2);
});

test("a button that leaves the view loads again when it comes back, since the first load may have failed", () => {
  clickWhenNear(button);
  for (const isNear of [true, false, true]) observer.report(isNear);
  assert.equal(button.clicks, 2);
});

test("the cleanup stops the observer", () => {
  clickWhenNear(button)();
  assert.equal(observer.observed, null);
});
