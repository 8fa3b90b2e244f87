"""What a visitor has typed into a form."""

from chat_app.models.text import encodable


def text_in(form: object, box: str) -> str:
    """What the box with this name has; empty if this is no form with such a box, since an event may bring anything."""
    text = form.get(box) if isinstance(form, dict) else None
    return encodable(text) if isinstance(text, str) else ""
