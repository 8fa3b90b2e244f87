/**
 * Runs before the page's modules, as a classic script in <head>.
 * JavaScript, since Reflex's part of the page isn't there yet.
 *
 * - Stand-ins for blocked storage. `localStorage` and `sessionStorage` throw where cookies are blocked, also in Reflex's
 *   own scripts, which would leave a stack trace in place of the page.
 * - The sidebar folded, where the browser remembers it so.
 * - Message boxes: Enter sends, and they grow with their text. A message sent before the page's modules run is held until
 *   the message box asks for it. A call of the server to the message box waits for it.
 */
((root) => {
  /** A `Storage` that lasts as long as the page. */
  class PageStorage {
    #items = new Map();
    get length() { return this.#items.size; }
    key(index) { return [...this.#items.keys()][index] ?? null; }
    getItem(name) { return this.#items.get(String(name)) ?? null; }
    setItem(name, value) { this.#items.set(String(name), String(value)); }
    removeItem(name) { this.#items.delete(String(name)); }
    clear() { this.#items.clear(); }
  }

  /** False for storage that is blocked or has no room at all; full storage with items in it stays in use. */
  const isUsable = (name) => {
    try {
      const storage = root[name];
      if (storage.length) return true;
      storage.setItem("probe", "");
      storage.removeItem("probe");
      return true;
    } catch {
      return false;
    }
  };

  const replaceUnusable = () => {
    const unusable = ["localStorage", "sessionStorage"].filter((name) => !isUsable(name));
    for (const name of unusable) {
      Object.defineProperty(root, name, {value: new PageStorage(), configurable: true});
    }
    // The style sheet shows the sentence about it.
    if (unusable.length || !root.navigator.cookieEnabled) root.document.documentElement.dataset.keepsNothing = "";
  };

  /**
   * Enter sends, except where the key means something else: with Shift a new line; while an input method composes Korean,
   * Japanese or Chinese, the end of the composition (keyCode 229:
   * https://www.w3.org/TR/uievents/#determine-keydown-keyup-keyCode, for Safari, which ends the composition first); on a
   * touch screen, whose keyboards have no Shift+Enter, a new line; in a form without a button that sends, nothing.
   */
  const sendWithEnter = (event, boxName) => {
    const {target: box, key, shiftKey, isComposing, keyCode, repeat} = event;
    if (box.name !== boxName || key !== "Enter" || shiftKey || isComposing || keyCode === 229) return;
    if (root.matchMedia("(pointer: coarse)").matches) return;
    event.preventDefault();
    if (!repeat && box.value.trim()) box.form.querySelector("[type=submit]")?.click();
  };

  /** Makes a box as high as its text, in browsers without https://caniuse.com/mdn-css_properties_field-sizing */
  const fit = (box) => {
    box.style.height = "auto";
    box.style.height = `${box.scrollHeight}px`;
  };

  const serveMessageBoxes = (boxName) => {
    const {document} = root;
    document.addEventListener("keydown", (event) => sendWithEnter(event, boxName));
    if (!root.CSS.supports("field-sizing", "content")) {
      document.addEventListener("input", ({target}) => { if (target.name === boxName) fit(target); });
    }
    let isSent = false;
    const hold = (event) => {
      event.preventDefault(); // the browser would load the page again, without the message
      isSent ||= Boolean(event.target.elements.namedItem(boxName));
    };
    document.addEventListener("submit", hold, true);
    /** Stops holding. @returns whether a message was held; false from the second call on. */
    root.takeEarlyMessage = () => {
      document.removeEventListener("submit", hold, true);
      const wasSent = isSent;
      isSent = false;
      return wasSent;
    };
  };

  /** Restores the state that sidebar.js has stored, before anything is drawn, so that nothing moves. */
  const foldSidebar = () => {
    root.document.documentElement.toggleAttribute("data-folded", root.localStorage.getItem("sidebar") === "folded");
  };

  /** Calls a function of message_input.js once that has run: the server's first events may come before. */
  root.callMessageBox = async (name, ...values) => {
    while (!root.messageBox) await new Promise((resolve) => { root.setTimeout(resolve, 20); });
    return root.messageBox[name](...values);
  };

  replaceUnusable();
  foldSidebar();
  serveMessageBoxes(root.document.currentScript.dataset.box);
})(globalThis);
