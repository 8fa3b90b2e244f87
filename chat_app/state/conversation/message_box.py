"""The message box in the browser: its drafts and its outbox, by calls of ``components/composer/message_input.js``.

The outbox has the messages that the browser has handed to the connection and that aren't acknowledged yet. They may be
lost with the connection, without an error on either side.
"""

import json
import re
from collections.abc import Sequence
from typing import Any

import reflex as rx

MESSAGE_BOX = "message"
"""The name of the message box in its form."""

MODEL_MENU = "model"
"""The name of the menu of models beside it."""

MAX_IDS = 20  # more than a visitor sends during one loss of the connection


def valid_ids(sent: object) -> list[str]:
    """The valid message ids in an event's argument, which may be anything."""
    ids = sent[:MAX_IDS] if isinstance(sent, list) else []
    return [each for each in ids if isinstance(each, str) and re.fullmatch("[0-9a-f]{32}", each)]


def get_outbox_ids(callback: Any) -> rx.event.EventSpec:
    """Call ``callback`` with the ids of the messages in the outbox that were sent from the page's address."""
    return _call("outboxIds", callback=callback)


def restore_from_outbox(box: str, ids: Sequence[str]) -> rx.event.EventSpec:
    """Write these messages of the outbox back into their box."""
    return _call("restoreFromOutbox", box, list(ids))


def remove_from_outbox(ids: Sequence[str]) -> rx.event.EventSpec:
    """Acknowledge these messages: the browser removes them from the outbox."""
    return _call("removeFromOutbox", list(ids))


def prepend_text(box: str, text: str) -> rx.event.EventSpec:
    """Write ``text`` into the box, before what the visitor has typed since."""
    return _call("prepend", box, [text])


def delete_drafts() -> rx.event.EventSpec:
    """Delete the drafts of all conversations in the browser."""
    return _call("deleteDrafts")


def _call(function: str, *arguments: object, callback: Any = None) -> rx.event.EventSpec:
    """Call a function of the script, which may load after the page's first events."""
    script = f"callMessageBox({', '.join(json.dumps(each) for each in (function, *arguments))})"
    return rx.call_script(script, callback=callback)
