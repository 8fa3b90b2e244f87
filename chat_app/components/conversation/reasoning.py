"""What a model has thought before it answered, folded."""

import reflex as rx

from chat_app.components.kit.text import text


def reasoning(content: rx.Var[str], seconds: rx.Var[str], *, is_thinking: rx.Var[bool]) -> rx.Component:
    """``seconds`` is how long that took, empty where it isn't known (yet)."""
    thought = rx.cond(seconds, text("thought_for").replace("{seconds}", seconds.to(str)), text("reasoning"))
    return rx.el.details(
        rx.el.summary(
            rx.cond(is_thinking, rx.el.span(text("thinking"), class_name="thinking"), thought),
            class_name="cursor-pointer select-none py-1",
        ),
        rx.el.div(content, class_name="border-l-2 border-border pl-3 whitespace-pre-wrap break-words"),
        class_name="mb-2 text-sm text-muted-foreground",
    )
