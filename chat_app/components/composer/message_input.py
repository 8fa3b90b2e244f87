"""Where a message is written and sent, and an answer stopped."""

from typing import Any

import reflex as rx
from reflex_base.utils.imports import ImportDict
from reflex_components_core.core.banner import has_connection_errors

from chat_app.compat import HookProps
from chat_app.components.kit.address import PATH
from chat_app.components.kit.script import imported
from chat_app.components.kit.text import text
from chat_app.components.settings.shortcuts import shortcut
from chat_app.state.conversation.chat import MESSAGE_BOX, MODEL_MENU, ChatState

_SCRIPT = rx.asset("message_input.js", shared=True)
BOX_SCRIPT = _SCRIPT.importable_path
"""Exports ``fit``, which makes a box as high as its text."""
ENTER_SENDS = imported(BOX_SCRIPT, "sendWithEnter")


class _MessageBox(HookProps, rx.el.Textarea):
    """A text box that holds what was typed at the page's address and not sent; the browser keeps it.

    Attributes:
        path: The address.
        own_path: The address that the conversation on the page has, or will have as soon as the browser goes there.
    """

    path: rx.Var[str] = PATH
    own_path: rx.Var[str] = rx.Var.create(f"/chat/{ChatState.conversation_id}")

    def add_imports(self) -> ImportDict:
        return {BOX_SCRIPT: ["onMessageInput", "useMessageBox"]}

    def add_hooks(self) -> list[str | rx.Var[Any]]:
        return [f"useMessageBox({MESSAGE_BOX!r}, {self.path!s}, {self.own_path!s});"]


class _MessageForm(rx.el.Form):
    def add_imports(self) -> ImportDict:
        return {BOX_SCRIPT: ["onItsWay"]}


def message_input() -> rx.Component:
    return _MessageForm.create(
        _MessageBox.create(
            id=MESSAGE_BOX,
            name=MESSAGE_BOX,
            placeholder=text("placeholder"),
            aria_label=text("message"),
            rows=1,
            auto_focus=True,
            auto_complete="off",
            custom_attrs={
                "onKeyDown": ENTER_SENDS,
                "onInput": rx.Var("onMessageInput"),
                **shortcut("focus_message"),
            },
            class_name="message-box",
        ),
        rx.cond(ChatState.agents.length() > 1, _model_menu()),
        rx.cond(ChatState.is_loading, _stop_button(), _send_button()),
        on_submit=_send,
        class_name="message-form",
    )


def _model_menu() -> rx.Component:
    """The model or agent that answers what is sent from the box."""
    return rx.el.select(
        rx.foreach(ChatState.agents, lambda each: rx.el.option(each.title, value=each.name)),
        name=MODEL_MENU,
        aria_label=text("model"),
        title=text("model"),
        class_name="model-menu",
    )


def _send(form: rx.Var[dict[str, str]]) -> Any:
    message = form.to(dict[str, str])[MESSAGE_BOX]
    send = ChatState.send(form, rx.Var(f"onItsWay({MESSAGE_BOX!r}, {message!s})").to(str))
    # It stays in the box, and isn't sent at all: a connection breaks at what is longer than Socket.IO takes.
    is_too_long = (ChatState.max_chars > 0) & (message.length() > ChatState.max_chars)
    return rx.cond(is_too_long, ChatState.refuse_long, send)


def _send_button() -> rx.Component:
    return rx.el.button(
        rx.icon("arrow-up", size=20),
        type="submit",
        # What is written while the server can't be reached stays in the box, where it can be seen.
        disabled=has_connection_errors,
        aria_label=text("send"),
        title=text("send"),
        class_name="send-button",
    )


def _stop_button() -> rx.Component:
    return rx.el.button(
        rx.icon("square", size=14, fill="currentColor"),
        type="button",
        on_click=[ChatState.stop, rx.set_focus(MESSAGE_BOX)],
        custom_attrs=shortcut("stop"),
        aria_label=text("stop"),
        title=text("stop"),
        class_name="send-button",
    )
