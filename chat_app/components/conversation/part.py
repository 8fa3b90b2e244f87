"""One part of an answer, shown by the component for its kind."""

import reflex as rx

from chat_app.components.conversation.reasoning import reasoning
from chat_app.components.markdown.markdown import markdown


@rx.memo
def part(
    *,
    kind: rx.Var[str],
    content: rx.Var[str],
    title: rx.Var[str],
    seconds: rx.Var[str],
    is_growing: rx.Var[bool],
) -> rx.Component:
    """The attributes of a ``PartView``, and whether the part still grows."""
    return rx.fragment(
        rx.match(
            kind,
            ("text", rx.cond(content, markdown(content, is_streaming=is_growing))),
            ("reasoning", reasoning(content, seconds, is_thinking=is_growing)),
            _named(title, content),
        )
    )


def _named(title: rx.Var[str], content: rx.Var[str]) -> rx.Component:
    """A part without a component of its own: its title, and its text folded."""
    return rx.el.details(
        rx.el.summary(title, class_name="cursor-pointer select-none py-1"),
        rx.el.div(content, class_name="border-l-2 border-border pl-3 whitespace-pre-wrap break-words"),
        class_name="mb-2 text-sm text-muted-foreground",
    )
