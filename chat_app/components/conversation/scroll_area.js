/**
 * A box that stays with its end while that grows, and stays put as soon as the reader has scrolled up.
 *
 * It is moved in the same frame in which its content has grown. What libraries do, use-stick-to-bottom for one, takes
 * two frames more each time, and while text streams that is half of what the page costs. JavaScript, since it reacts to
 * sizes and positions within one frame.
 */
import {useEffect, useRef, useState} from "react";
import {selectWords} from "./select_words.js";

const PATIENCE = 1000; // milliseconds
// The focus moves too, so that keyboards and screen readers go on from there.
const focusOn = (element) => {
  element.tabIndex = -1;
  element.addEventListener("blur", () => element.removeAttribute("tabindex"), {once: true});
  element.focus({preventScroll: true});
  element.scrollIntoView();
};
/**
 * @param shown What the box shows. Something else is shown from its end.
 * @param goWhen Goes to the end when this changes to something that isn't empty.
 * @param found Goes there: an object with `element_id` and the `words` to select in it, or null.
 * @returns `button`, the ref of an element in the box, `go` to the end, and whether it `isNear`.
 */
export const useEndOfBox = (shown, goWhen, found) => {
  const [isNear, setNear] = useState(true);
  const button = useRef();
  const box = useRef();
  const follows = useRef(true);
  const seen = useRef();
  const note = ({scrollTop, scrollHeight}) => { seen.current = {scrollTop, scrollHeight}; };
  const go = () => {
    follows.current = true;
    box.current.scrollTop = box.current.scrollHeight;
    note(box.current);
  };
  useEffect(() => {
    const element = button.current.closest(".scroll-area").querySelector(".scroller");
    box.current = element;
    note(element);
    let isHeld = false;
    const listening = new AbortController();
    const on = (target, type, listener) =>
      target.addEventListener(type, listener, {passive: true, signal: listening.signal});
    const away = () => element.scrollHeight - element.clientHeight - element.scrollTop;
    const look = () => {
      const {scrollTop, scrollHeight} = seen.current;
      const isUp = element.scrollTop < scrollTop && element.scrollHeight >= scrollHeight;
      follows.current = !isUp && (follows.current || away() < 10);
      // Not only when the size has changed: another conversation may be as long as the one before.
      follows.current && !isHeld ? go() : note(element);
      setNear(away() < 70);
    };
    const sizes = new ResizeObserver(look);
    sizes.observe(element);
    sizes.observe(element.firstElementChild);
    on(element, "scroll", look);
    // Who selects a text, or moves the scrollbar, goes where they want to; who writes or unfolds something stays there.
    on(element, "pointerdown", () => { isHeld = true; });
    on(window, "pointerup", () => { isHeld = false; });
    on(window, "pointercancel", () => { isHeld = false; });
    on(element, "focusin", ({target}) => { if (target.matches("textarea, summary")) follows.current = false; });
    return () => {
      listening.abort();
      sizes.disconnect();
    };
  }, []);
  useEffect(go, [shown]);
  useEffect(() => { if (goWhen) go(); }, [goWhen]);
  useEffect(() => {
    const element = document.getElementById(found?.element_id);
    if (!element) return;
    follows.current = false;
    focusOn(element);
    // What draws its words does so a moment later.
    const sizes = new ResizeObserver(() => {
      if (document.activeElement !== element || selectWords(element, found.words)) sizes.disconnect();
    });
    sizes.observe(element);
    const timer = setTimeout(() => sizes.disconnect(), PATIENCE);
    return () => {
      clearTimeout(timer);
      sizes.disconnect();
    };
  }, [found]);
  return {button, go, isNear};
};
