"""Search in the visitor's conversations."""

from dataclasses import dataclass

import reflex as rx

from chat_app.models.errors import InvalidRequest, NotFound
from chat_app.models.text import encodable
from chat_app.services.conversations.conversations import MAX_QUERY_CHARS
from chat_app.services.conversations.excerpt import Fragment
from chat_app.state.visitor import VisitorState
from chat_app.wiring import services

MAX_HITS = 30
RECENT = 8  # conversations


@dataclass(frozen=True, kw_only=True)
class HitView:
    """One row of the results.

    Attributes:
        message_id: The matching message; empty if only the title matches.
        excerpt: A line of that message.
    """

    conversation_id: str
    message_id: str = ""
    title: list[Fragment]
    excerpt: list[Fragment]


@dataclass(frozen=True, kw_only=True)
class HitAnchor:
    """The message to scroll to, and the words to select in it.

    Attributes:
        element_id: The message's id.
        words: The query that it matches.
        number: A new one each time, so that the same hit can be chosen again.
    """

    element_id: str
    words: str
    number: int


class SearchState(VisitorState, rx.State):
    """The search dialog, and the hit chosen in it.

    Attributes:
        query: The words searched for.
        hits: The results, most recently used conversation first.
        is_recent: True if ``hits`` are the conversations used last, for an empty query.
        found_nothing: True if a query has no results.
        found: The chosen hit's place in the conversation on the page.
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
        """Search titles and messages; an empty query lists the conversations used last."""
        self.query = encodable(query)[:MAX_QUERY_CHARS] if isinstance(query, str) else ""
        has_words = bool(self.query.strip())
        try:
            self.hits = await self._search() if has_words else await self._recent()
        except (InvalidRequest, NotFound):
            self.hits = []
        self.is_recent = not has_words and bool(self.hits)
        self.found_nothing = has_words and not self.hits

    @rx.event
    async def choose(self, message_id: str) -> None:
        """Choose the hit in this message: its conversation scrolls to it once it is open."""
        self._chosen = next((hit for hit in self.hits if hit.message_id == message_id), None)

    async def _search(self) -> list[HitView]:
        return [
            HitView(
                conversation_id=hit.conversation.id,
                message_id=hit.message_id or "",
                title=hit.title,
                excerpt=hit.excerpt,
            )
            for hit in await services().conversations.search(self._principal, self.query, MAX_HITS)
        ]

    async def _recent(self) -> list[HitView]:
        recent = await services().conversations.recent(self._principal, RECENT)
        return [HitView(conversation_id=each.id, title=[Fragment(each.title, False)], excerpt=[]) for each in recent]

    def _pop_chosen(self) -> HitView | None:
        """Return the chosen hit once, if it is in a message; the next conversation shown has none."""
        hit, self._chosen, self.found = self._chosen, None, None
        return hit if hit and hit.message_id else None

    def _scroll_to(self, hit: HitView) -> None:
        """Make the page scroll to a hit in its conversation."""
        self._number += 1
        self.found = HitAnchor(element_id=hit.message_id, words=self.query, number=self._number)
