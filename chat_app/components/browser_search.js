/**
 * What a browser's own search and print would miss: the earlier messages that aren't on the page yet.
 * JavaScript, since their keys are pressed in the browser, which must be held back until the messages have come.
 */
import {useEffect, useRef, useState} from "react";

const DRAWN_AFTER = 500; // milliseconds

/** Its keys in all browsers: https://www.w3.org/TR/uievents-key/ */
const isSearch = ({key, ctrlKey, metaKey, shiftKey, altKey}) =>
  key === "F3" || ((ctrlKey || metaKey) && !shiftKey && !altKey && key.toLowerCase() === "f");
const isPrint = ({key, ctrlKey, metaKey, shiftKey, altKey}) =>
  (ctrlKey || metaKey) && !shiftKey && !altKey && key.toLowerCase() === "p";

/**
 * While it is mounted, messages are missing. It tells when the browser's search is opened, and has them loaded before
 * the page is printed from the keyboard.
 *
 * @returns `isSearching`, `close`, and `button`, the ref of the button that loads them.
 */
export const useBrowserSearch = () => {
  const [isSearching, setSearching] = useState(false);
  const button = useRef();
  useEffect(() => {
    let isPrinting = false;
    const onKeyDown = (event) => {
      if (isSearch(event)) setSearching(true);
      if (!isPrint(event)) return;
      event.preventDefault();
      if (isPrinting) return;
      isPrinting = true;
      button.current.click();
    };
    document.addEventListener("keydown", onKeyDown);
    return () => {
      document.removeEventListener("keydown", onKeyDown);
      if (isPrinting) setTimeout(() => window.print(), DRAWN_AFTER);
    };
  }, []);
  return {button, isSearching, close: () => setSearching(false)};
};
