"""Assigning vars of a State without sending what is as it was."""

import reflex as rx


def assign(state: rx.State, **values: object) -> None:
    """Set those vars of ``state`` that don't have these values yet: Reflex sends whatever was assigned."""
    for name, value in values.items():
        if value != getattr(state, name):
            setattr(state, name, value)
