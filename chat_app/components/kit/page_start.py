"""The script before the page's modules: blocked storage, the folded sidebar, the keyboard of message boxes."""

import reflex as rx

from chat_app.components.kit.text import text
from chat_app.state.conversation.message_box import MESSAGE_BOX

_SCRIPT = rx.asset("page_start.js", shared=True)


def page_start() -> rx.Component:
    """An element of the page's head, before all modules."""
    return rx.el.script(src=_SCRIPT, custom_attrs={"data-box": MESSAGE_BOX})


def blocked_notice() -> rx.Component:
    """The notice that the browser stores nothing for this page, shown by the style sheet where that is so."""
    return rx.el.p(text("keeps_nothing"), role="status", class_name="blocked-notice")
