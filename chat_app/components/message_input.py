"""Where a message is written and sent, and an answer stopped."""

from typing import Any

import reflex as rx
from reflex_base.utils.imports import ImportDict
from reflex_components_core.core.banner import has_connection_errors

from chat_app.components.address import PATH
from chat_app.components.enter_key import ENTER_SENDS
from chat_app.components.shortcuts import shortcut
from chat_app.components.text import text
from chat_app.state.chat import MESSAGE_BOX, ChatState
from chat_app.state.sent import SENT, SENT_MESSAGES

# Where the browser has no room left, or keeps nothing for this site, a draft is only in the box: the page goes on.
_DRAFTS = f"""
const attempt = (access) => {{
  try {{
    return access();
  }} catch {{
    return null;
  }}
}};
const draftName = () => `draft ${{window.location.pathname}}`;
const storedDraft = () => attempt(() => localStorage.getItem(draftName()));
const forgetDraft = (name = draftName()) => attempt(() => localStorage.removeItem(name));
const keepDraft = (text) => text ? attempt(() => localStorage.setItem(draftName(), text)) : forgetDraft();
// A new conversation has just got its address: what is in the box was typed for it.
const showDraft = (pathBefore, path, ownPath) => {{
  const box = document.getElementById("{MESSAGE_BOX}");
  const draft = storedDraft();
  if (pathBefore === "/" && path === ownPath && draft === null) {{
    forgetDraft("draft /");
    keepDraft(box.value);
  }} else {{
    box.value = draft ?? "";
  }}
}};"""
_KEEP_DRAFT = rx.Var("(event) => keepDraft(event.target.value)")

# Takes the message out of its box, as if the visitor had, when it is handed to the connection, which may be lost with
# it: so the browser keeps it until the server has it (see ``state.sent``).
_ON_ITS_WAY = f"""
const onItsWay = (text) => {{
  const box = document.getElementById("{MESSAGE_BOX}");
  const id = generateUUID().replaceAll("-", "");
  const message = {{id, text, path: window.location.pathname}};
  try {{
    if (text.trim()) sessionStorage.setItem("{SENT}", JSON.stringify([...{SENT_MESSAGES}, message]));
  }} catch {{}} // where there is no room left, it has to do without
  box.value = "";
  box.dispatchEvent(new Event("input", {{bubbles: true}}));
  return id;
}};"""


class _MessageBox(rx.el.Textarea):
    """A text box that holds what was typed at the page's address and not sent; the browser keeps it.

    Attributes:
        path: The address.
        own_path: The address that the conversation on the page has, or will have as soon as the browser goes there.
    """

    path: rx.Var[str] = PATH
    own_path: rx.Var[str] = rx.Var.create(f"/chat/{ChatState.conversation_id}")

    def add_imports(self) -> ImportDict:
        return {"react": ["useEffect", "useRef"]}

    def add_custom_code(self) -> list[str]:
        return [_DRAFTS]

    def add_hooks(self) -> list[str | rx.Var[Any]]:
        return [
            f"""const pathBefore = useRef();
            useEffect(() => {{
              showDraft(pathBefore.current, {self.path!s}, {self.own_path!s});
              pathBefore.current = {self.path!s};
            }}, [{self.path!s}]);"""
        ]

    def _exclude_props(self) -> list[str]:
        return [*super()._exclude_props(), "path", "own_path"]


class _MessageForm(rx.el.Form):
    def add_imports(self) -> ImportDict:
        return {"$/utils/state": ["generateUUID"]}

    def add_custom_code(self) -> list[str]:
        return [_ON_ITS_WAY]


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
            custom_attrs={"onKeyDown": ENTER_SENDS, "onInput": _KEEP_DRAFT, **shortcut("focus_message")},
            class_name="message-box",
        ),
        rx.cond(ChatState.is_loading, _stop_button(), _send_button()),
        on_submit=_send,
        class_name="message-form",
    )


def _send(form: rx.Var[dict[str, str]]) -> Any:
    message = form.to(dict[str, str])[MESSAGE_BOX]
    send = ChatState.send(form, rx.Var(f"onItsWay({message!s})").to(str))
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
