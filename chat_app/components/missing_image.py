"""An image of an answer that has no address, such as one whose data were in the text, and nothing that describes it."""

import reflex as rx

from chat_app.components.text import text


@rx.memo
def missing_image() -> rx.Component:
    return rx.el.span(text("missing_image"), class_name="text-muted-foreground")
