"""A box that stays with its end while that grows, and stays put as soon as the reader has scrolled up.

https://github.com/stackblitz-labs/use-stick-to-bottom
"""

from typing import Any

import reflex as rx
from reflex_base.utils.imports import ImportDict

_LIBRARY = "use-stick-to-bottom@1.1.6"

# The library notices the wheel itself. Of a finger, a key or the scrollbar it knows only what the box has moved, and as
# long as new text comes many times a second it takes that for its own doing and goes back to the end.
_LET_GO = """useEffect(() => {
  const box = scrollRef.current;
  const on = (type, listener) => box.addEventListener(type, listener, {passive: true});
  let touched;
  on("touchstart", ({touches}) => { touched = touches[0].clientY; });
  on("touchmove", ({touches}) => { if (touches[0].clientY > touched) stopScroll(); });
  on("keydown", ({key}) => { if (["ArrowUp", "PageUp", "Home"].includes(key)) stopScroll(); });
  on("focusin", ({target}) => { if (target.matches("textarea")) stopScroll(); }); // who writes there stays there
  on("pointerdown", ({target, offsetX}) => { if (target === box && offsetX >= box.clientWidth) stopScroll(); });
}, []);"""


class _StickToBottom(rx.Component):
    library = _LIBRARY
    tag = "StickToBottom"

    role: rx.Var[str]
    initial: rx.Var[str]
    resize: rx.Var[str]


class _Content(rx.Component):
    library = _LIBRARY
    tag = "StickToBottom.Content"

    scroll_class_name: rx.Var[str]


def scroll_area(*children: rx.Component, content_class_name: str, **props: Any) -> rx.Component:
    """The box; its content moves at once rather than smoothly, so that what is read doesn't float."""
    content = _Content.create(*children, class_name=content_class_name, scroll_class_name="scroller")
    return _StickToBottom.create(content, initial="instant", resize="instant", **props)


class EndButton(rx.el.Button):
    """Inside a scroll area: a button that goes to its end, there only while the end is out of sight.

    Attributes:
        go_when: Goes to the end by itself when this changes to something that isn't empty.
    """

    go_when: rx.Var[str]

    def add_imports(self) -> ImportDict:
        return {_LIBRARY: "useStickToBottomContext", "react": "useEffect"}

    def add_hooks(self) -> list[str | rx.Var[Any]]:
        return [
            "const { isAtBottom, scrollRef, scrollToBottom, stopScroll } = useStickToBottomContext();",
            _LET_GO,
            f"useEffect(() => {{ if ({self.go_when!s}) scrollToBottom('instant'); }}, [{self.go_when!s}]);",
        ]

    @classmethod
    def create(cls, *children: Any, **props: Any) -> rx.el.Button:
        scroll = {"onClick": rx.Var("() => scrollToBottom()")}
        return super().create(*children, hidden=rx.Var("isAtBottom"), custom_attrs=scroll, type="button", **props)

    def _exclude_props(self) -> list[str]:
        return [*super()._exclude_props(), "go_when"]
