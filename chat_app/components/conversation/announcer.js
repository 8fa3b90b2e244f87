/**
 * Reads an answer out to people with a screen reader while it is being written (see `announcer.py`). JavaScript, since what
 * is read out is what the browser has drawn.
 */
import {useEffect, useRef} from "react";

const spoken = ":is(p, li, h2, h3, h4, h5, h6, pre, th, td):not(details *, .actions *)";
const unspoken = `${spoken}, button, annotation, [aria-hidden="true"], [role="status"]`;
const spokenText = (block) => {
  const copy = block.cloneNode(true);
  copy.querySelectorAll(unspoken).forEach((each) => each.remove());
  return copy.textContent.trim();
};
/** Reads the answer with this id out in `region`. Returns what ends that. */
const announcing = (region, answerId) => {
  // What an answer that is continued has already isn't read out again; the last part is still growing.
  const parts = () => [...(document.getElementById(answerId)?.querySelectorAll(spoken) ?? [])];
  let said = Math.max(0, parts().length - 1);
  const announce = (complete) => {
    const piece = document.createElement("p");
    piece.textContent = complete.slice(said).map(spokenText).filter(Boolean).join("\n");
    said = Math.max(said, complete.length);
    if (!piece.textContent) return;
    region.append(piece);
    setTimeout(() => piece.remove(), 10_000);
  };
  const timer = setInterval(() => announce(parts().slice(0, -1)), 1_000);
  return () => {
    clearInterval(timer);
    setTimeout(() => announce(parts()), 500);
  };
};

/** The ref of a region in which the answer with this id is read out; the id is empty while none is written. */
export const useAnnouncer = (answerId) => {
  const region = useRef();
  useEffect(() => (answerId ? announcing(region.current, answerId) : undefined), [answerId]);
  return region;
};
