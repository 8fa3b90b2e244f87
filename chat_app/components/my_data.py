"""Everything that is the visitor's: taken away, brought back, deleted."""

import reflex as rx
from reflex_base.vars import VarData

from chat_app.components.dialog import dialog, dialog_button, hide
from chat_app.components.text import text
from chat_app.state.my_data import MyData

# The file goes to the API: it may be larger than what the websocket takes. Resolves to why it failed, to an empty text
# if it did not, and to nothing if nobody said why.
_IMPORT = rx.Var(
    """async () => {
  const input = document.getElementById("archive");
  const url = getBackendURL();
  url.pathname = url.pathname.replace(/ping$/, "archive");
  const headers = {"Content-Type": "application/json"};
  const sending = fetch(url, {method: "POST", credentials: "include", headers, body: input.files[0]});
  input.value = "";
  try {
    const response = await sending;
    return response.ok ? "" : (await response.json()).error.message;
  } catch {
    return null;
  }
}""",
    _var_data=VarData(imports={"$/utils/state": "getBackendURL"}),
)
_ENTRY = "nav-link w-full"


def my_data() -> rx.Component:
    """The dialog."""
    return dialog(
        "my_data",
        rx.el.button(
            rx.icon("download", size=18), text("export_all"), type="button", on_click=MyData.export, class_name=_ENTRY
        ),
        rx.el.label(
            rx.icon("upload", size=18),
            text("import_file"),
            rx.el.input(
                id="archive",
                type="file",
                accept="application/json",
                on_change=rx.call_function(_IMPORT, callback=MyData.tell),
                class_name="sr-only",
            ),
            class_name=f"{_ENTRY} file-label",
        ),
        rx.el.p(MyData.outcome, role="status", class_name="px-3 text-sm text-muted-foreground"),
        dialog_button("delete_all", "trash-2"),
        _confirmation(),
    )


def my_data_button() -> rx.Component:
    return dialog_button("my_data", "database")


def _confirmation() -> rx.Component:
    return dialog(
        "delete_all",
        rx.el.p(text("delete_all_detail")),
        rx.el.div(
            rx.el.button(
                text("delete_all"),
                type="button",
                on_click=[MyData.delete, hide("settings")],
                class_name="quiet-button danger-button",
            ),
            class_name="mt-4 flex justify-end",
        ),
    )
