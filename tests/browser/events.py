"""The events that the app accepts from a browser, or from a program in its place."""

import inspect
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module

import reflex as rx
from reflex.state import BaseState

import chat_app.state

HYDRATE = f"{rx.State.get_full_name()}.hydrate_and_load"
"""Reflex's own event, by which a page begins."""


@dataclass(frozen=True)
class Event:
    """An event with the names of its arguments."""

    name: str
    arguments: tuple[str, ...]


def events() -> list[Event]:
    """List the events of the app's own States."""
    return [
        Event(f"{state.get_full_name()}.{name}", tuple(inspect.signature(handler.fn).parameters)[1:])
        for state in _states()
        for name, handler in state.event_handlers.items()
        if handler.fn.__module__.startswith("chat_app.")
    ]


def stored_variables() -> list[str]:
    """List the state variables that a browser keeps in its storage."""
    return [
        f"{state.get_full_name()}.{name}"
        for state in _states()
        for name in state.get_fields()
        if state._is_client_storage(name)
    ]


def _states() -> Iterator[type[BaseState]]:
    for module in pkgutil.walk_packages(chat_app.state.__path__, "chat_app.state."):
        import_module(module.name)
    pending = list(rx.State.get_substates())
    while pending:
        state = pending.pop()
        pending += state.get_substates()
        if state.__module__.startswith("chat_app."):
            yield state
