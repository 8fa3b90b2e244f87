"""A diagram in an answer: its code, with a button that has Mermaid (https://mermaid.js.org) draw it."""

from typing import Any

import reflex as rx
from reflex_base.utils.imports import ImportDict

from chat_app.compat.reflex import HookProps
from chat_app.components.kit.text import text
from chat_app.components.markdown.code_block import code_frame
from chat_app.components.markdown.picture_view import enlarge_button

_MODULE = rx.asset("diagram.js", shared=True).importable_path
_IS_WANTED = rx.Var("isWanted").to(bool)
_DRAWING = rx.Var("drawing").to(dict[str, Any])
_IMAGE = {"src": _DRAWING["src"], "alt": text("diagram"), "width": _DRAWING["width"], "height": _DRAWING["height"]}


class _Diagram(HookProps, rx.el.Div):
    lib_dependencies: list[str] = ["mermaid@11.17.2"]  # noqa: RUF012 - Reflex's own way to declare it

    source: rx.Var[str]

    def add_imports(self) -> ImportDict:
        return {"react": "useState", _MODULE: "useDiagram"}

    def add_hooks(self) -> list[str | rx.Var[Any]]:
        return [
            "const [isWanted, setWanted] = useState(false);",
            f"const drawing = useDiagram({self.source!s}, isWanted);",
        ]


@rx.memo
def diagram(children: rx.Var[rx.Component], source: rx.Var[str]) -> rx.Component:
    """The block that Streamdown makes of ``source``, and in place of its code the drawing once that is asked for."""
    return _Diagram.create(
        code_frame(children, source, rx.cond(_DRAWING["src"], _picture()), action=_actions()),
        rx.cond(_DRAWING["hasFailed"], rx.el.p(text("diagram_failed"), role="alert", class_name="error-notice")),
        source=source,
    )


def _actions() -> rx.Component:
    return rx.fragment(rx.cond(_DRAWING["src"], enlarge_button(**_IMAGE)), _draw_button())


def _draw_button() -> rx.Component:
    return rx.el.button(
        rx.cond(_DRAWING["src"], text("show_code"), text("draw_diagram")),
        custom_attrs={"onClick": rx.Var("() => setWanted(!isWanted)")},
        type="button",
        class_name="draw-button",
    )


def _picture() -> rx.Component:
    return rx.el.div(rx.el.img(**_IMAGE), tab_index=0, class_name="diagram-picture")
