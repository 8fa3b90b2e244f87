"""One message of the conversation, in the place that its versions share."""

import reflex as rx

from chat_app.components.answer import answer
from chat_app.components.question import question
from chat_app.state.chat import ChatState
from chat_app.state.live_answer import LiveAnswer
from chat_app.state.message_view import MessageView


def message(item: rx.vars.ObjectVar[MessageView]) -> rx.Component:
    """A row. Being fed with plain values, it is drawn again only when one of them has changed."""
    row = rx.cond(item.is_user, _question(item), _answer(item))
    # Versions take turns in the same elements of the browser: so the focus stays on the button that pages through them.
    return rx.fragment(row, key=item.parent_id)


def _question(item: rx.vars.ObjectVar[MessageView]) -> rx.Component:
    return question(
        message_id=item.id,
        content=item.text,
        version=item.version,
        previous_id=item.previous_id,
        next_id=item.next_id,
        is_unanswered=item.is_unanswered,
        created_at=item.created_at,
    )


def _answer(item: rx.vars.ObjectVar[MessageView]) -> rx.Component:
    # The same elements, too, serve an answer while it streams and when it has ended.
    is_live = item.id == ChatState.live_id
    has_failed = item.id == ChatState.failed_id
    return answer(
        message_id=item.id,
        content=rx.cond(is_live, LiveAnswer.head + LiveAnswer.middle + LiveAnswer.tail, item.text),
        reasoning=rx.cond(
            is_live,
            LiveAnswer.reasoning_head + LiveAnswer.reasoning_middle + LiveAnswer.reasoning_tail,
            item.reasoning,
        ),
        is_streaming=is_live,
        note=item.note,
        can_be_continued=item.can_be_continued,
        version=item.version,
        previous_id=item.previous_id,
        next_id=item.next_id,
        model=item.model,
        tokens_in=item.tokens_in,
        tokens_out=item.tokens_out,
        seconds=item.seconds,
        reasoning_seconds=rx.cond(is_live, LiveAnswer.reasoning_seconds, item.reasoning_seconds),
        rating=item.rating,
        comment=item.comment,
        created_at=item.created_at,
        error=rx.cond(has_failed, ChatState.error, ""),
        can_retry=has_failed & ChatState.can_retry,
    )
