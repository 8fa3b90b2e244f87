/**
 * Ctrl+F and Ctrl+P while earlier messages aren't loaded: a notice for the search, and printing once they are.
 * JavaScript, since the browser handles these keys, and printing has to wait until the messages have come.
 */
import {useEffect, useRef, useState} from "react";

const DRAWN_AFTER = 500; // milliseconds

/**
 * Mounted while messages are missing: notices that the browser's search is opened, and loads them before the page is
 * printed from the keyboard.
 *
 * @returns `isSearching`, `close`, and `button`, the ref of the button that loads them.
 */
export const useBrowserSearch = () => {
  const [isSearching, setSearching] = useState(false);
  const button = useRef();
  useEffect(() => {
    let isPrinting = false;
    const onKeyDown = (event) => {
      const {key, ctrlKey, metaKey, shiftKey, altKey} = event;
      const withControl = (ctrlKey || metaKey) && !shiftKey && !altKey ? key.toLowerCase() : "";
      if (key === "F3" || withControl === "f") setSearching(true);
      if (withControl !== "p") return;
      event.preventDefault();
      if (!isPrinting) button.current.click();
      isPrinting = true;
    };
    document.addEventListener("keydown", onKeyDown);
    return () => {
      document.removeEventListener("keydown", onKeyDown);
      if (isPrinting) setTimeout(() => window.print(), DRAWN_AFTER);
    };
  }, []);
  return {button, isSearching, close: () => setSearching(false)};
};
