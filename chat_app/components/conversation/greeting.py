"""The page without messages: a greeting, or the not-found note."""

import reflex as rx
from reflex_components_core.react_router.dom import ReactRouterLink

from chat_app.components.kit.text import text
from chat_app.state.conversation.chat import ChatState
from chat_app.state.conversation.message_box import MESSAGE_BOX


def greeting() -> rx.Component:
    """An invitation, with some messages to start from."""
    return rx.el.div(
        rx.el.h2(text("greeting"), class_name="text-2xl font-semibold tracking-tight"),
        rx.el.p(text("greeting_detail"), class_name="mt-2 text-muted-foreground"),
        rx.el.div(
            rx.cond(
                ChatState.is_demo,
                rx.foreach(text("demo_suggestions").to(list[str]), _suggestion),
                rx.foreach(text("suggestions").to(list[str]), _suggestion),
            ),
            class_name="suggestions",
        ),
        class_name="greeting m-auto max-w-xl px-4 py-8 text-center",
    )


def not_found() -> rx.Component:
    """The not-found note: the visitor has no conversation at this address."""
    return rx.el.div(
        rx.el.h2(text("not_found_title"), class_name="text-xl font-semibold"),
        rx.el.p(text("not_found_detail"), class_name="mt-2 text-muted-foreground"),
        ReactRouterLink.create(
            text("new_chat"), to="/", on_click=rx.set_focus(MESSAGE_BOX), class_name="primary-button mt-6 inline-block"
        ),
        class_name="m-auto max-w-xl px-4 py-8 text-center",
    )


def _suggestion(suggestion: rx.Var[str]) -> rx.Component:
    return rx.el.button(
        suggestion,
        type="button",
        on_click=ChatState.send({MESSAGE_BOX: suggestion}, ""),
        class_name="quiet-button",
    )
