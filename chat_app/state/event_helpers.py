"""Helpers for event handlers: reading a form's values, assigning vars."""

import reflex as rx

from chat_app.models.text import encodable


def text_in(form: object, box: str) -> str:
    """The text of a form's box; empty if there is none, since an event's arguments may be anything."""
    text = form.get(box) if isinstance(form, dict) else None
    return encodable(text) if isinstance(text, str) else ""


def assign(state: rx.State, **values: object) -> None:
    """Set only those vars of ``state`` that change: Reflex sends every var that is assigned."""
    for name, value in values.items():
        if value != getattr(state, name):
            setattr(state, name, value)
