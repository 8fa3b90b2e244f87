/** Copying, with fake clipboards. */
import assert from "node:assert/strict";
import {beforeEach, test} from "node:test";

import {copyText} from "./copy_button.js";

let copied, target;

const clipboard = (writeText) => Object.defineProperty(globalThis, "navigator", {value: {clipboard: writeText && {writeText}}, configurable: true});

/** A fake `execCommand`: it fires `copy`, whose listener may set the clipboard. */
const execCommand = () => {
  const event = new Event("copy", {cancelable: true});
  event.clipboardData = {setData: (type, text) => { copied = [type, text]; }};
  target.dispatchEvent(event);
  return event.defaultPrevented;
};

beforeEach(() => {
  copied = null;
  target = new EventTarget();
  globalThis.document = {addEventListener: target.addEventListener.bind(target), execCommand};
});

test("text goes to the clipboard", async () => {
  clipboard(async (text) => { copied = text; });
  assert.equal(await copyText("Hello"), true);
  assert.equal(copied, "Hello");
});

for (const [name, writeText] of [["missing", null], ["refused", () => Promise.reject(new Error("NotAllowedError"))]]) {
  test(`text is copied by a command where the clipboard is ${name}`, async () => {
    clipboard(writeText);
    assert.equal(await copyText("Hello"), true);
    assert.deepEqual(copied, ["text/plain", "Hello"]);
  });
}

test("the command leaves no listener behind", async () => {
  clipboard(null);
  await copyText("Hello");
  copied = null;
  assert.equal(execCommand(), false);
  assert.equal(copied, null);
});

test("a command that the browser refuses is a failure", async () => {
  clipboard(null);
  document.execCommand = () => false;
  assert.equal(await copyText("Hello"), false);
});
