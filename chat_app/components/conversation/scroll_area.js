/**
 * A scroll area that follows its end while its content grows, and stays put once the reader has scrolled up.
 * JavaScript, since it reacts to sizes and positions within one frame.
 *
 * It scrolls in the frame in which its content has grown. Libraries such as use-stick-to-bottom take two more frames each
 * time, which while text streams is half of what the page costs.
 */
import {useEffect, useRef, useState} from "react";
import {selectWords} from "./select_words.js";

const PATIENCE = 1000; // milliseconds

/** Scrolls to an element and focuses it, so that keyboards and screen readers go on from there. */
const focusOn = (element) => {
  element.tabIndex = -1;
  element.addEventListener("blur", () => element.removeAttribute("tabindex"), {once: true});
  element.focus({preventScroll: true});
  element.scrollIntoView();
};

/**
 * Follows the end of the scroll area around a button. The parameters are the props of `EndButton` in scroll_area.py.
 *
 * @returns `button`, its ref, `go` to the end, and whether that `isNear`.
 */
export const useEnd = (shown, goWhen, found) => {
  const [isNear, setNear] = useState(true);
  const button = useRef();
  const scroller = useRef();
  const follows = useRef(true);
  const last = useRef(); // the position and height after the last change
  const note = ({scrollTop, scrollHeight}) => { last.current = {scrollTop, scrollHeight}; };
  const go = () => {
    follows.current = true;
    scroller.current.scrollTop = scroller.current.scrollHeight;
    note(scroller.current);
  };
  useEffect(() => {
    const element = button.current.closest(".scroll-area").querySelector(".scroller");
    scroller.current = element;
    note(element);
    let isHeld = false;
    const listening = new AbortController();
    const on = (target, type, listener) =>
      target.addEventListener(type, listener, {passive: true, signal: listening.signal});
    const away = () => element.scrollHeight - element.clientHeight - element.scrollTop;
    const update = () => {
      const {scrollTop, scrollHeight} = last.current;
      const isScrolledUp = element.scrollTop < scrollTop && element.scrollHeight >= scrollHeight;
      follows.current = !isScrolledUp && (follows.current || away() < 10);
      // Also while the size is the same: another conversation may be as long as the one before.
      if (follows.current && !isHeld) go();
      else note(element);
      setNear(away() < 70);
    };
    const sizes = new ResizeObserver(update);
    sizes.observe(element);
    sizes.observe(element.firstElementChild);
    on(element, "scroll", update);
    // Stays put while the reader selects text or drags the scrollbar, and where they edit or unfold something.
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
    // Its Markdown may be drawn a moment later.
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
