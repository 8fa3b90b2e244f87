"""The replacement of an image without an address and a description, such as one whose data were in the answer."""

import reflex as rx

from chat_app.components.kit.text import text


@rx.memo
def missing_image() -> rx.Component:
    return rx.el.span(text("missing_image"), class_name="text-muted-foreground")
