"""One message of the conversation: a visitor's, or an answer, live or stored."""

import reflex as rx

from chat_app.components.conversation.answer import answer
from chat_app.components.conversation.question import question
from chat_app.state.conversation.chat import ChatState
from chat_app.state.conversation.live_answer import LiveAnswer
from chat_app.state.conversation.message_view import MessageView
from chat_app.state.conversation.part_view import PartView


def message(item: rx.vars.ObjectVar[MessageView]) -> rx.Component:
    """The message, drawn again only when it has changed."""
    row = rx.cond(item.is_user, question(item=item), _answer(item))
    # Versions share a key, and so their elements: the focus stays on the button that pages through them.
    return rx.fragment(row, key=item.parent_id)


def _answer(item: rx.vars.ObjectVar[MessageView]) -> rx.Component:
    # One component for the live and the stored answer, so that its elements stay when it ends.
    is_live = item.id == ChatState.live_id
    has_failed = item.id == ChatState.failed_id
    return answer(
        item=item,
        parts=rx.cond(is_live, _live_parts(), item.parts),
        is_streaming=is_live,
        error=rx.cond(has_failed, ChatState.error, ""),
        can_retry=has_failed & ChatState.can_retry,
        has_choice=ChatState.has_choice,
    )


def _live_parts() -> rx.Var[list[PartView]]:
    """The settled parts of the live answer and the growing one."""
    growing = {
        "kind": LiveAnswer.kind,
        "title": LiveAnswer.title,
        "text": LiveAnswer.head + LiveAnswer.middle + LiveAnswer.tail,
        "seconds": "",
        "sources": [],
        "files": [],
    }
    settled = LiveAnswer.settled.to(list)
    return rx.cond(LiveAnswer.kind, settled + rx.Var.create([growing]), settled).to(list[PartView])
