"""A scroll area that follows its end while its content grows, and stays put once the reader has scrolled up."""

from typing import Any

import reflex as rx
from reflex_base.utils.imports import ImportDict

from chat_app.compat.reflex import HookProps

_SCRIPT = rx.asset("scroll_area.js", shared=True).importable_path
rx.asset("select_words.js", shared=True)  # which it imports


def scroll_area(*children: rx.Component, content_class_name: str, class_name: str, **props: Any) -> rx.Component:
    """The scroll area. It jumps rather than scrolls smoothly, so that the text doesn't float while it is read."""
    content = rx.el.div(*children, class_name=content_class_name)
    return rx.el.div(rx.el.div(content, class_name="scroller"), class_name=f"scroll-area {class_name}", **props)


class EndButton(HookProps, rx.el.Button):
    """The button that scrolls to the end, shown only while that is far; it makes its scroll area follow the end.

    Attributes:
        shown: The id of the content. When it changes, the area scrolls to the end.
        go_when: When it changes to a value that isn't empty, the area scrolls to the end.
        found: The search hit to scroll to: an object with ``element_id`` and the ``words`` to select in it, a new one
            each time, or ``None``.
    """

    shown: rx.Var[str]
    go_when: rx.Var[str]
    found: rx.Var[Any]

    def add_imports(self) -> ImportDict:
        return {_SCRIPT: ["useEnd"]}

    def add_hooks(self) -> list[str | rx.Var[Any]]:
        return [f"const end = useEnd({self.shown!s}, {self.go_when!s}, {self.found!s});"]

    @classmethod
    def create(cls, *children: Any, **props: Any) -> rx.el.Button:
        end = {"ref": rx.Var("end.button"), "onClick": rx.Var("end.go")}
        return super().create(*children, hidden=rx.Var("end.isNear"), custom_attrs=end, type="button", **props)
