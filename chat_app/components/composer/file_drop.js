/**
 * Files that are dropped on the page or pasted: a short text is inserted into the message box, others are refused.
 * JavaScript, since the browser would open a dropped file in place of the page.
 */
import {useEffect, useState} from "react";

const MAX_BYTES = 400_000; // four for each character that a message may have by default, and more
const SHOWN_FOR = 12_000; // milliseconds

/** A file's text, or "" where it is no text. */
export const textOf = async (file) => {
  if (file.size > MAX_BYTES) return "";
  try {
    const text = new TextDecoder("utf-8", {fatal: true}).decode(await file.arrayBuffer());
    return text.includes("\0") ? "" : text;
  } catch {
    return ""; // another encoding, an image; a folder can't be read at all
  }
};

/**
 * Inserts the text of one file into a box, as if it had been typed, so that it can be undone and is saved as a draft.
 *
 * @returns a promise of "inserted", or of "refused" where nothing was.
 */
export const insertFile = async ([file, ...others], box, maxChars) => {
  const text = others.length ? "" : await textOf(file);
  if (!text || (maxChars && box.value.length + text.length > maxChars)) return "refused";
  box.focus();
  document.execCommand("insertText", false, text);
  return "inserted";
};

/** The outcome of the last file, "" after a while. It listens on the whole page, where the browser would open a file. */
export const useFileDrop = (boxId, maxChars) => {
  const [outcome, setOutcome] = useState("");
  useEffect(() => {
    const insert = async (files, box) => setOutcome(await insertFile(files, box, maxChars));
    const onDrag = (event) => {
      const {type, target, dataTransfer} = event;
      if (!dataTransfer?.types.includes("Files") || target.matches?.("input[type='file']")) return;
      event.preventDefault();
      if (type === "drop") insert([...dataTransfer.files], document.getElementById(boxId));
    };
    const onPaste = (event) => {
      const {files, types} = event.clipboardData;
      // A spreadsheet brings a picture of what it brings as text, too.
      if (!files.length || types.includes("text/plain") || !event.target.matches("textarea")) return;
      event.preventDefault();
      insert([...files], event.target);
    };
    const listening = new AbortController();
    const listen = (type, listener) => document.addEventListener(type, listener, {signal: listening.signal});
    listen("dragover", onDrag);
    listen("drop", onDrag);
    listen("paste", onPaste);
    return () => listening.abort();
  }, [boxId, maxChars]);
  useEffect(() => {
    if (!outcome) return;
    const timer = setTimeout(setOutcome, SHOWN_FOR, "");
    return () => clearTimeout(timer);
  }, [outcome]);
  return outcome;
};
