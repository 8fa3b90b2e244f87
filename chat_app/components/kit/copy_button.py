"""A button that copies text and shows for a moment whether that has worked."""

from typing import Any

import reflex as rx
from reflex_base.utils.imports import ImportDict

from chat_app.components.kit.text import text

_SCRIPT = rx.asset("copy_button.js", shared=True)
_OUTCOME = rx.Var("copying.outcome").to(str)


class _CopyButton(rx.el.Button):
    def add_imports(self) -> ImportDict:
        return {_SCRIPT.importable_path: ["useCopy"]}

    def add_hooks(self) -> list[str | rx.Var[Any]]:
        return ["const copying = useCopy();"]


@rx.memo
def copy_button(content: rx.Var[str], label: rx.Var[str], rest: rx.RestProp) -> rx.Component:
    """Copies ``content``; ``label`` says what that is."""
    icon = rx.match(_OUTCOME, ("copied", rx.icon("check", size=16)), ("failed", rx.icon("x", size=16)), _copy_icon())
    said = rx.match(_OUTCOME, ("copied", text("copied")), ("failed", text("copy_failed")), "")
    return _CopyButton.create(
        rest,
        icon,
        rx.el.span(said, role="status", class_name="sr-only"),
        custom_attrs={"onClick": rx.Var(f"() => copying.copy({content!s})")},
        type="button",
        aria_label=label,
        title=rx.cond(_OUTCOME == "failed", text("copy_failed"), label),
        class_name="icon-button",
    )


def _copy_icon() -> rx.Component:
    return rx.icon("copy", size=16)
