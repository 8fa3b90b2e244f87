"""Looking for something in all conversations of the visitor."""

from dataclasses import dataclass

import reflex as rx

from chat_app.models.errors import InvalidRequest, NotFound
from chat_app.models.text import encodable
from chat_app.services.conversations import MAX_QUERY_CHARS, Hit
from chat_app.state.visitor import VisitorState
from chat_app.wiring import services

MAX_HITS = 30


@dataclass(frozen=True, kw_only=True)
class SearchHit:
    """A conversation that has what was looked for, and the place: ``before + match + after`` is one line of it."""

    conversation_id: str
    title: str
    before: str
    match: str
    after: str


class SearchState(VisitorState, rx.State):
    """What was found.

    Attributes:
        hits: The most recently used conversation first.
        found_nothing: Whether something was looked for and isn't there.
    """

    hits: rx.Field[list[SearchHit]] = rx.field(default_factory=list)
    found_nothing: bool = False

    @rx.event
    async def find(self, wanted: str) -> None:
        """Look for this in titles and messages."""
        wanted = encodable(wanted)[:MAX_QUERY_CHARS] if isinstance(wanted, str) else ""
        try:
            hits = await services().conversations.search(self._owner, wanted, MAX_HITS)
        except (InvalidRequest, NotFound):
            self.hits, self.found_nothing = [], False
            return
        self.hits, self.found_nothing = [_view(hit) for hit in hits], not hits


def _view(hit: Hit) -> SearchHit:
    excerpt, conversation = hit.excerpt, hit.conversation
    return SearchHit(
        conversation_id=conversation.id,
        title=conversation.title,
        before=excerpt.before,
        match=excerpt.match,
        after=excerpt.after,
    )
