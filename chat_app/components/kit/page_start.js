/**
 * Runs before the page's modules, as a classic script in <head>.
 * JavaScript, since Reflex's part of the page isn't there yet.
 *
 * - Stand-ins for blocked storage. `localStorage` and `sessionStorage` throw where cookies are blocked, also in Reflex's
 *   own scripts, which would leave a stack trace in place of the page.
 * - The side bar folded, where the browser remembers it so.
 * - A message that is sent before there is anything to send it: held back until the message box asks for it.
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

  const holdEarlyMessage = (boxId) => {
    const {document} = root;
    let isSent = false;
    const onKeyDown = (event) => {
      if (event.target.id !== boxId || event.key !== "Enter" || event.shiftKey) return;
      if (event.isComposing || event.keyCode === 229 || root.matchMedia("(pointer: coarse)").matches) return;
      event.preventDefault();
      isSent = true;
    };
    const onSubmit = (event) => {
      event.preventDefault(); // the browser would load the page again, without the message
      isSent ||= Boolean(event.target.elements.namedItem(boxId));
    };
    document.addEventListener("keydown", onKeyDown, true);
    document.addEventListener("submit", onSubmit, true);
    /** Ends the holding; whether a message was sent meanwhile. Without effect from the second time on. */
    root.takeEarlyMessage = () => {
      document.removeEventListener("keydown", onKeyDown, true);
      document.removeEventListener("submit", onSubmit, true);
      const wasSent = isSent;
      isSent = false;
      return wasSent;
    };
  };

  /** Restores the state that sidebar.js has stored, before anything is drawn, so that nothing moves. */
  const foldSidebar = () => {
    root.document.documentElement.toggleAttribute("data-folded", root.localStorage.getItem("sidebar") === "folded");
  };

  replaceUnusable();
  foldSidebar();
  holdEarlyMessage(root.document.currentScript.dataset.box);
})(globalThis);
