"""A formula in an answer, drawn by KaTeX (https://katex.org), which is fetched with the first one."""

from typing import Any

import reflex as rx
from reflex_base.utils.imports import ImportDict

from chat_app.compat.reflex import HookProps

_MODULE = rx.asset("formula.js", shared=True).importable_path
_HTML = rx.Var("formula")


class _Formula(HookProps, rx.el.Span):
    lib_dependencies: list[str] = ["katex@0.16.47"]  # noqa: RUF012 - Reflex's own way to declare it

    source: rx.Var[str]
    is_display: rx.Var[bool]

    def add_imports(self) -> ImportDict:
        return {_MODULE: "useFormula"}

    def add_hooks(self) -> list[str | rx.Var[Any]]:
        return [f"const formula = useFormula({self.source!s}, {self.is_display!s});"]


@rx.memo
def formula(source: rx.Var[str], is_display: rx.Var[bool]) -> rx.Component:
    """A formula, shown as its source until KaTeX has been fetched.

    Args:
        source: LaTeX.
        is_display: It has a line of its own.
    """
    drawn = rx.el.span(custom_attrs={"dangerouslySetInnerHTML": _HTML})
    return _Formula.create(
        rx.cond(_HTML.to(bool), drawn, rx.el.code(source)),
        source=source,
        is_display=is_display,
        class_name=rx.cond(is_display, "formula formula-display", "formula"),
        custom_attrs={"tabIndex": rx.cond(is_display, 0, rx.Var("undefined"))},
    )
