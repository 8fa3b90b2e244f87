/**
 * Copying text, also where there is no `navigator.clipboard`: on plain HTTP, or where the browser refuses it.
 * JavaScript, since the clipboard is the browser's, and opens only during a click.
 */
import {useCallback, useEffect, useState} from "react";

const SHOWN_FOR = 2000; // milliseconds

/** Copies by `execCommand`, which copies a selection: here that of a temporary box, without a `copy` of the page's. */
const copySelection = (text) => {
  const {activeElement} = document;
  const selection = getSelection();
  const ranges = Array.from({length: selection.rangeCount}, (_, index) => selection.getRangeAt(index));
  const box = document.createElement("textarea");
  box.value = text;
  box.readOnly = true; // no keyboard on a phone
  box.style.cssText = "position: fixed; top: 0; opacity: 0;";
  // Inside a dialog, since nothing outside of a modal one takes the focus.
  (activeElement?.closest("dialog") ?? document.body).append(box);
  box.select();
  const isCopied = document.execCommand("copy");
  box.remove();
  selection.removeAllRanges();
  ranges.forEach((range) => selection.addRange(range));
  activeElement?.focus({preventScroll: true});
  return isCopied;
};

/** Copies `text`; resolves to whether that has worked. */
export const copyText = async (text) => {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copySelection(text);
  }
};

/** `copy(text)`, and its `outcome`: "copied" or "failed" for a moment, else "". */
export const useCopy = () => {
  const [outcome, setOutcome] = useState("");
  useEffect(() => {
    if (!outcome) return;
    const timer = setTimeout(() => setOutcome(""), SHOWN_FOR);
    return () => clearTimeout(timer);
  }, [outcome]);
  const copy = useCallback(async (text) => setOutcome((await copyText(text)) ? "copied" : "failed"), []);
  return {copy, outcome};
};
