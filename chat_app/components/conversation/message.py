"""One message of the conversation, in the place that its versions share."""

import reflex as rx

from chat_app.components.conversation.answer import answer
from chat_app.components.conversation.question import question
from chat_app.state.conversation.chat import ChatState
from chat_app.state.conversation.live_answer import LiveAnswer
from chat_app.state.conversation.message_view import MessageView
from chat_app.state.conversation.part_view import PartView


def message(item: rx.vars.ObjectVar[MessageView]) -> rx.Component:
    """A row. Its component is drawn again only when the message has changed."""
    row = rx.cond(item.is_user, question(item=item), _answer(item))
    # Versions take turns in the same elements of the browser: so the focus stays on the button that pages through them.
    return rx.fragment(row, key=item.parent_id)


def _answer(item: rx.vars.ObjectVar[MessageView]) -> rx.Component:
    # The same elements, too, serve an answer while it streams and when it has ended.
    is_live = item.id == ChatState.live_id
    has_failed = item.id == ChatState.failed_id
    return answer(
        item=item,
        parts=rx.cond(is_live, _live_parts(), item.parts),
        is_streaming=is_live,
        error=rx.cond(has_failed, ChatState.error, ""),
        can_retry=has_failed & ChatState.can_retry,
    )


def _live_parts() -> rx.Var[list[PartView]]:
    growing = {
        "kind": LiveAnswer.kind,
        "title": LiveAnswer.title,
        "text": LiveAnswer.head + LiveAnswer.middle + LiveAnswer.tail,
        "seconds": "",
    }
    settled = LiveAnswer.settled.to(list)
    return rx.cond(LiveAnswer.kind, settled + rx.Var.create([growing]), settled).to(list[PartView])
