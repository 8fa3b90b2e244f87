"""What a visitor has typed into a form."""

import json

import reflex as rx

from chat_app.models.text import encodable


def text_in(form: object, box: str) -> str:
    """What the box with this name has; empty if this is no form with such a box, since an event may bring anything."""
    text = form.get(box) if isinstance(form, dict) else None
    return encodable(text) if isinstance(text, str) else ""


def put_back(box: str, text: str) -> rx.event.EventSpec:
    """Write ``text`` into the box once more; what has been written since stays, below."""
    return rx.call_script(f"messageBox.putBack({json.dumps(box)}, [{json.dumps(text)}])")
