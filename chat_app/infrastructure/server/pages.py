"""Addresses of the page for conversations: ``/`` for a new one, ``/chat/<id>`` for one that exists."""

import re
from collections.abc import Callable
from functools import cached_property

import reflex as rx
from reflex_base.config import get_config

Router = Callable[[str], str | None]

CONVERSATION_ROUTE = "/[[chat]]/[[id_]]"
"""One route for both addresses.

React keeps the page mounted when a new conversation gets its address, and with it the message box, its draft and the
answer being drawn. Reflex has optional segments, but none with a fixed word, so the route matches other addresses too.
"""

_ADDRESS = re.compile(r"/(chat/[^/]+/?)?")


def app_path() -> str:
    """The app's path on its host, such as ``/chat``; empty for the root."""
    return get_config().frontend_path.rstrip("/")


def page_path(path: str) -> str:
    """The path of a page's address, without the app's own: ``/`` or ``/chat/<id>``."""
    return path.removeprefix(app_path()) or "/"


class PagesApp(rx.App):
    """``rx.App`` that answers 404 for the paths that the conversations' route matches besides their addresses.

    Pages with routes of their own come before it, in the browser and here.
    """

    @cached_property
    def router(self) -> Router:
        """The function from a path to its route; ``None`` if no page is there."""
        return only_conversations(super().router)


def only_conversations(router: Router) -> Router:
    """``router``, with ``CONVERSATION_ROUTE`` for the addresses of conversations alone."""

    def route_of(path: str) -> str | None:
        route = router(path)
        is_other = route == CONVERSATION_ROUTE.strip("/") and not _ADDRESS.fullmatch("/" + path.lstrip("/"))
        return None if is_other else route

    return route_of
