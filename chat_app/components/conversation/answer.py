"""An answer: its parts, a note on its end, and its buttons."""

from typing import get_args

import reflex as rx

from chat_app.components.conversation.answer_actions import answer_actions
from chat_app.components.conversation.notices import failure_notice
from chat_app.components.conversation.part import part
from chat_app.components.kit.buttons import text_button
from chat_app.components.kit.text import text
from chat_app.state.conversation.message_actions import MessageActions
from chat_app.state.conversation.message_box import MESSAGE_BOX
from chat_app.state.conversation.message_view import MessageView, Note
from chat_app.state.conversation.part_view import PartView


@rx.memo
def answer(
    *,
    item: rx.vars.ObjectVar[MessageView],
    parts: rx.vars.ArrayVar[list[PartView]],
    is_streaming: rx.Var[bool],
    error: rx.Var[str],
    can_retry: rx.Var[bool],
    has_choice: rx.Var[bool],
) -> rx.Component:
    """The message of a model or agent.

    Args:
        item: The message.
        parts: Its parts, those of ``LiveAnswer`` while it streams.
        is_streaming: Whether it streams.
        error: Why it failed; empty if it didn't, or if messages follow it.
        can_retry: Whether trying again can help.
        has_choice: Whether there is more than one model.
    """
    return rx.el.article(
        rx.foreach(parts, lambda each, index: _part(each, index, parts, is_streaming)),
        rx.cond(
            is_streaming & (parts.length() == 0),
            rx.el.p(text("thinking"), class_name="thinking text-muted-foreground"),
        ),
        rx.cond(
            error,
            failure_notice(error, can_retry, rx.cond(item.can_be_continued, _continue_button(item.id))),
            rx.cond(item.note | item.can_be_continued, _ending(item.id, item.note, item.can_be_continued)),
        ),
        # The key changes with each frame, which restarts the animation that shows the sign after a while.
        rx.cond(
            is_streaming & (parts.length() > 0),
            rx.el.div(key=rx.Var(f"{parts!s}.at(-1).text.length"), class_name="waiting-sign", aria_hidden=True),
        ),
        answer_actions(
            item=item,
            content=rx.cond(is_streaming, "", text_of(parts)),
            is_streaming=is_streaming,
            can_retry=can_retry,
            has_choice=has_choice,
        ),
        id=item.id,
        aria_label=text("assistant"),
        aria_live="off",  # read out by the announcer
        class_name="answer pt-1",
    )


def _part(
    each: rx.vars.ObjectVar[PartView],
    index: rx.Var[int],
    parts: rx.vars.ArrayVar[list[PartView]],
    is_streaming: rx.Var[bool],
) -> rx.Component:
    shown = part(
        kind=each.kind,
        content=each.text,
        title=each.title,
        seconds=each.seconds,
        sources=each.sources,
        files=each.files,
        is_growing=is_streaming & (index == parts.length() - 1),
    )
    return rx.fragment(shown, key=index)


def text_of(parts: rx.vars.ArrayVar[list[PartView]]) -> rx.Var[str]:
    """The joined texts, for the clipboard."""
    return parts.filter(lambda each: each.kind == "text").pluck("text").join("")


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
