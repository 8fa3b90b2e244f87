"""A box that stays with its end while that grows, and stays put as soon as the reader has scrolled up.

It is moved in the same frame in which its content has grown. What libraries do, use-stick-to-bottom for one, takes two
frames more each time, and while text streams that is half of what the page costs.
"""

from typing import Any

import reflex as rx
from reflex_base.utils.imports import ImportDict

_END = """
const PATIENCE = 1000; // milliseconds
// The focus goes along: there who listens to the page, or uses the keyboard, goes on.
const focusOn = (element) => {
  element.tabIndex = -1;
  element.addEventListener("blur", () => element.removeAttribute("tabindex"), {once: true});
  element.focus({preventScroll: true});
  element.scrollIntoView();
};
// https://developer.mozilla.org/en-US/docs/Web/API/Window/find
const select = (words, element) => {
  const selection = getSelection();
  selection.collapse(element, 0);
  const isFound = window.find(words) && element.contains(selection.anchorNode);
  if (isFound) selection.anchorNode.parentElement.scrollIntoView({block: "center"});
  else selection.removeAllRanges();
  return isFound;
};
const useEndOfBox = (shown, goWhen, found) => {
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
      if (document.activeElement !== element || select(found.words, element)) sizes.disconnect();
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
"""


def scroll_area(*children: rx.Component, content_class_name: str, class_name: str, **props: Any) -> rx.Component:
    """The box; its content moves at once rather than smoothly, so that what is read doesn't float."""
    content = rx.el.div(*children, class_name=content_class_name)
    return rx.el.div(rx.el.div(content, class_name="scroller"), class_name=f"scroll-area {class_name}", **props)


class EndButton(rx.el.Button):
    """Inside a scroll area, and what makes it follow its end: a button that goes there, shown only while it is far.

    Attributes:
        shown: What the box shows. Something else is shown from its end.
        go_when: Goes to the end by itself when this changes to something that isn't empty.
        found: Goes there by itself: an object with ``element_id`` and ``words`` that are in it, or ``None``; another
            one each time.
    """

    shown: rx.Var[str]
    go_when: rx.Var[str]
    found: rx.Var[Any]

    def add_imports(self) -> ImportDict:
        return {"react": ["useEffect", "useRef", "useState"]}

    def add_custom_code(self) -> list[str]:
        return [_END]

    def add_hooks(self) -> list[str | rx.Var[Any]]:
        return [f"const end = useEndOfBox({self.shown!s}, {self.go_when!s}, {self.found!s});"]

    @classmethod
    def create(cls, *children: Any, **props: Any) -> rx.el.Button:
        end = {"ref": rx.Var("end.button"), "onClick": rx.Var("end.go")}
        return super().create(*children, hidden=rx.Var("end.isNear"), custom_attrs=end, type="button", **props)

    def _exclude_props(self) -> list[str]:
        return [*super()._exclude_props(), "shown", "go_when", "found"]
