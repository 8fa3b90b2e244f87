"""Addresses of pages."""

import pytest
from reflex.route import get_router

from chat_app.infrastructure.server.pages import CONVERSATION_ROUTE, only_conversations


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/", "conversation"),
        ("/chat/0123", "conversation"),
        ("/chat/0123/", "conversation"),
        ("/chat", None),
        ("/chat/0123/more", None),
        ("/nowhere", None),
        ("/nowhere/0123", None),
        ("/about", "about"),
        ("/about/0123", None),
    ],
)
def test_a_path_leads_to_a_conversation_to_a_page_of_its_own_or_nowhere(path: str, route: str | None):
    conversation = CONVERSATION_ROUTE.strip("/")
    route_of = only_conversations(get_router([conversation, "404", "about"]))
    assert route_of(path) == {"conversation": conversation}.get(route or "", route)
