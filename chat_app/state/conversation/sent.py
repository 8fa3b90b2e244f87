"""Messages on their way: the browser's tab keeps each of them until it hears that it has arrived.

What is handed to a connection that is being lost is lost with it, and nobody says so. ``components/message_input.js``
keeps them, and has what is called here.
"""

import json
import re
from collections.abc import Sequence
from typing import Any

import reflex as rx

MAX_IDS = 20  # at once; nobody sends more in vain


def ids_in(sent: object) -> list[str]:
    """The ids among what a browser says it has sent, since an event may bring anything."""
    ids = sent[:MAX_IDS] if isinstance(sent, list) else []
    return [each for each in ids if isinstance(each, str) and re.fullmatch("[0-9a-f]{32}", each)]


def ask_for_sent(callback: Any) -> rx.event.EventSpec:
    """Ask the browser for the ids of those sent from the page's address of which it hasn't heard."""
    return rx.call_script("messageBox.sentIds()", callback=callback)


def put_sent_back(box: str, ids: Sequence[str]) -> rx.event.EventSpec:
    """Write those with these ids into their box once more."""
    return rx.call_script(f"messageBox.putSentBack({json.dumps(box)}, {json.dumps(ids)})")


def forget_sent(ids: Sequence[str]) -> rx.event.EventSpec:
    """Tell the browser that it need not keep those with these ids any longer."""
    return rx.call_script(f"messageBox.forgetSent({json.dumps(ids)})")
