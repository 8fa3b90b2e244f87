"""A button that copies text and shows the outcome for a moment."""

from typing import Any

import reflex as rx
from reflex_base.utils.imports import ImportDict

from chat_app.components.kit.text import text

_SCRIPT = rx.asset("copy_button.js", shared=True).importable_path
_OUTCOME = rx.Var("copying.outcome").to(str)


class _CopyButton(rx.el.Button):
    def add_imports(self) -> ImportDict:
        return {_SCRIPT: ["useCopy"]}

    def add_hooks(self) -> list[str | rx.Var[Any]]:
        return ["const copying = useCopy();"]


@rx.memo
def copy_button(content: rx.Var[str], label: rx.Var[str], rest: rx.RestProp) -> rx.Component:
    """The button that copies ``content``, with the accessible name ``label``."""
    names = {"copied": "check", "failed": "x"}
    icons = ((outcome, rx.icon(name, size=16)) for outcome, name in names.items())
    icon = rx.match(_OUTCOME, *icons, rx.icon("copy", size=16))
    announcement = rx.match(_OUTCOME, ("copied", text("copied")), ("failed", text("copy_failed")), "")
    return _CopyButton.create(
        rest,
        icon,
        rx.el.span(announcement, role="status", class_name="sr-only"),
        custom_attrs={"onClick": rx.Var(f"() => copying.copy({content!s})")},
        type="button",
        aria_label=label,
        title=rx.cond(_OUTCOME == "failed", text("copy_failed"), label),
        class_name="icon-button",
    )
