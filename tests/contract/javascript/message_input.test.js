/** Drafts and the outbox, in a fake browser. */
import assert from "node:assert/strict";
import {beforeEach, test} from "node:test";

import {moveToOutbox, storeDraft} from "./message_input.js";

const {messageBox} = globalThis;

class FakeStorage {
  items = {};
  get length() { return Object.keys(this.items).length; }
  key(index) { return Object.keys(this.items)[index]; }
  getItem(name) { return this.items[name] ?? null; }
  setItem(name, value) { this.items[name] = value; }
  removeItem(name) { delete this.items[name]; }
}

let box;

beforeEach(() => {
  box = {value: "", dispatchEvent: ({type}) => { if (type === "input") storeDraft({target: box}); }};
  globalThis.localStorage = new FakeStorage();
  globalThis.sessionStorage = new FakeStorage();
  globalThis.window = {location: {pathname: "/chat/1"}};
  globalThis.document = {getElementById: (id) => (id === "message" ? box : null)};
});

const write = (text) => {
  box.value = text;
  storeDraft({target: box});
};

test("a draft is stored for its address until the box is empty", () => {
  write("Hello");
  assert.deepEqual(localStorage.items, {"draft /chat/1": "Hello"});
  write("");
  assert.deepEqual(localStorage.items, {});
});

test("a full storage keeps no draft and raises no error", () => {
  localStorage.setItem = () => { throw new Error("QuotaExceededError"); };
  write("Hello");
  assert.deepEqual(localStorage.items, {});
});

test("a message moves from its box to the outbox, and its draft goes", () => {
  write("Hello");
  const id = moveToOutbox("message", "Hello");
  assert.match(id, /^[0-9a-f]{32}$/);
  assert.equal(box.value, "");
  assert.deepEqual(localStorage.items, {});
  assert.deepEqual(messageBox.outboxIds(), [id]);
});

test("each message has an id of its own, and only those of the address are asked for", () => {
  const first = moveToOutbox("message", "One");
  window.location.pathname = "/chat/2";
  const second = moveToOutbox("message", "Two");
  assert.deepEqual(messageBox.outboxIds(), [second]);
  assert.notEqual(first, second);
});

test("blanks leave the box without an entry in the outbox", () => {
  moveToOutbox("message", " \n");
  assert.deepEqual(messageBox.outboxIds(), []);
});

test("messages that have arrived leave the outbox", () => {
  const ids = [moveToOutbox("message", "One"), moveToOutbox("message", "Two")];
  messageBox.removeFromOutbox([ids[0]]);
  assert.deepEqual(messageBox.outboxIds(), [ids[1]]);
});

test("messages that were lost are put back before what is in the box, and are a draft again", () => {
  const ids = [moveToOutbox("message", "One"), moveToOutbox("message", "Two")];
  write("Three");
  messageBox.restoreFromOutbox("message", ids);
  assert.equal(box.value, "One\n\nTwo\n\nThree");
  assert.deepEqual(localStorage.items, {"draft /chat/1": "One\n\nTwo\n\nThree"});
});

test("drafts of all addresses can be deleted, and nothing else is", () => {
  write("Hello");
  window.location.pathname = "/";
  write("Bye");
  localStorage.setItem("language", "ko");
  messageBox.deleteDrafts();
  assert.deepEqual(localStorage.items, {language: "ko"});
});

test("a blocked storage has no drafts to delete", () => {
  Object.defineProperty(globalThis, "localStorage", {get() { throw new Error("SecurityError"); }, configurable: true});
  messageBox.deleteDrafts();
  Object.defineProperty(globalThis, "localStorage", {value: undefined, writable: true, configurable: true});
});
