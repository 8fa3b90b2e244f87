/**
 * The visitor's messages: edited in their place, and folded where they are long.
 * JavaScript, since focus, selection and the height of a text are the browser's.
 */
import {useEffect, useLayoutEffect, useRef, useState} from "react";

/**
 * Editing of a message: the focus goes into the editor, with the cursor at the end, and afterwards back. An edited
 * message is another version, with an id of its own, which closes the editor; one that couldn't be sent stays in it.
 *
 * @param id The message's.
 * @param messageBoxId Where the focus goes once it is sent.
 */
export const useEditing = (id, messageBoxId) => {
  const [isEditing, setEditing] = useState(false);
  const row = useRef();
  const before = useRef();
  useEffect(() => setEditing(false), [id]);
  useEffect(() => {
    if (!isEditing) {
      before.current?.focus();
      return;
    }
    const box = row.current.querySelector("textarea");
    box.dispatchEvent(new Event("input", {bubbles: true})); // page_start.js makes it as high as its text
    box.focus();
    box.setSelectionRange(box.value.length, box.value.length);
    row.current.scrollIntoView({block: "nearest"});
  }, [isEditing]);
  const edit = ({currentTarget}) => {
    const {activeElement, body} = document;
    before.current = activeElement === body ? currentTarget : activeElement;
    setEditing(true);
  };
  const send = () => { before.current = document.getElementById(messageBoxId); };
  const cancel = () => setEditing(false);
  const cancelWithEscape = (event) => {
    if (event.key !== "Escape" || event.nativeEvent.isComposing) return;
    event.preventDefault();
    cancel();
  };
  return {row, isEditing, edit, send, cancel, cancelWithEscape};
};

/** Whether `text` is longer than the style sheet lets the element with the `ref` be, and whether it is unfolded. */
export const useFolding = (text) => {
  const [isLong, setLong] = useState(false);
  const [isOpen, setOpen] = useState(false);
  const [element, ref] = useState(null);
  useLayoutEffect(() => {
    if (!element) return;
    const measure = () => element.matches(".folded") && setLong(element.scrollHeight > element.clientHeight + 1);
    measure();
    const sizes = new ResizeObserver(measure); // its lines are others in a window of another width
    sizes.observe(element);
    return () => sizes.disconnect();
  }, [element, text]);
  return {ref, isLong, isOpen, open: () => setOpen(true), toggle: () => setOpen((wasOpen) => !wasOpen)};
};
