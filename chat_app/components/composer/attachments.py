"""Files for the next message: the button that chooses them, and those that are attached."""

from typing import Any

import reflex as rx
from reflex_base.utils.imports import ImportDict
from reflex_base.vars import VarData

from chat_app.compat.reflex import HookProps
from chat_app.components.conversation.files import file_chip
from chat_app.components.kit.buttons import icon_button
from chat_app.components.kit.text import text
from chat_app.state.conversation.chat import ChatState
from chat_app.state.conversation.file_view import FileView
from chat_app.state.conversation.message_box import MESSAGE_BOX

LONG_PASTE = 4_000
"""Characters of a pasted text that becomes a file."""

_INPUT = "files"
_SCRIPT = rx.asset("attachments.js", shared=True).importable_path


class _FileInput(HookProps, rx.el.Input):
    """The file input, and the listeners for files that are dropped or pasted."""

    def add_imports(self) -> ImportDict:
        return {_SCRIPT: ["useAttachments"]}

    def add_hooks(self) -> list[str | rx.Var[Any]]:
        return [f"useAttachments({MESSAGE_BOX!r}, {_INPUT!r}, {LONG_PASTE});"]


def attach_button() -> rx.Component:
    """The button that chooses files; on a phone, a picture can be taken with the camera as well."""
    return rx.el.label(
        rx.icon("paperclip", size=18),
        _FileInput.create(
            id=_INPUT,
            type="file",
            multiple=True,
            aria_label=text("attach_files"),
            on_change=rx.call_function(_upload(), callback=ChatState.add_attachments),
            class_name="sr-only",
        ),
        title=text("attach_files"),
        class_name="icon-button attach-button",
    )


def attachments() -> rx.Component:
    """The attached files, and the progress of uploads."""
    return rx.el.div(
        rx.cond(
            ChatState.attached,
            rx.el.ul(
                rx.foreach(ChatState.attached, _attachment), aria_label=text("attached_files"), class_name="files"
            ),
        ),
        rx.cond(
            ChatState.has_unseen_pictures, rx.el.p(text("no_images"), class_name="px-1 text-sm text-muted-foreground")
        ),
        rx.el.progress(hidden=True, aria_label=text("uploading"), class_name="upload-progress"),
        role="status",
        class_name="attachments",
    )


def _attachment(file: rx.vars.ObjectVar[FileView]) -> rx.Component:
    remove = text("remove_file").replace("{name}", file.name)
    return rx.el.li(
        file_chip(file),
        icon_button(
            "x",
            "remove_file",
            on_click=ChatState.remove_attachment(file.id),
            aria_label=remove,
            title=remove,
            class_name="remove-file",
        ),
        key=file.id,
        class_name="attachment",
    )


def _upload() -> rx.Var[Any]:
    """A function that uploads the chosen files."""
    max_bytes = rx.Var.create(ChatState.max_file_bytes).to(int)
    max_files = rx.Var.create(ChatState.max_files).to(int)
    limits = rx.Var.create({"bytes": max_bytes, "files": max_files - ChatState.attached.length()})
    sentences = rx.Var.create(
        {
            "tooLarge": text("file_too_large").replace("{max}", (max_bytes / 1_000_000).to_string()),
            "tooMany": text("too_many_files").replace("{max}", max_files.to_string()),
            "failed": text("upload_failed"),
        }
    )
    return rx.Var(
        f"() => uploadFiles(document.getElementById({_INPUT!r}), getBackendURL(), {limits}, {sentences})",
        _var_data=VarData(imports={"$/utils/state": "getBackendURL", _SCRIPT: "uploadFiles"}),
    )
