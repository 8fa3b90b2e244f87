/** Sending a chosen file to the API. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { importArchive } from "./import_archive.js";

function chosen() {
  return { value: "C:\\fakepath\\a.json", files: ["the file"] };
}

test("the file goes to the API beside its ping, and can be chosen again", async (t) => {
  const input = chosen();
  const reply = { conversations: 1, already_there: 0 };
  const fetch = t.mock.method(globalThis, "fetch", async () => ({ json: async () => reply }));
  assert.deepEqual(await importArchive(input, new URL("http://host:8000/base/ping")), reply);
  const [url, options] = fetch.mock.calls[0].arguments;
  assert.equal(String(url), "http://host:8000/base/archive");
  assert.equal(options.body, "the file");
  assert.equal(options.credentials, "include");
  assert.equal(input.value, "");
});

test("a reply that doesn't come, or is none of the API's, is null", async (t) => {
  for (const fails of [async () => Promise.reject(new TypeError("network")), async () => new Response("<html>")]) {
    t.mock.method(globalThis, "fetch", fails);
    assert.equal(await importArchive(chosen(), new URL("http://host/ping")), null);
    t.mock.restoreAll();
  }
});
