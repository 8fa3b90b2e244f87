"""The pager through the versions of a message."""

import reflex as rx

from chat_app.components.kit.buttons import icon_button
from chat_app.components.kit.text import text
from chat_app.state.conversation.message_actions import MessageActions


def version_pager(version: rx.Var[str], previous_id: rx.Var[str], next_id: rx.Var[str]) -> rx.Component:
    """The number of the version with the buttons before and after it; empty for a single version."""
    pager = rx.el.div(
        _button("chevron-left", "previous_version", previous_id),
        rx.el.span(version, aria_live="polite"),
        _button("chevron-right", "next_version", next_id),
        role="group",
        aria_label=text("versions"),
        class_name="versions",
    )
    return rx.cond(version, pager)


def _button(icon: str, name: str, message_id: rx.Var[str]) -> rx.Component:
    # `aria-disabled` at either end, since a disabled button would lose the focus.
    return icon_button(
        icon,
        name,
        on_click=MessageActions.show_version(message_id),
        aria_disabled=message_id == "",
        class_name="waits",
    )
