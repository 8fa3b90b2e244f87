/**
 * The message box: the browser stores drafts, one for each address of the page, and an outbox of messages that the server
 * hasn't acknowledged. JavaScript, since neither must wait for the connection, which may be lost.
 */
import {useEffect, useRef} from "react";

import {takeMessage} from "./prefill.js";

/** Access to storage, null where it fails (full or blocked): then a draft is only in the box. */
const attempt = (access) => {
  try {
    return access();
  } catch {
    return null;
  }
};
const draftName = () => `draft ${window.location.pathname}`;
const storedDraft = () => attempt(() => localStorage.getItem(draftName()));
const forgetDraft = (name) => attempt(() => localStorage.removeItem(name));

export const storeDraft = ({target: {value}}) =>
  value ? attempt(() => localStorage.setItem(draftName(), value)) : forgetDraft(draftName());

/** Sets the text of a box and fires `input`, so that the draft is stored and the box fits its text. */
const write = (box, text) => {
  box.value = text;
  box.dispatchEvent(new Event("input", {bubbles: true}));
};

const showDraft = (box, pathBefore, path, ownPath) => {
  const draft = storedDraft();
  const isTypedEarly = pathBefore === undefined && box.value; // before this script had come
  const isTypedForNew = pathBefore === "/" && path === ownPath && draft === null; // a new conversation got its address
  // `path` is below the app's own path on its host, REFLEX_FRONTEND_PATH.
  if (isTypedForNew) forgetDraft(`draft ${window.location.pathname.slice(0, -path.length)}/`);
  write(box, isTypedEarly || isTypedForNew ? box.value : (draft ?? ""));
};

/** Submits the form of the box once everything around it is mounted. @returns the cleanup of an effect. */
const submitSoon = (boxId) => {
  const timer = setTimeout(() => document.getElementById(boxId).form.requestSubmit());
  return () => clearTimeout(timer);
};

/**
 * The draft in the box with this id, at the address `path`, and the message in the address's query `search`.
 *
 * @param ownPath The address that the conversation on the page has, or will have as soon as the browser goes there.
 */
export const useMessageBox = (boxId, path, search, ownPath) => {
  const pathBefore = useRef();
  useEffect(() => {
    showDraft(document.getElementById(boxId), pathBefore.current, path, ownPath);
    pathBefore.current = path;
  }, [path]);
  useEffect(() => (window.takeEarlyMessage?.() ? submitSoon(boxId) : undefined), []); // see page_start.js
  useEffect(() => {
    const {text, mayBeSent} = takeMessage();
    const isEmpty = !document.getElementById(boxId).value;
    if (text) prepend(boxId, [text]);
    return text && mayBeSent && isEmpty ? submitSoon(boxId) : undefined;
  }, [search]);
};

/** The outbox: messages that the server hasn't acknowledged yet, in the tab's session storage. */
const outbox = () => attempt(() => JSON.parse(sessionStorage.getItem("sent"))) ?? [];
const storeOutbox = (messages) => attempt(() => sessionStorage.setItem("sent", JSON.stringify(messages)));

/** Writes texts into a box, before the text in it. */
const prepend = (boxId, texts) => {
  const box = document.getElementById(boxId);
  write(box, [...texts, box.value].filter(Boolean).join("\n\n"));
};

/** Functions for the server to call, with `rx.call_script` (see `state/conversation/message_box.py`). */
globalThis.messageBox = {
  prepend,
  /** Ids of the messages in the outbox that were sent from the page's address. */
  outboxIds: () => outbox().filter(({path}) => path === window.location.pathname).map(({id}) => id),
  restoreFromOutbox: (boxId, ids) => prepend(boxId, outbox().filter(({id}) => ids.includes(id)).map(({text}) => text)),
  removeFromOutbox: (ids) => storeOutbox(outbox().filter(({id}) => !ids.includes(id))),
  /** Deletes the drafts of all addresses. */
  deleteDrafts: () => {
    const names = attempt(() => Array.from({length: localStorage.length}, (_, index) => localStorage.key(index))) ?? [];
    names.filter((name) => name.startsWith("draft ")).forEach(forgetDraft);
  },
};

/**
 * Moves a message from its box to the outbox when it is handed to the connection, which may be lost with it.
 *
 * @returns the id that the message's answer will have: 32 hex digits.
 */
export const moveToOutbox = (boxId, text) => {
  // `crypto.randomUUID` is missing on plain HTTP.
  const id = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  if (text.trim()) storeOutbox([...outbox(), {id, text, path: window.location.pathname}]);
  write(document.getElementById(boxId), "");
  return id;
};
