"""Files of a message: thumbnails of pictures, links to the others."""

import reflex as rx
from reflex_base.vars import VarData

from chat_app.state.conversation.file_view import FileView

_FILES = rx.Var(
    'new URL(getBackendURL().pathname.replace(/ping$/, "files/"), getBackendURL()).href',
    _var_data=VarData(imports={"$/utils/state": "getBackendURL"}),
).to(str)


def file_chip(file: rx.vars.ObjectVar[FileView]) -> rx.Component:
    """A link to a picture in full size, or to the download of another file."""
    address = _FILES + file.id.to(str)
    picture = rx.el.a(
        rx.el.img(src=address + "?form=thumbnail", alt=file.name, loading="lazy", class_name="thumbnail"),
        href=address + "?form=picture",
        target="_blank",
        title=file.name,
        class_name="file-chip is-picture",
    )
    other = rx.el.a(
        rx.icon("file-text", size=18, class_name="shrink-0"),
        rx.el.span(file.name, class_name="truncate"),
        rx.el.span(file.size, class_name="shrink-0 text-muted-foreground"),
        href=address,
        class_name="file-chip",
    )
    return rx.cond(file.is_picture, picture, other)


def message_files(files: rx.vars.ArrayVar[list[FileView]], label: rx.Var[str], *, class_name: str = "") -> rx.Component:
    """The files of a message, if there are any."""
    chips = rx.foreach(files, lambda file: rx.el.li(file_chip(file), key=file.id, class_name="min-w-0"))
    return rx.cond(files.length() > 0, rx.el.ul(chips, aria_label=label, class_name=f"files {class_name}"))
