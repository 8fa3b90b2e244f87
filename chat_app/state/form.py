"""What a visitor has typed into a form."""

import json

import reflex as rx

from chat_app.models.text import encodable

# As if the visitor had written it: so it is a draft again. What they have written since stays, below.
PUT_BACK = """(name, texts) => {
  const box = document.getElementById(name);
  box.value = [...texts, box.value].filter(Boolean).join("\\n\\n");
  box.dispatchEvent(new Event("input", {bubbles: true}));
}"""


def text_in(form: object, box: str) -> str:
    """What the box with this name has; empty if this is no form with such a box, since an event may bring anything."""
    text = form.get(box) if isinstance(form, dict) else None
    return encodable(text) if isinstance(text, str) else ""


def put_back(box: str, text: str) -> rx.event.EventSpec:
    """Writes ``text`` into the box once more."""
    return rx.call_script(f"({PUT_BACK})({json.dumps(box)}, [{json.dumps(text)}])")
