"""An answer: the model's reasoning, its text, how it ended, and what can be done with it."""

from typing import get_args

import reflex as rx

from chat_app.components.answer_actions import answer_actions
from chat_app.components.buttons import text_button
from chat_app.components.markdown import markdown
from chat_app.components.notices import failure_notice
from chat_app.components.reasoning import reasoning as reasoning_box
from chat_app.components.text import text
from chat_app.state.chat import MESSAGE_BOX
from chat_app.state.message_actions import MessageActions
from chat_app.state.message_view import Note


@rx.memo
def answer(
    *,
    message_id: rx.Var[str],
    content: rx.Var[str],
    reasoning: rx.Var[str],
    is_streaming: rx.Var[bool],
    note: rx.Var[str],
    can_be_continued: rx.Var[bool],
    version: rx.Var[str],
    previous_id: rx.Var[str],
    next_id: rx.Var[str],
    model: rx.Var[str],
    tokens_in: rx.Var[int],
    tokens_out: rx.Var[int],
    seconds: rx.Var[str],
    reasoning_seconds: rx.Var[str],
    rating: rx.Var[int],
    comment: rx.Var[str],
    created_at: rx.Var[str],
    error: rx.Var[str],
    can_retry: rx.Var[bool],
) -> rx.Component:
    """An answer.

    Args:
        error: Why it failed; empty if it didn't, or if messages follow it.
        can_retry: Whether trying again can help.

    The other arguments are attributes of a ``MessageView``.
    """
    return rx.el.article(
        rx.cond(reasoning, reasoning_box(reasoning, reasoning_seconds, is_thinking=is_streaming & ~content)),
        rx.cond(content, markdown(content, is_streaming=is_streaming), rx.cond(is_streaming & ~reasoning, _thinking())),
        rx.cond(
            error,
            failure_notice(error, can_retry, rx.cond(can_be_continued, _continue_button(message_id))),
            rx.cond(note | can_be_continued, _ending(message_id, note, can_be_continued)),
        ),
        # The key changes with each frame, so that the animation, which shows it after a while, begins anew.
        rx.cond(
            is_streaming & content,
            rx.el.div(key=content.to(str).length().to(str), class_name="waiting-sign", aria_hidden=True),
        ),
        answer_actions(
            message_id=message_id,
            content=rx.cond(is_streaming, "", content),
            is_streaming=is_streaming,
            version=version,
            previous_id=previous_id,
            next_id=next_id,
            model=model,
            tokens_in=tokens_in,
            tokens_out=tokens_out,
            seconds=seconds,
            rating=rating,
            comment=comment,
            created_at=created_at,
            can_retry=can_retry,
        ),
        id=message_id,
        aria_label=text("assistant"),
        aria_live="off",  # read out by the announcer
        class_name="answer pt-1",
    )


def _thinking() -> rx.Component:
    return rx.el.p(text("thinking"), class_name="thinking text-muted-foreground")


def _ending(message_id: rx.Var[str], note: rx.Var[str], can_be_continued: rx.Var[bool]) -> rx.Component:
    """A note that the answer didn't end by itself, and a button to continue it."""
    return rx.el.div(
        rx.el.p(rx.match(note, *((name, text(name)) for name in get_args(Note)[1:]), "")),
        rx.cond(can_be_continued, _continue_button(message_id)),
        class_name="mt-2 flex flex-wrap items-center gap-x-3 gap-y-1 text-sm text-muted-foreground",
    )


def _continue_button(message_id: rx.Var[str]) -> rx.Component:
    return text_button(
        "continue_answer",
        on_click=[MessageActions.continue_answer(message_id), rx.set_focus(MESSAGE_BOX)],
        class_name="quiet-button waits",
    )
