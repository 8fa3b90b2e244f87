/** A message in the page's address, in a fake browser. */
import assert from "node:assert/strict";
import {beforeEach, test} from "node:test";

let takeMessage, count = 0;

beforeEach(async () => {
  ({takeMessage} = await import(`./prefill.js?page=${count += 1}`)); // each page loads the script anew
  globalThis.document = {referrer: ""};
});

/** Sets the address of the page to `path` with its query. */
const goTo = (path) => {
  const {pathname, search, hash} = new URL(path, "https://chat.example");
  globalThis.window = {
    location: {origin: "https://chat.example", pathname, search, hash},
    history: {state: {key: "a"}, replaceState: (state, _, address) => { window.replaced = [state, address]; }},
  };
};

test("a message is taken out of the address, and nothing else", () => {
  goTo("/chat/1?a=b&q=How+are%20you%3F&send=1#end");
  assert.deepEqual(takeMessage(), {text: "How are you?", mayBeSent: false});
  assert.deepEqual(window.replaced, [{key: "a"}, "/chat/1?a=b#end"]);
  goTo("/?q=%EC%95%88%EB%85%95");
  assert.equal(takeMessage().text, "안녕");
  assert.equal(window.replaced[1], "/");
});

test("an address without a message stays as it is", () => {
  for (const path of ["/", "/?a=b", "/?q=", "/?send=1"]) {
    goTo(path);
    assert.equal(takeMessage().text, "");
    assert.equal(window.replaced, undefined);
  }
});

for (const referrer of ["", "https://evil.example/", "https://chat.example.evil.example/", "http://chat.example/", "https://chat.example:8443/"]) {
  test(`a link on ${referrer || "an unknown page"} sends nothing`, () => {
    document.referrer = referrer;
    goTo("/?q=Hello&send=1");
    assert.deepEqual(takeMessage(), {text: "Hello", mayBeSent: false});
  });
}

test("a link on the page's own origin sends the message if it says so", () => {
  document.referrer = "https://chat.example/about";
  goTo("/?q=Hello");
  assert.equal(takeMessage().mayBeSent, false);
  goTo("/?q=Hello&send=1");
  assert.equal(takeMessage().mayBeSent, true);
});

test("a link within the page sends the message, whatever site has led to the page", () => {
  document.referrer = "https://evil.example/";
  goTo("/");
  takeMessage();
  goTo("/?q=Hello&send=1");
  assert.equal(takeMessage().mayBeSent, true);
});
