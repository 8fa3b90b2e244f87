"""Messages on their way: the browser's tab keeps each of them until it hears that it has arrived.

What is handed to a connection that is being lost is lost with it, and nobody says so.
"""

import json
import re
from collections.abc import Sequence
from typing import Any

import reflex as rx

from chat_app.state.form import PUT_BACK

SENT = "sent"  # their name in the tab's storage
SENT_MESSAGES = f"""JSON.parse(sessionStorage.getItem("{SENT}") ?? "[]")"""
MAX_IDS = 20  # at once; nobody sends more in vain


def ids_in(sent: object) -> list[str]:
    """The ids among what a browser says it has sent, since an event may bring anything."""
    ids = sent[:MAX_IDS] if isinstance(sent, list) else []
    return [each for each in ids if isinstance(each, str) and re.fullmatch("[0-9a-f]{32}", each)]


def ask_for_sent(callback: Any) -> rx.event.EventSpec:
    """Ask the browser for the ids of those sent from the page's address of which it hasn't heard."""
    return rx.call_script(
        f"{SENT_MESSAGES}.filter(({{path}}) => path === window.location.pathname).map(({{id}}) => id)",
        callback=callback,
    )


def put_sent_back(box: str, ids: Sequence[str]) -> rx.event.EventSpec:
    """Write those with these ids into their box once more."""
    texts = f"{SENT_MESSAGES}.filter(({{id}}) => {json.dumps(ids)}.includes(id)).map(({{text}}) => text)"
    return rx.call_script(f"({PUT_BACK})({json.dumps(box)}, {texts})")


def forget_sent(ids: Sequence[str]) -> rx.event.EventSpec:
    """Tell the browser that it need not keep those with these ids any longer."""
    others = f"{SENT_MESSAGES}.filter(({{id}}) => !{json.dumps(ids)}.includes(id))"
    return rx.call_script(f"""sessionStorage.setItem("{SENT}", JSON.stringify({others}))""")
