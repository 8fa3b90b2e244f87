/**
 * Files that are dropped on the page or pasted: a short text is inserted into the message box, others are refused.
 * JavaScript, since the browser would open a dropped file in place of the page.
 */
import {useEffect, useState} from "react";

const MAX_BYTES = 400_000; // four for each character that a message may have by default, and more
const SHOWN_FOR = 12_000; // milliseconds

/** A file's text, or null where it is no text. */
const textOf = async (file) => {
  if (file.size > MAX_BYTES) return null;
  try {
    const text = new TextDecoder("utf-8", {fatal: true}).decode(await file.arrayBuffer());
    return text.includes("\0") ? null : text;
  } catch {
    return null; // another encoding, an image; a folder can't be read at all
  }
};

/** Inserts text as if it had been typed, so that it can be undone and is saved as a draft. */
const insert = (box, text) => {
  box.focus();
  if (document.execCommand("insertText", false, text)) return;
  box.setRangeText(text, box.selectionStart, box.selectionEnd, "end");
  box.dispatchEvent(new Event("input", {bubbles: true}));
};

/**
 * Puts the text of one file into the box with this id, or into the one that it is pasted into.
 *
 * @returns "inserted", or "refused" where nothing was.
 */
const take = async (files, box, maxChars) => {
  const text = files.length === 1 ? await textOf(files[0]) : null;
  if (!text || (maxChars && box.value.length + text.length > maxChars)) return "refused";
  insert(box, text);
  return "inserted";
};

const hasFiles = ({dataTransfer}) => dataTransfer?.types.includes("Files");
const isFileInput = ({target}) => target.matches?.("input[type='file']");

/** The outcome of the last file, "" after a while. It listens on the whole page, where the browser would open a file. */
export const useFileDrop = (boxId, maxChars) => {
  const [outcome, setOutcome] = useState("");
  useEffect(() => {
    const handle = async (files, box) => setOutcome(await take(files, box, maxChars));
    const onDragOver = (event) => {
      if (hasFiles(event) && !isFileInput(event)) event.preventDefault();
    };
    const onDrop = (event) => {
      if (!hasFiles(event) || isFileInput(event)) return;
      event.preventDefault();
      handle([...event.dataTransfer.files], document.getElementById(boxId));
    };
    const onPaste = (event) => {
      const {files, types} = event.clipboardData;
      // A spreadsheet brings a picture of what it brings as text, too.
      if (!files.length || types.includes("text/plain") || !event.target.matches("textarea")) return;
      event.preventDefault();
      handle([...files], event.target);
    };
    const listening = new AbortController();
    const {signal} = listening;
    document.addEventListener("dragover", onDragOver, {signal});
    document.addEventListener("drop", onDrop, {signal});
    document.addEventListener("paste", onPaste, {signal});
    return () => listening.abort();
  }, [boxId, maxChars]);
  useEffect(() => {
    if (!outcome) return;
    const timer = setTimeout(() => setOutcome(""), SHOWN_FOR);
    return () => clearTimeout(timer);
  }, [outcome]);
  return outcome;
};
