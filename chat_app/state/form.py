"""What a visitor has typed into a form."""

import json

import reflex as rx

from chat_app.models.text import encodable


def text_in(form: object, box: str) -> str:
    """What the box with this name has; empty if this is no form with such a box, since an event may bring anything."""
    text = form.get(box) if isinstance(form, dict) else None
    return encodable(text) if isinstance(text, str) else ""


def put_back(box: str, text: str) -> rx.event.EventSpec:
    """Writes ``text`` into the box once more, as if the visitor had: so it is a draft again."""
    return rx.call_script(
        f"""{{
          const box = document.getElementById({json.dumps(box)});
          box.value = {json.dumps(text)};
          box.dispatchEvent(new Event("input", {{bubbles: true}}));
        }}"""
    )
