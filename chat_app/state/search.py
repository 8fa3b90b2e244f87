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
    """A conversation that has what was looked for, and the place: ``before + match + after`` is one line of it.

    Attributes:
        message_id: The message that the line is from, empty where it is the title.
    """

    conversation_id: str
    message_id: str
    title: str
    before: str
    match: str
    after: str


@dataclass(frozen=True, kw_only=True)
class Found:
    """A place in a conversation.

    Attributes:
        element_id: The message with this id.
        words: What is in it.
        number: Another one each time, also for the same place.
    """

    element_id: str
    words: str
    number: int


class SearchState(VisitorState, rx.State):
    """What was found.

    Attributes:
        hits: The most recently used conversation first.
        found_nothing: Whether something was looked for and isn't there.
        found: Where in the conversation just opened is what was chosen.
    """

    hits: rx.Field[list[SearchHit]] = rx.field(default_factory=list)
    found_nothing: bool = False
    found: Found | None = None
    _chosen: SearchHit | None = None
    _number: int = 0

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

    @rx.event
    async def choose(self, message_id: str) -> None:
        """Show the hit in this message once its conversation has been opened."""
        self._chosen = next((hit for hit in self.hits if hit.message_id == message_id), None)

    def _take_chosen(self) -> SearchHit | None:
        """The hit that was chosen since the page last showed a conversation, if it is in a message."""
        hit, self._chosen, self.found = self._chosen, None, None
        return hit if hit and hit.message_id else None

    def _point_at(self, hit: SearchHit) -> None:
        self._number += 1
        self.found = Found(element_id=hit.message_id, words=hit.match, number=self._number)


def _view(hit: Hit) -> SearchHit:
    excerpt, conversation = hit.excerpt, hit.conversation
    return SearchHit(
        conversation_id=conversation.id,
        message_id=hit.message_id or "",
        title=conversation.title,
        before=excerpt.before,
        match=excerpt.match,
        after=excerpt.after,
    )
