"""The dialogs for the visitor's data: export, import, deletion."""

import reflex as rx
from reflex_base.vars import VarData

from chat_app.components.kit.buttons import menu_entry, text_button
from chat_app.components.kit.dialog import back_button, close_all, dialog, page_button
from chat_app.components.kit.text import text
from chat_app.state.settings.my_data import MyData

# Uploaded to the API, since the file may exceed the limit of the websocket.
_SCRIPT = rx.asset("import_archive.js", shared=True).importable_path
_IMPORT = rx.Var(
    '() => importArchive(document.getElementById("archive"), getBackendURL())',
    _var_data=VarData(imports={"$/utils/state": "getBackendURL", _SCRIPT: "importArchive"}),
)


def my_data() -> rx.Component:
    """The dialog that exports, imports and deletes the visitor's conversations."""
    return dialog(
        "my_data",
        rx.el.p(text("where_kept"), class_name="mb-3 px-3 text-sm text-muted-foreground"),
        menu_entry("download", "export_all", on_click=MyData.export),
        rx.el.label(
            rx.icon("upload", size=18),
            text("import_file"),
            rx.el.input(
                id="archive",
                type="file",
                accept="application/json",
                on_change=rx.call_function(_IMPORT, callback=MyData.show_import_result),
                class_name="sr-only",
            ),
            class_name="nav-link file-label",
        ),
        rx.el.p(MyData.outcome, role="status", class_name="outcome"),
        page_button("trash-2", "delete_all", class_name="danger-entry"),
        back_to="settings",
    )


def my_data_button() -> rx.Component:
    return page_button("database", "my_data")


def deletion_dialog() -> rx.Component:
    """The dialog that asks for confirmation before everything is deleted."""
    return dialog(
        "delete_all",
        rx.el.p(text("delete_all_detail")),
        rx.el.div(
            back_button("cancel", back_to="my_data"),
            text_button("delete_all", on_click=[MyData.delete, close_all()], class_name="quiet-button danger-button"),
            class_name="mt-4 flex justify-end gap-2",
        ),
        back_to="my_data",
    )
