"""Dialogs, as popovers: the browser opens and closes them, keeps the focus, and knows Escape and a press outside.

https://html.spec.whatwg.org/multipage/popover.html
"""

import reflex as rx

from chat_app.components.buttons import icon_button, menu_entry
from chat_app.components.text import text

_FOCUS_INPUT = rx.Var(
    """({newState, currentTarget}) => {
  const input = newState === "open" && currentTarget.querySelector("input");
  if (input) { input.focus(); input.select(); }
}"""
)


def dialog(name: str, *content: rx.Component) -> rx.Component:
    """A dialog, titled with the sentence called ``name``."""
    return rx.el.div(
        rx.el.div(
            rx.el.h2(text(name), class_name="text-base font-semibold"),
            _close_button(name),
            class_name="mb-4 flex items-center justify-between gap-4",
        ),
        *content,
        id=name,
        role="dialog",
        aria_label=text(name),
        custom_attrs={"popover": "auto", "onToggle": _FOCUS_INPUT},
        class_name="dialog",
    )


def hide(name: str) -> rx.event.EventSpec:
    """Closes the popover called ``name``, and those that were opened from it."""
    return rx.call_script(f"document.getElementById('{name}').hidePopover()")


def dialog_button(icon: str, name: str, *, custom_attrs: dict[str, str] | None = None) -> rx.Component:
    """The entry of a menu that opens the dialog called ``name``."""
    return menu_entry(icon, name, custom_attrs={"popoverTarget": name, **(custom_attrs or {})})


def _close_button(name: str) -> rx.Component:
    close = {"popoverTarget": name, "popoverTargetAction": "hide"}
    return icon_button("x", "close", size=18, custom_attrs=close)
