/** The error of a server that can't start. */
import assert from "node:assert/strict";
import {test} from "node:test";

import {mistakeAt} from "./mistake.js";

const answering = (status, text) => async () => ({status, text: async () => text});

test("the text of a failing server is the mistake", async () => {
  assert.equal(await mistakeAt("/ping", answering(500, "a.py, line 1")), "a.py, line 1");
});

test("a server that answers has no mistake", async () => {
  assert.equal(await mistakeAt("/ping", answering(200, "pong")), "");
});

test("a server that can't be reached tells of no mistake", async () => {
  assert.equal(await mistakeAt("/ping", () => Promise.reject(new TypeError("refused"))), "");
});
