/**
 * Keeps the selection of text in an answer while React draws the text again.
 *
 * React replaces the whole text of a text node that grows, which moves the ends of a selection in it to the node's start
 * (https://dom.spec.whatwg.org/#concept-cd-replace), and removes the nodes of a block that is drawn again.
 * JavaScript, since only the browser knows the selection.
 */
import {useEffect} from "react";

const KEPT_AFTER_END = 1000; // milliseconds: an answer that has ended is drawn once more

const offsetIn = (root, node, offset) => {
  const range = document.createRange();
  range.setStart(root, 0);
  range.setEnd(node, offset);
  return range.toString().length;
};

const placeAt = (root, offset) => {
  const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  let rest = offset;
  while (texts.nextNode()) {
    if (rest <= texts.currentNode.length) return [texts.currentNode, rest];
    rest -= texts.currentNode.length;
  }
  return [root, root.childNodes.length];
};

/** A function that returns an end of a selection after its text was drawn again; outside of `root` it stays in its node. */
const placeOf = (root, node, offset) => {
  if (!root.contains(node)) return () => [node, offset];
  const distance = offsetIn(root, node, offset);
  return () => placeAt(root, distance);
};

/** Keeps a selection that has an end in `root`. @returns a function that stops it. */
export const keepSelection = (root) => {
  const selection = getSelection();
  let kept = null;
  const remember = () => {
    const {anchorNode, anchorOffset, focusNode, focusOffset} = selection;
    kept = selection.isCollapsed || !(root.contains(anchorNode) || root.contains(focusNode)) ? null : {
      text: selection.toString(),
      anchor: placeOf(root, anchorNode, anchorOffset),
      focus: placeOf(root, focusNode, focusOffset),
    };
  };
  const restore = () => {
    if (kept && selection.toString() !== kept.text) selection.setBaseAndExtent(...kept.anchor(), ...kept.focus());
  };
  remember();
  // An observer is called before `selectionchange`, which is fired in a task of its own.
  const changes = new MutationObserver(restore);
  changes.observe(root, {childList: true, characterData: true, subtree: true});
  document.addEventListener("selectionchange", remember);
  return () => {
    changes.disconnect();
    document.removeEventListener("selectionchange", remember);
  };
};

/** Keeps the selection in the answer with this id while it streams. */
export const useKeptSelection = (answerId) => {
  useEffect(() => {
    const answer = document.getElementById(answerId);
    if (!answer) return;
    const stop = keepSelection(answer);
    return () => setTimeout(stop, KEPT_AFTER_END);
  }, [answerId]);
};
