"""One message of the conversation."""

import reflex as rx

from chat_app.components.copy_button import copy_button
from chat_app.components.markdown import markdown
from chat_app.components.shortcuts import shortcut
from chat_app.components.text import text


@rx.memo
def message(
    is_user: rx.Var[bool],
    content: rx.Var[str],
    reasoning: rx.Var[str],
    note: rx.Var[str],
    is_streaming: rx.Var[bool],
) -> rx.Component:
    """A row. Being fed with plain values, it is drawn again only when one of them has changed."""
    return rx.cond(
        is_user,
        _question(content),
        _answer(content, reasoning, note, is_streaming),
    )


def _question(content: rx.Var[str]) -> rx.Component:
    return rx.el.article(
        rx.el.div(content, class_name="bubble"),
        aria_label=text("you"),
        class_name="flex justify-end py-3",
    )


def _answer(
    content: rx.Var[str], reasoning: rx.Var[str], note: rx.Var[str], is_streaming: rx.Var[bool]
) -> rx.Component:
    return rx.el.article(
        rx.cond(reasoning, _reasoning(reasoning)),
        rx.cond(
            content,
            markdown(content, is_streaming=is_streaming),
            rx.cond(is_streaming, _thinking()),
        ),
        rx.cond(note, _note(note)),
        rx.cond(content & ~is_streaming, _copy_button(content)),
        aria_label=text("assistant"),
        class_name="answer py-3",
    )


def _thinking() -> rx.Component:
    return rx.el.p(text("thinking"), class_name="thinking text-muted-foreground")


def _reasoning(reasoning: rx.Var[str]) -> rx.Component:
    return rx.el.details(
        rx.el.summary(text("reasoning"), class_name="cursor-pointer select-none py-1"),
        rx.el.div(reasoning, class_name="border-l-2 border-border pl-3 whitespace-pre-wrap break-words"),
        class_name="mb-2 text-sm text-muted-foreground",
    )


def _note(note: rx.Var[str]) -> rx.Component:
    return rx.el.p(
        rx.match(note, *((name, text(name)) for name in ("stopped", "interrupted", "cut_off")), ""),
        class_name="mt-2 text-sm text-muted-foreground",
    )


def _copy_button(content: rx.Var[str]) -> rx.Component:
    return copy_button(
        content=content, label=text("copy"), class_name="icon-button mt-1 -ml-2", custom_attrs=shortcut("copy_answer")
    )
