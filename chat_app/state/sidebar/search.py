"""Searching all conversations of the visitor."""

from dataclasses import dataclass

import reflex as rx

from chat_app.models.errors import InvalidRequest, NotFound
from chat_app.models.text import encodable
from chat_app.services.conversations.conversations import MAX_QUERY_CHARS, HighlightedHit
from chat_app.services.conversations.excerpt import Fragment
from chat_app.state.visitor import VisitorState
from chat_app.wiring import services

MAX_HITS = 30
RECENT = 8  # conversations


@dataclass(frozen=True, kw_only=True)
class HitView:
    """A conversation in the list of results.

    Attributes:
        message_id: The message that matches, empty if only the title does.
        excerpt: A line of that message.
    """

    conversation_id: str
    message_id: str = ""
    title: list[Fragment]
    excerpt: list[Fragment]


@dataclass(frozen=True, kw_only=True)
class HitAnchor:
    """A place in a conversation.

    Attributes:
        element_id: The message with this id.
        words: The search that it matches.
        number: Another one each time, also for the same place.
    """

    element_id: str
    words: str
    number: int


class SearchState(VisitorState, rx.State):
    """What was found.

    Attributes:
        query: What was searched for.
        hits: The most recently used conversation first.
        is_recent: Whether ``hits`` are the conversations used last, since the query is empty.
        found_nothing: Whether a query has no results.
        found: Where in the conversation just opened is what was chosen.
    """

    query: str = ""
    hits: rx.Field[list[HitView]] = rx.field(default_factory=list)
    is_recent: bool = False
    found_nothing: bool = False
    found: HitAnchor | None = None
    _chosen: HitView | None = None
    _number: int = 0

    @rx.event
    async def find(self, query: str) -> None:
        """Search titles and messages for these words; without any, show the conversations used last."""
        self.query = encodable(query)[:MAX_QUERY_CHARS] if isinstance(query, str) else ""
        try:
            self.hits = await self._search() if self.query.strip() else await self._recent()
        except (InvalidRequest, NotFound):
            self.hits = []
        self.is_recent = not self.query.strip() and bool(self.hits)
        self.found_nothing = bool(self.query.strip()) and not self.hits

    @rx.event
    async def choose(self, message_id: str) -> None:
        """Show the hit in this message once its conversation has been opened."""
        self._chosen = next((hit for hit in self.hits if hit.message_id == message_id), None)

    async def _search(self) -> list[HitView]:
        return [_view(hit) for hit in await services().conversations.search(self._principal, self.query, MAX_HITS)]

    async def _recent(self) -> list[HitView]:
        recent = await services().conversations.recent(self._principal, RECENT)
        return [HitView(conversation_id=each.id, title=[Fragment(each.title, False)], excerpt=[]) for each in recent]

    def _take_chosen(self) -> HitView | None:
        """The hit that was chosen since the page last showed a conversation, if it is in a message."""
        hit, self._chosen, self.found = self._chosen, None, None
        return hit if hit and hit.message_id else None

    def _point_at(self, hit: HitView) -> None:
        self._number += 1
        self.found = HitAnchor(element_id=hit.message_id, words=self.query, number=self._number)


def _view(hit: HighlightedHit) -> HitView:
    return HitView(
        conversation_id=hit.conversation.id,
        message_id=hit.message_id or "",
        title=hit.title,
        excerpt=hit.excerpt,
    )
