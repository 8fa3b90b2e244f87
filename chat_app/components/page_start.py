"""The script that runs before the page's own: blocked storage, the folded side bar, messages sent too early."""

import reflex as rx

from chat_app.components.text import text
from chat_app.state.chat import MESSAGE_BOX

_SCRIPT = rx.asset("page_start.js", shared=True)


def page_start() -> rx.Component:
    """An element of the page's head, before all modules."""
    return rx.el.script(src=_SCRIPT, custom_attrs={"data-box": MESSAGE_BOX})


def blocked_notice() -> rx.Component:
    """That the browser keeps nothing for this page; the style sheet shows it where ``page_start.js`` has found that."""
    return rx.el.p(text("keeps_nothing"), role="status", class_name="blocked-notice")
