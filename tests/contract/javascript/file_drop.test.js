/** Files for the message box. */
import assert from "node:assert/strict";
import {beforeEach, test} from "node:test";

import {insertFile, textOf} from "./file_drop.js";

const file = (content) => new File([content], "name");

let box;

beforeEach(() => {
  box = {value: "Before ", focus: () => {}};
  globalThis.document = {execCommand: (command, _, text) => { box.value += text; }};
});

test("the text of a file is inserted", async () => {
  assert.equal(await insertFile([file("메모")], box, 100), "inserted");
  assert.equal(box.value, "Before 메모");
});

for (const [name, content] of [
  ["no UTF-8", new Uint8Array([0x89, 0x50, 0xff])],
  ["a null character", "a\0b"],
  ["no text at all", ""],
  ["too many bytes", "x".repeat(400_001)],
]) {
  test(`a file with ${name} is refused`, async () => {
    assert.equal(await textOf(file(content)), "");
    assert.equal(await insertFile([file(content)], box, 0), "refused");
    assert.equal(box.value, "Before ");
  });
}

test("a folder, which can't be read, is refused", async () => {
  const folder = {size: 0, arrayBuffer: () => Promise.reject(new Error("NotReadableError"))};
  assert.equal(await insertFile([folder], box, 0), "refused");
});

test("several files are refused", async () => {
  assert.equal(await insertFile([file("a"), file("b")], box, 0), "refused");
});

test("a text that would make the message too long is refused, without a limit it is not", async () => {
  assert.equal(await insertFile([file("four")], box, 10), "refused");
  assert.equal(await insertFile([file("four")], box, 11), "inserted");
  assert.equal(await insertFile([file("four")], box, 0), "inserted");
});
