/** The script that runs before the page's own, in a fake window. */
import assert from "node:assert/strict";
import {readFileSync} from "node:fs";
import {test} from "node:test";
import vm from "node:vm";

const source = readFileSync(new URL("./page_start.js", import.meta.url), "utf8");
const refuse = () => { throw new Error("SecurityError"); };

const nothing = () => null;

const start = ({storage = refuse, cookieEnabled = true, hasFieldSizing = true} = {}) => {
  const listeners = {};
  const attributes = {};
  const window = {
    navigator: {cookieEnabled},
    CSS: {supports: () => hasFieldSizing},
    matchMedia: () => ({matches: false}),
    setTimeout: (run) => { setTimeout(run, 0); },
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
/** A message box in a form with a send button; their events reach the script's `listeners`. */
const boxWith = (value, listeners = {}) => {
  const form = {elements: {namedItem: (name) => (name === "message" ? box : null)}, submits: 0};
  const submit = () => {
    form.submits += 1;
    listeners.submit?.({target: form, preventDefault: () => {}});
  };
  form.querySelector = () => ({click: submit});
  const box = {name: "message", value, form, scrollHeight: 72, style: {}};
  return box;
};

/** Presses Enter, or another key. @returns whether the browser's own action was prevented. */
const press = (listeners, box, changes = {}) => {
  let isPrevented = false;
  listeners.keydown({target: box, key: "Enter", preventDefault: () => { isPrevented = true; }, ...changes});
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
  test(`the sidebar is as the browser remembers it: ${kept}`, () => {
    const {attributes} = start({storage: () => ({length: 1, getItem: () => kept})});
    assert.deepEqual(attributes, {"data-folded": kept === "folded"});
  });
}

test("a message sent before the page's scripts is held until it is taken, once", () => {
  const {window, listeners} = start();
  assert.ok(press(listeners, boxWith("Hello", listeners)));
  assert.equal(window.takeEarlyMessage(), true);
  assert.equal(window.takeEarlyMessage(), false);
  assert.equal(listeners.submit, undefined);
});

test("Enter sends after the early message was taken, too", () => {
  const {window, listeners} = start();
  window.takeEarlyMessage();
  const box = boxWith("Hello");
  assert.ok(press(listeners, box));
  assert.equal(box.form.submits, 1);
});

for (const changes of [{isComposing: true}, {keyCode: 229}, {shiftKey: true}, {key: "a"}, {target: {name: "other"}}]) {
  test(`no message is sent by ${JSON.stringify(changes)}`, () => {
    const {window, listeners} = start();
    const box = boxWith("Hello", listeners);
    assert.ok(!press(listeners, box, changes));
    assert.equal(box.form.submits, 0);
    assert.equal(window.takeEarlyMessage(), false);
  });
}

for (const [value, changes] of [[" \t ", {}], ["Hello", {repeat: true}]]) {
  test(`Enter neither sends ${JSON.stringify(value)} nor adds a line with ${JSON.stringify(changes)}`, () => {
    const {listeners} = start();
    const box = boxWith(value, listeners);
    assert.ok(press(listeners, box, changes));
    assert.equal(box.form.submits, 0);
  });
}

test("a message box fits its text where the style sheet can't say so", () => {
  const {listeners} = start({hasFieldSizing: false});
  const box = boxWith("One\nTwo\nThree");
  listeners.input({target: box});
  assert.equal(box.style.height, "72px");
  assert.equal(start().listeners.input, undefined);
});

test("a call to the message box waits until its script has run", async () => {
  const {window} = start();
  const called = window.callMessageBox("prepend", "message", ["Hello"]);
  await new Promise((resolve) => { setTimeout(resolve, 5); });
  window.messageBox = {prepend: (...values) => values};
  assert.deepEqual(await called, ["message", ["Hello"]]);
  assert.deepEqual(await window.callMessageBox("prepend"), []);
});
