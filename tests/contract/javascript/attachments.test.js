/** Files for the next message, in a fake browser. */
import assert from "node:assert/strict";
import {beforeEach, test} from "node:test";

import {pastedFiles, uploadFiles} from "./attachments.js";

const PING = new URL("https://chat.example/chat/ping");
const UNKNOWN = {bytes: 0, files: 0};
const SENTENCES = {tooLarge: "Too large.", tooMany: "Too many.", failed: "Failed."};

let requests, input, progress, replies;

class FakeRequest {
  upload = {};
  open(method, url) { this.address = [method, url.href]; }
  send(form) {
    requests.push([...this.address, form.get("file").name]);
    this.upload.onprogress({loaded: 1});
    progress.seen.push([progress.hidden, progress.value, progress.max]);
    this.response = replies.shift() ?? null;
    queueMicrotask(this.onloadend);
  }
}

beforeEach(() => {
  requests = [];
  replies = [];
  progress = {hidden: true, seen: []};
  input = {files: [], value: "chosen", form: {querySelector: () => progress}};
  globalThis.XMLHttpRequest = FakeRequest;
});

test("files are uploaded below the path of the page, with their progress", async () => {
  input.files = [new File(["abc"], "a.txt"), new File(["defg"], "b.txt")];
  replies = [{id: "1"}, {id: "2"}];
  assert.deepEqual(await uploadFiles(input, PING, UNKNOWN, SENTENCES), [{id: "1"}, {id: "2"}]);
  assert.deepEqual(requests, [
    ["POST", "https://chat.example/chat/files", "a.txt"],
    ["POST", "https://chat.example/chat/files", "b.txt"],
  ]);
  assert.deepEqual(progress.seen, [[false, 1, 3], [false, 2, 7]]);
  assert.equal(progress.hidden, true);
  assert.equal(input.value, "");
});

test("a file that is too large isn't sent", async () => {
  input.files = [new File(["abcd"], "a.txt")];
  const limits = {bytes: 3, files: 1};
  assert.deepEqual(await uploadFiles(input, PING, limits, SENTENCES), [{error: {message: "Too large."}}]);
  assert.deepEqual(requests, []);
});

test("files beyond the number that fits into the message aren't sent", async () => {
  input.files = [new File(["a"], "a.txt"), new File(["b"], "b.txt")];
  replies = [{id: "1"}];
  const limits = {bytes: 3, files: 1};
  assert.deepEqual(await uploadFiles(input, PING, limits, SENTENCES), [{id: "1"}, {error: {message: "Too many."}}]);
  assert.equal(requests.length, 1);
});

test("a reply that is missing is an error", async () => {
  input.files = [new File(["abcd"], "a.txt")];
  assert.deepEqual(await uploadFiles(input, PING, UNKNOWN, SENTENCES), [{error: {message: "Failed."}}]);
});

test("files and long texts of the clipboard are pasted as files, other texts aren't", async () => {
  const picture = new File(["x"], "image.png");
  const clipboard = (text, ...files) => ({files, getData: () => text});
  assert.deepEqual(pastedFiles(clipboard("", picture), 10), [picture]);
  assert.deepEqual(pastedFiles(clipboard("cells", picture), 10), []);
  assert.deepEqual(pastedFiles(clipboard("x".repeat(10)), 10), []);
  const [file] = pastedFiles(clipboard("안".repeat(11)), 10);
  assert.deepEqual([file.name, await file.text()], ["pasted.txt", "안".repeat(11)]);
});
