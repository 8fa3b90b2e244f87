"""Where a message is written and sent, and an answer stopped."""

import reflex as rx

from chat_app.components.shortcuts import shortcut
from chat_app.components.text import text
from chat_app.state.chat import MESSAGE_BOX, ChatState

# Enter sends, except where it means something else: with Shift a new line; while an input method composes Korean,
# Japanese or Chinese, the end of the composition (keyCode 229: https://www.w3.org/TR/uievents/#determine-keydown-keyup-keyCode,
# for Safari, which ends the composition first); on a touch screen, whose keyboards have no Shift+Enter, a new line;
# while there is no Send button, nothing.
_SEND_ON_ENTER = rx.Var(
    """(event) => {
  if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing || event.keyCode === 229) return;
  if (window.matchMedia("(pointer: coarse)").matches) return;
  event.preventDefault();
  const send = event.target.form.querySelector("[type=submit]");
  if (!event.repeat && event.target.value.trim()) send?.click();
}"""
)


def message_input() -> rx.Component:
    return rx.el.form(
        rx.el.textarea(
            id=MESSAGE_BOX,
            name=MESSAGE_BOX,
            placeholder=text("placeholder"),
            aria_label=text("message"),
            rows=1,
            auto_focus=True,
            auto_complete="off",
            custom_attrs={"onKeyDown": _SEND_ON_ENTER, **shortcut("focus_message")},
            class_name="message-box",
        ),
        rx.cond(ChatState.is_loading, _stop_button(), _send_button()),
        on_submit=ChatState.send,
        reset_on_submit=True,
        class_name="message-form",
    )


def _send_button() -> rx.Component:
    return rx.el.button(
        rx.icon("arrow-up", size=20),
        type="submit",
        aria_label=text("send"),
        title=text("send"),
        class_name="send-button",
    )


def _stop_button() -> rx.Component:
    return rx.el.button(
        rx.icon("square", size=14, fill="currentColor"),
        type="button",
        on_click=ChatState.stop,
        custom_attrs=shortcut("stop"),
        aria_label=text("stop"),
        title=text("stop"),
        class_name="send-button",
    )
