/**
 * Copying text, also where there is no `navigator.clipboard`: on plain HTTP, or where the browser refuses it.
 * JavaScript, since the clipboard is the browser's, and opens only during a click.
 */
import {useEffect, useState} from "react";

const SHOWN_FOR = 2000; // milliseconds

/** Copies by `execCommand`, and leaves selection and focus alone. WebKit needs `beforecopy` where nothing is selected. */
const copyByCommand = (text) => {
  const listening = new AbortController();
  const options = {capture: true, signal: listening.signal};
  const onCopy = (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
    event.clipboardData.setData("text/plain", text);
  };
  document.addEventListener("beforecopy", (event) => event.preventDefault(), options);
  document.addEventListener("copy", onCopy, options);
  const isCopied = document.execCommand("copy");
  listening.abort();
  return isCopied;
};

/** Copies `text`. @returns a promise of whether that has worked. */
export const copyText = async (text) => {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyByCommand(text);
  }
};

/** `copy(text)`, and its `outcome`: "copied" or "failed" for a moment, else "". */
export const useCopy = () => {
  const [outcome, setOutcome] = useState("");
  useEffect(() => {
    if (!outcome) return;
    const timer = setTimeout(setOutcome, SHOWN_FOR, "");
    return () => clearTimeout(timer);
  }, [outcome]);
  const copy = async (text) => setOutcome((await copyText(text)) ? "copied" : "failed");
  return {copy, outcome};
};
