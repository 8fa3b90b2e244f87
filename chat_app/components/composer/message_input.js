/**
 * The message box: the browser stores drafts, one for each address of the page, and the box grows with its text. Messages
 * on their way are kept until they have arrived. JavaScript, since neither must wait for the connection, which may be lost.
 */
import {useEffect, useRef} from "react";
import {generateUUID} from "$/utils/state";

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
const forgetDraft = (name = draftName()) => attempt(() => localStorage.removeItem(name));
const keepDraft = (text) => (text ? attempt(() => localStorage.setItem(draftName(), text)) : forgetDraft());

/** Makes a box as high as its text, in browsers without https://caniuse.com/mdn-css_properties_field-sizing */
export const fit = (box) => {
  if (CSS.supports("field-sizing", "content")) return;
  box.style.height = "auto";
  box.style.height = `${box.scrollHeight}px`;
};

export const onMessageInput = ({target}) => {
  keepDraft(target.value);
  fit(target);
};

const showDraft = (box, pathBefore, path, ownPath) => {
  const draft = storedDraft();
  if (pathBefore === undefined && box.value) {
    keepDraft(box.value); // typed before this script had come
  } else if (pathBefore === "/" && path === ownPath && draft === null) {
    // A new conversation has just got its address: what is in the box was typed for it.
    forgetDraft("draft /");
    keepDraft(box.value);
  } else {
    box.value = draft ?? "";
  }
  fit(box);
};

/**
 * The draft in the box with this id, at the address `path`.
 *
 * @param ownPath The address that the conversation on the page has, or will have as soon as the browser goes there.
 */
export const useMessageBox = (boxId, path, ownPath) => {
  const pathBefore = useRef();
  useEffect(() => {
    showDraft(document.getElementById(boxId), pathBefore.current, path, ownPath);
    pathBefore.current = path;
  }, [path]);
  useEffect(() => {
    if (!window.takeEarlyMessage?.()) return; // see page_start.js
    const timer = setTimeout(() => document.getElementById(boxId).form.requestSubmit()); // once everything around it is mounted
    return () => clearTimeout(timer);
  }, []);
};

/**
 * Sends with Enter, except where the key means something else: with Shift a new line; while an input method composes
 * Korean, Japanese or Chinese, the end of the composition (keyCode 229:
 * https://www.w3.org/TR/uievents/#determine-keydown-keyup-keyCode, for Safari, which ends the composition first); on a
 * touch screen, whose keyboards have no Shift+Enter, a new line; while the box's form has no button that sends, nothing.
 */
export const sendWithEnter = (event) => {
  if (event.nativeEvent.isComposing || event.keyCode === 229 || event.shiftKey) return;
  if (event.key !== "Enter" || window.matchMedia("(pointer: coarse)").matches) return;
  event.preventDefault();
  const box = event.target;
  if (!event.repeat && box.value.trim()) box.form.querySelector("[type=submit]")?.click();
};

const sent = () => attempt(() => JSON.parse(sessionStorage.getItem("sent"))) ?? [];
const keepSent = (messages) => attempt(() => sessionStorage.setItem("sent", JSON.stringify(messages)));

/** Writes texts into a box, before what is in it, and fires `input`, so that the draft is stored. */
const putBack = (boxId, texts) => {
  const box = document.getElementById(boxId);
  box.value = [...texts, box.value].filter(Boolean).join("\n\n");
  box.dispatchEvent(new Event("input", {bubbles: true}));
};

/** What the server calls, with `rx.call_script` (see `state/sent.py`). */
globalThis.messageBox = {
  putBack,
  /** Ids of the messages that were sent from the page's address and of which nothing has been heard. */
  sentIds: () => sent().filter(({path}) => path === window.location.pathname).map(({id}) => id),
  putSentBack: (boxId, ids) => putBack(boxId, sent().filter(({id}) => ids.includes(id)).map(({text}) => text)),
  forgetSent: (ids) => keepSent(sent().filter(({id}) => !ids.includes(id))),
};

/**
 * Takes the message out of its box, as if the visitor had, when it is handed to the connection, which may be lost with
 * it: so the browser keeps it until the server has it.
 *
 * @returns the id that the message's answer will have.
 */
export const onItsWay = (boxId, text) => {
  const box = document.getElementById(boxId);
  const id = generateUUID().replaceAll("-", "");
  if (text.trim()) keepSent([...sent(), {id, text, path: window.location.pathname}]);
  box.value = "";
  box.dispatchEvent(new Event("input", {bubbles: true}));
  return id;
};
