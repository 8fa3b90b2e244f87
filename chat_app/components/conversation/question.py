"""A question: the visitor's message, and its editor."""

from typing import Any

import reflex as rx
from reflex_base.utils.imports import ImportDict

from chat_app.compat.reflex import HookProps
from chat_app.components.conversation.files import message_files
from chat_app.components.conversation.message_time import message_time
from chat_app.components.conversation.version_pager import version_pager
from chat_app.components.kit.buttons import icon_button, text_button
from chat_app.components.kit.copy_button import copy_button
from chat_app.components.kit.text import text
from chat_app.components.settings.shortcuts import shortcut
from chat_app.state.conversation.file_view import FileView
from chat_app.state.conversation.message_actions import MessageActions
from chat_app.state.conversation.message_box import MESSAGE_BOX
from chat_app.state.conversation.message_view import MessageView

_SCRIPT = rx.asset("question.js", shared=True).importable_path
_IS_EDITING = rx.Var("editing.isEditing").to(bool)
_IS_LONG = rx.Var("folding.isLong").to(bool)
_IS_OPEN = rx.Var("folding.isOpen").to(bool)


class _Question(HookProps, rx.el.Article):
    message_id: rx.Var[str]
    content: rx.Var[str]

    def add_imports(self) -> ImportDict:
        return {_SCRIPT: ["useEditing", "useFolding"]}

    def add_hooks(self) -> list[str | rx.Var[Any]]:
        return [
            f"const editing = useEditing({self.message_id!s}, {MESSAGE_BOX!r});",
            f"const folding = useFolding({self.content!s});",
        ]


@rx.memo
def question(*, item: rx.vars.ObjectVar[MessageView]) -> rx.Component:
    return _Question.create(
        message_files(item.files.to(list[FileView]), text("attached_files"), class_name="question-files"),
        rx.cond(_IS_EDITING, _editor(item.id, item.text), rx.cond(item.text, _bubble(item.text))),
        rx.cond(item.is_unanswered, rx.el.p(text("unanswered"), class_name="unanswered-note")),
        rx.el.div(
            message_time(item.created_at),
            copy_button(content=item.text, label=text("copy")),
            _edit_button(),
            version_pager(item.version, item.previous_id, item.next_id),
            hidden=_IS_EDITING,
            class_name="actions -mr-2",
        ),
        message_id=item.id,
        content=item.text,
        custom_attrs={"ref": rx.Var("editing.row")},
        id=item.id,
        aria_label=text("you"),
        aria_live="off",
        class_name="flex scroll-m-2 flex-col items-end pt-3",
    )


def _bubble(content: rx.Var[str]) -> rx.Component:
    # The browser's search scrolls within a folded text, which unfolds it.
    events = {"ref": rx.Var("folding.ref"), "onScroll": rx.Var("folding.open")}
    fold = rx.cond(_IS_OPEN, "", rx.cond(_IS_LONG, "folded is-long", "folded"))
    toggle = rx.el.button(
        rx.cond(_IS_OPEN, text("show_less"), text("show_more")),
        type="button",
        aria_expanded=_IS_OPEN,
        custom_attrs={"onClick": rx.Var("folding.toggle")},
        class_name="fold-button",
    )
    return rx.fragment(
        rx.el.div(rx.el.div(content, custom_attrs=events, class_name=fold), class_name="bubble"),
        rx.cond(_IS_LONG, toggle),
    )


def _edit_button() -> rx.Component:
    return icon_button("pencil", "edit", custom_attrs={"onClick": rx.Var("editing.edit"), **shortcut("edit_last")})


def _editor(message_id: rx.Var[str], content: rx.Var[str]) -> rx.Component:
    return rx.el.form(
        rx.el.textarea(
            name=MESSAGE_BOX,
            default_value=content,
            aria_label=text("edit_message"),
            rows=1,
            class_name="message-box !flex-none",
        ),
        rx.el.div(
            text_button("cancel", custom_attrs={"onClick": rx.Var("editing.cancel")}),
            text_button(
                "send", type="submit", custom_attrs={"onClick": rx.Var("editing.send")}, class_name="primary-button"
            ),
            class_name="flex justify-end gap-2",
        ),
        on_submit=MessageActions.edit(message_id),
        custom_attrs={"onKeyDown": rx.Var("editing.cancelWithEscape")},
        class_name="message-form mb-3 w-full flex-col !items-stretch",
    )
