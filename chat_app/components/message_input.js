/**
 * The message box: the browser stores drafts, one for each address of the page, and the box grows with its text.
 * JavaScript, since a draft must not wait for the connection, which may be lost.
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
 * Takes the message out of its box, as if the visitor had, when it is handed to the connection, which may be lost with
 * it: so the browser keeps it until the server has it (see `state/sent.py`).
 *
 * @returns the id that the message's answer will have.
 */
export const onItsWay = (boxId, storedAs, text) => {
  const box = document.getElementById(boxId);
  const id = generateUUID().replaceAll("-", "");
  if (text.trim()) {
    attempt(() => {
      const others = JSON.parse(sessionStorage.getItem(storedAs) ?? "[]");
      sessionStorage.setItem(storedAs, JSON.stringify([...others, {id, text, path: window.location.pathname}]));
    });
  }
  box.value = "";
  box.dispatchEvent(new Event("input", {bubbles: true}));
  return id;
};
