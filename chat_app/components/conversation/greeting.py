"""The page without messages: a greeting, or the not-found note."""

import reflex as rx
from reflex_components_core.react_router.dom import ReactRouterLink

from chat_app.components.conversation.suggestion import suggestion_button
from chat_app.components.kit.text import text
from chat_app.state.conversation.chat import ChatState
from chat_app.state.conversation.message_box import MESSAGE_BOX
from chat_app.state.conversation.model_menu import Starter


def greeting() -> rx.Component:
    """An invitation, with some messages to start from."""
    return rx.el.div(
        rx.el.h2(text("greeting"), class_name="text-2xl font-semibold tracking-tight"),
        rx.el.p(text("greeting_detail"), class_name="mt-2 text-muted-foreground"),
        rx.el.div(
            rx.cond(ChatState.starters, rx.foreach(ChatState.starters, _starter), _suggestions()),
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


def _suggestions() -> rx.Component:
    """Messages to start from where no agent has any of its own."""
    name = rx.cond(ChatState.is_demo, text("demo_suggestions"), text("suggestions"))
    return rx.foreach(name.to(list[str]), lambda suggestion: suggestion_button(suggestion, ""))


def _starter(starter: rx.vars.ObjectVar[Starter]) -> rx.Component:
    return suggestion_button(starter.text, starter.agent)
