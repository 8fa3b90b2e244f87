"""The message box, and the buttons that send a message and stop an answer."""

from typing import Any

import reflex as rx
from reflex_base.utils.imports import ImportDict
from reflex_base.vars import VarData
from reflex_components_core.core.banner import has_connection_errors

from chat_app.compat.reflex import HookProps
from chat_app.components.composer.attachments import attach_button, attachments
from chat_app.components.composer.conversation_settings import conversation_settings_button
from chat_app.components.kit.text import text
from chat_app.components.settings.shortcuts import shortcut
from chat_app.state.conversation.chat import ChatState
from chat_app.state.conversation.message_box import MESSAGE_BOX, MODEL_MENU
from chat_app.state.conversation.model_menu import ModelGroup

_SCRIPT = rx.asset("message_input.js", shared=True).importable_path
rx.asset("prefill.js", shared=True)  # which it imports
# The path of the page's address, such as /chat/0123abcd, which the browser knows before the server's first response.
_LOCATION = VarData(hooks={"const location = useLocation()": None}, imports={"react-router": "useLocation"})
_PATH = rx.Var("location.pathname", _var_data=_LOCATION).to(str)
_QUERY = rx.Var("location.search", _var_data=_LOCATION).to(str)


class _MessageBox(HookProps, rx.el.Textarea):
    """A text box with the draft for the page's address, which the browser stores.

    Attributes:
        path, query: The address and its query, which may have a message.
        own_path: The address that the conversation on the page has, or will have as soon as the browser goes there.
    """

    path: rx.Var[str] = _PATH
    query: rx.Var[str] = _QUERY
    own_path: rx.Var[str] = rx.Var.create(f"/chat/{ChatState.conversation_id}")

    def add_imports(self) -> ImportDict:
        return {_SCRIPT: ["storeDraft", "useMessageBox"]}

    def add_hooks(self) -> list[str | rx.Var[Any]]:
        return [f"useMessageBox({MESSAGE_BOX!r}, {self.path!s}, {self.query!s}, {self.own_path!s});"]


class _MessageForm(rx.el.Form):
    def add_imports(self) -> ImportDict:
        return {_SCRIPT: ["moveToOutbox"]}


def message_input() -> rx.Component:
    return _MessageForm.create(
        attachments(),
        _MessageBox.create(
            id=MESSAGE_BOX,
            name=MESSAGE_BOX,
            placeholder=text("placeholder"),
            aria_label=text("message"),
            rows=1,
            auto_focus=True,
            auto_complete="off",
            # Enter sends: page_start.js
            custom_attrs={"onInput": rx.Var("storeDraft"), **shortcut("focus_message")},
            class_name="message-box",
        ),
        attach_button(),
        rx.cond(ChatState.has_choice, _model_menu()),
        conversation_settings_button(),
        rx.cond(ChatState.is_loading, _stop_button()),
        _send_button(),
        on_submit=_send,
        # While an answer streams, Send is visible only with a text in the box, which then waits in the queue.
        class_name=rx.cond(ChatState.is_loading, "message-form is-streaming", "message-form"),
    )


def _model_menu() -> rx.Component:
    """The choice of the model or agent that answers."""
    return rx.el.select(
        rx.foreach(ChatState.model_groups, _model_group),
        name=MODEL_MENU,
        default_value=ChatState.model,
        on_change=ChatState.choose_model,
        # `default_value` applies on mount only; the key forces a remount.
        key=rx.Var.create(f"{ChatState.conversation_id} {ChatState.model}"),
        aria_label=text("model"),
        title=text("model"),
        class_name="model-menu",
    )


def _model_group(group: rx.vars.ObjectVar[ModelGroup]) -> rx.Component:
    options = rx.foreach(group.models, lambda each: rx.el.option(each.title, value=each.name))
    return rx.cond(group.title, rx.el.optgroup(options, label=group.title), rx.fragment(options))


def _send(form: rx.Var[dict[str, str]]) -> Any:
    message = form.to(dict[str, str])[MESSAGE_BOX]
    send = ChatState.send(form, rx.Var(f"moveToOutbox({MESSAGE_BOX!r}, {message!s})").to(str))
    # Checked before it leaves the box: a message beyond Socket.IO's limit would break the connection.
    is_too_long = (ChatState.max_chars > 0) & (message.length() > ChatState.max_chars)
    return rx.cond(is_too_long, ChatState.refuse_long, send)


def _send_button() -> rx.Component:
    return rx.el.button(
        rx.icon("arrow-up", size=20),
        type="submit",
        # A message written while the server can't be reached stays in the box.
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
