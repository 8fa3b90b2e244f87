/**
 * Files for the next message: chosen, dropped on the page or pasted, and uploaded to the API. JavaScript, since only the
 * browser has them, and would open a dropped file in place of the page.
 */
import {useEffect} from "react";

const running = new Set();
let isSubmitted = false;

/** Puts files into the file input, as if they had been chosen there. */
const choose = (input, files) => {
  const transfer = new DataTransfer();
  for (const file of files) transfer.items.add(file);
  input.files = transfer.files;
  input.dispatchEvent(new Event("change", {bubbles: true}));
};

/** The files of a paste: those on the clipboard, or a long text as a file. A spreadsheet brings a picture of its text. */
export const pastedFiles = (clipboard, longPaste) => {
  const text = clipboard.getData("text/plain");
  if (clipboard.files.length && !text) return [...clipboard.files];
  return longPaste && text.length > longPaste ? [new File([text], "pasted.txt", {type: "text/plain"})] : [];
};

/** Listens on the whole page for files that are dropped or pasted, and holds a message back while files are uploaded. */
export const useAttachments = (boxId, inputId, longPaste) => {
  useEffect(() => {
    const listening = new AbortController();
    const listen = (type, listener) =>
      document.addEventListener(type, listener, {signal: listening.signal, capture: true});
    const input = () => document.getElementById(inputId);
    const onDrag = (event) => {
      const {type, target, dataTransfer} = event;
      if (!dataTransfer?.types.includes("Files") || target.matches?.("input[type='file']")) return;
      event.preventDefault();
      if (type === "drop") choose(input(), dataTransfer.files);
    };
    const onPaste = (event) => {
      if (event.target.id !== boxId) return;
      const files = pastedFiles(event.clipboardData, longPaste);
      if (!files.length) return;
      event.preventDefault();
      choose(input(), files);
    };
    const onSubmit = (event) => {
      if (!running.size || !event.target.contains(document.getElementById(boxId))) return;
      event.preventDefault();
      event.stopPropagation();
      isSubmitted = true;
    };
    listen("dragover", onDrag);
    listen("drop", onDrag);
    listen("paste", onPaste);
    listen("submit", onSubmit);
    return () => listening.abort();
  }, [boxId, inputId, longPaste]);
};

const showProgress = (progress) => {
  const all = [...running];
  progress.hidden = !all.length;
  progress.value = all.reduce((sum, {loaded}) => sum + loaded, 0);
  progress.max = all.reduce((sum, {total}) => sum + total, 0) || 1;
};

const upload = (file, url, progress) => new Promise((resolve) => {
  const request = new XMLHttpRequest(); // fetch has no progress
  const entry = {loaded: 0, total: file.size};
  running.add(entry);
  showProgress(progress);
  request.upload.onprogress = ({loaded}) => {
    entry.loaded = loaded;
    showProgress(progress);
  };
  request.onloadend = () => {
    running.delete(entry);
    showProgress(progress);
    resolve(request.response);
  };
  const form = new FormData();
  form.append("file", file);
  request.open("POST", url);
  request.responseType = "json";
  request.withCredentials = true;
  request.send(form);
});

/**
 * Uploads the files that were chosen in `input`, and clears it, so that the same file can be chosen again. A message that
 * was sent meanwhile follows them; it stays in the box if one of them couldn't be uploaded.
 *
 * @param ping The URL of the API's "ping".
 * @param limits `bytes` of a file, 0 until they are known, and how many `files` can be added.
 * @param sentences For a file that is too large, one too many, and one that couldn't be sent.
 * @returns a promise of the API's replies, of an error in place of each that is missing.
 */
export const uploadFiles = async (input, ping, limits, sentences) => {
  const url = new URL(ping.pathname.replace(/ping$/, "files"), ping);
  const progress = input.form.querySelector("progress");
  const error = (message) => ({error: {message}});
  const files = [...input.files];
  input.value = "";
  const replies = await Promise.all(files.map(async (file) => {
    if (limits.bytes && file.size > limits.bytes) return error(sentences.tooLarge);
    if (limits.bytes && running.size >= limits.files) return error(sentences.tooMany);
    return (await upload(file, url, progress)) ?? error(sentences.failed);
  }));
  if (replies.some((reply) => reply.error)) isSubmitted = false;
  if (isSubmitted && !running.size) setTimeout(() => input.form.requestSubmit(), 50); // after the replies have been sent
  if (!running.size) isSubmitted = false;
  return replies;
};
