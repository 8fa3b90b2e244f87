"""A box that stays with its end while that grows, and stays put as soon as the reader has scrolled up."""

from typing import Any

import reflex as rx
from reflex_base.utils.imports import ImportDict

from chat_app.compat import HookProps

_SCRIPT = rx.asset("scroll_area.js", shared=True)
rx.asset("select_words.js", shared=True)  # which it imports


def scroll_area(*children: rx.Component, content_class_name: str, class_name: str, **props: Any) -> rx.Component:
    """The box; its content moves at once rather than smoothly, so that what is read doesn't float."""
    content = rx.el.div(*children, class_name=content_class_name)
    return rx.el.div(rx.el.div(content, class_name="scroller"), class_name=f"scroll-area {class_name}", **props)


class EndButton(HookProps, rx.el.Button):
    """The button of a scroll area that goes to its end, shown only while that is far; it makes the area follow its end.

    Attributes:
        shown: What the box shows. Something else is shown from its end.
        go_when: Goes to the end by itself when this changes to something that isn't empty.
        found: Goes there by itself: an object with ``element_id`` and the ``words`` to select in it, another one each
            time, or ``None``.
    """

    shown: rx.Var[str]
    go_when: rx.Var[str]
    found: rx.Var[Any]

    def add_imports(self) -> ImportDict:
        return {_SCRIPT.importable_path: ["useEndOfBox"]}

    def add_hooks(self) -> list[str | rx.Var[Any]]:
        return [f"const end = useEndOfBox({self.shown!s}, {self.go_when!s}, {self.found!s});"]

    @classmethod
    def create(cls, *children: Any, **props: Any) -> rx.el.Button:
        end = {"ref": rx.Var("end.button"), "onClick": rx.Var("end.go")}
        return super().create(*children, hidden=rx.Var("end.isNear"), custom_attrs=end, type="button", **props)
