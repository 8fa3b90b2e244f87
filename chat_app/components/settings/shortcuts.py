"""Keyboard shortcuts, and the dialog that lists them.

A shortcut clicks, or focuses, the last element on the page that ``shortcut`` has marked with its name. So it does what
a click does, and nothing while there is no such element.
"""

import json
from dataclasses import asdict, dataclass
from typing import Any

import reflex as rx
from reflex_base.utils.imports import ImportDict

from chat_app.components.kit.dialog import dialog, page_button
from chat_app.components.kit.text import text
from chat_app.state.conversation.message_box import MESSAGE_BOX


@dataclass(frozen=True, slots=True)
class Shortcut:
    """A keyboard shortcut.

    Attributes:
        keys: Joined by ``+``, as a browser calls them, in lower case; ``mod`` is ⌘ on a Mac and Ctrl elsewhere.
        label: Its name, and the field of ``chat_app.texts.Catalogue`` with its description.
        in_empty_box: Whether it works only in the empty message box, where its keys do nothing else.
    """

    keys: str
    label: str
    in_empty_box: bool = False


SHORTCUTS = (
    Shortcut("mod+shift+o", "new_chat"),
    Shortcut("mod+k", "search"),
    Shortcut("mod+shift+s", "toggle_conversations"),
    Shortcut("shift+escape", "focus_message"),
    Shortcut("escape", "stop"),
    Shortcut("arrowup", "edit_last", in_empty_box=True),
    Shortcut("mod+shift+c", "copy_answer"),
    Shortcut("mod+/", "shortcuts"),
)

_SCRIPT = rx.asset("shortcuts.js", shared=True).importable_path


def shortcut(name: str) -> dict[str, str]:
    """The ``custom_attrs`` of an element that the shortcut called ``name`` clicks."""
    return {"data-shortcut": name}


class ShortcutListener(rx.Fragment):
    """Hook that listens to the keyboard while it is mounted."""

    def add_imports(self) -> ImportDict:
        return {"react": "useEffect", _SCRIPT: "listenToShortcuts"}

    def add_hooks(self) -> list[str | rx.Var[Any]]:
        shortcuts = json.dumps({each.keys: asdict(each) for each in SHORTCUTS})
        return [f"useEffect(() => listenToShortcuts({shortcuts}, {MESSAGE_BOX!r}), []);"]


def shortcut_list() -> rx.Component:
    """The dialog that lists all shortcuts."""
    return dialog(
        "shortcuts",
        rx.el.dl(*(_entry(each) for each in SHORTCUTS), class_name="space-y-2"),
        back_to="settings",
    )


def shortcut_list_button() -> rx.Component:
    return page_button("keyboard", "shortcuts", **shortcut("shortcuts"))


def _entry(each: Shortcut) -> rx.Component:
    keys = (key.capitalize() for key in each.keys.replace("mod", "Ctrl / ⌘").replace("arrowup", "↑").split("+"))
    return rx.el.div(
        rx.el.dt(text(each.label)),
        rx.el.dd(*(rx.el.kbd(key, class_name="key") for key in keys), class_name="flex shrink-0 gap-1"),
        class_name="flex items-center justify-between gap-6",
    )
