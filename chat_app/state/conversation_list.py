"""The visitor's conversations, for the list at the side."""

from dataclasses import dataclass

import reflex as rx

from chat_app.state.visitor import VisitorState
from chat_app.wiring import services

LIMIT = 50


@dataclass(frozen=True, kw_only=True)
class ConversationLink:
    """One entry of the list."""

    id: str
    title: str


class ConversationList(VisitorState, rx.State):
    """The most recently used conversations, newest first."""

    conversations: rx.Field[list[ConversationLink]] = rx.field(default_factory=list)

    @rx.event
    async def load(self):
        """Read the list anew."""
        latest = await services().conversations.latest(self._owner, LIMIT)
        self.conversations = [
            ConversationLink(id=each.conversation.id, title=each.conversation.title) for each in latest
        ]
