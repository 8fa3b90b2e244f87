/**
 * Announces an answer to screen readers while it streams (see `announcer.py`).
 * JavaScript, since what is announced is the text that the browser has drawn.
 */
import {useEffect, useRef} from "react";

const spoken = ":is(p, li, h2, h3, h4, h5, h6, pre, th, td):not(details *, .actions *)";
const unspoken = `${spoken}, button, annotation, [aria-hidden="true"], [role="status"]`;
const spokenText = (block) => {
  const copy = block.cloneNode(true);
  copy.querySelectorAll(unspoken).forEach((each) => each.remove());
  return copy.textContent.trim();
};

/** Announces the blocks of the answer with this id in `region`. @returns a function that stops it. */
const announceAnswer = (region, answerId) => {
  const blocks = () => [...(document.getElementById(answerId)?.querySelectorAll(spoken) ?? [])];
  // A continued answer has blocks already, of which only the last grows.
  let said = Math.max(0, blocks().length - 1);
  const announce = (complete) => {
    const piece = document.createElement("p");
    piece.textContent = complete.slice(said).map(spokenText).filter(Boolean).join("\n");
    said = Math.max(said, complete.length);
    if (!piece.textContent) return;
    region.append(piece);
    setTimeout(() => piece.remove(), 10_000);
  };
  const timer = setInterval(() => announce(blocks().slice(0, -1)), 1_000);
  return () => {
    clearInterval(timer);
    setTimeout(() => announce(blocks()), 500);
  };
};

/** The ref of a live region in which the answer with this id is announced; the id is "" while none streams. */
export const useAnnouncer = (answerId) => {
  const region = useRef();
  useEffect(() => (answerId ? announceAnswer(region.current, answerId) : undefined), [answerId]);
  return region;
};
