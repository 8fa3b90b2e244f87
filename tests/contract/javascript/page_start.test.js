/** The script that runs before the page's own, in a window of the test's making. */
import assert from "node:assert/strict";
import {readFileSync} from "node:fs";
import {test} from "node:test";
import vm from "node:vm";

const source = readFileSync(new URL("./page_start.js", import.meta.url), "utf8");
const refuse = () => { throw new Error("SecurityError"); };

const nothing = () => null;

const start = ({storage = refuse, cookieEnabled = true} = {}) => {
  const listeners = {};
  const attributes = {};
  const window = {
    navigator: {cookieEnabled},
    matchMedia: () => ({matches: false}),
    document: {
      currentScript: {dataset: {box: "message"}},
      documentElement: {
        dataset: {},
        toggleAttribute: (name, isSet) => { attributes[name] = isSet; },
      },
      addEventListener: (type, listener) => { listeners[type] = listener; },
      removeEventListener: (type) => { delete listeners[type]; },
    },
  };
  for (const name of ["localStorage", "sessionStorage"]) {
    Object.defineProperty(window, name, {get: storage, configurable: true});
  }
  vm.runInNewContext(source, window);
  return {window, listeners, attributes};
};
const press = (listeners, changes = {}) => {
  let isPrevented = false;
  const event = {target: {id: "message"}, key: "Enter", preventDefault: () => { isPrevented = true; }, ...changes};
  listeners.keydown(event);
  return isPrevented;
};

test("a storage that throws is replaced by one that lasts as long as the page", () => {
  const {window} = start();
  window.localStorage.setItem("name", 1);
  assert.equal(window.localStorage.getItem("name"), "1");
  assert.equal(window.localStorage.key(0), "name");
  assert.equal(window.localStorage.length, 1);
  window.localStorage.removeItem("name");
  assert.equal(window.localStorage.getItem("name"), null);
  assert.ok("keepsNothing" in window.document.documentElement.dataset);
});

test("a storage without any room is replaced as well", () => {
  const {window} = start({storage: () => ({length: 0, setItem: refuse})});
  window.sessionStorage.setItem("token", "t");
  assert.equal(window.sessionStorage.getItem("token"), "t");
});

test("a storage that is full of what the page keeps stays", () => {
  const full = {length: 3, getItem: nothing, setItem: refuse};
  const {window} = start({storage: () => full});
  assert.equal(window.localStorage, full);
  assert.ok(!("keepsNothing" in window.document.documentElement.dataset));
});

test("blocked cookies alone are said as well", () => {
  const {window} = start({storage: () => ({length: 1, getItem: nothing}), cookieEnabled: false});
  assert.ok("keepsNothing" in window.document.documentElement.dataset);
});

for (const kept of ["folded", null]) {
  test(`the side bar is as the browser remembers it: ${kept}`, () => {
    const {attributes} = start({storage: () => ({length: 1, getItem: () => kept})});
    assert.deepEqual(attributes, {"data-folded": kept === "folded"});
  });
}

test("a message sent before the page's scripts is held until it is taken, once", () => {
  const {window, listeners} = start();
  assert.ok(press(listeners));
  assert.equal(window.takeEarlyMessage(), true);
  assert.equal(window.takeEarlyMessage(), false);
  assert.equal(listeners.keydown, undefined);
});

for (const changes of [{isComposing: true}, {keyCode: 229}, {shiftKey: true}, {key: "a"}, {target: {id: "other"}}]) {
  test(`no message is sent by ${JSON.stringify(changes)}`, () => {
    const {window, listeners} = start();
    assert.ok(!press(listeners, changes));
    assert.equal(window.takeEarlyMessage(), false);
  });
}
