"""A button that copies, and says for a moment that it has."""

from typing import Any

import reflex as rx
from reflex_base.utils.imports import ImportDict

from chat_app.components.text import text

_IS_COPIED = rx.Var("isCopied").to(bool)


class _CopyButton(rx.el.Button):
    def add_imports(self) -> ImportDict:
        return {"react": ["useEffect", "useState"]}

    def add_hooks(self) -> list[str | rx.Var[Any]]:
        return [
            "const [isCopied, setCopied] = useState(false);",
            """useEffect(() => {
              const timer = isCopied && setTimeout(() => setCopied(false), 2000);
              return () => clearTimeout(timer);
            }, [isCopied]);""",
        ]


@rx.memo
def copy_button(content: rx.Var[str], label: rx.Var[str], rest: rx.RestProp) -> rx.Component:
    """Copies ``content``; ``label`` says what that is."""
    copy = rx.Var(f"() => navigator.clipboard?.writeText({content!s}).then(() => setCopied(true))")
    return _CopyButton.create(
        rest,
        rx.cond(_IS_COPIED, rx.icon("check", size=16), rx.icon("copy", size=16)),
        rx.el.span(rx.cond(_IS_COPIED, text("copied"), ""), role="status", class_name="sr-only"),
        custom_attrs={"onClick": copy},
        type="button",
        aria_label=label,
        title=label,
        class_name="icon-button",
    )
