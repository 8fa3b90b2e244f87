/**
 * A selection of text that outlives what React does to the text.
 *
 * A text node that grows is given its whole text anew, which moves the ends of a selection in it to its beginning; a
 * block that is drawn again takes its nodes away. JavaScript, since only the browser knows the selection. https://dom.spec.whatwg.org/#concept-cd-replace
 */
import {useEffect} from "react";

const OUTLIVES = 1000; // milliseconds; an answer that has ended is drawn once more

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

/** Where one end of a selection is; outside of `root` nothing moves it. */
const placeOf = (root, node, offset) => {
  if (!root.contains(node)) return () => [node, offset];
  const distance = offsetIn(root, node, offset);
  return () => placeAt(root, distance);
};

/** Keeps a selection that has an end in `root`. @returns what ends it. */
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
  // An observer is called before the document hears, in a task of its own, that its selection has changed.
  const changes = new MutationObserver(restore);
  changes.observe(root, {childList: true, characterData: true, subtree: true});
  document.addEventListener("selectionchange", remember);
  return () => {
    changes.disconnect();
    document.removeEventListener("selectionchange", remember);
  };
};

/** Keeps it in the answer with this id, while that is being written. */
export const useKeptSelection = (answerId) => {
  useEffect(() => {
    const answer = document.getElementById(answerId);
    if (!answer) return;
    const stop = keepSelection(answer);
    return () => setTimeout(stop, OUTLIVES);
  }, [answerId]);
};
