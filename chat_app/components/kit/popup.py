"""A small box next to the button that opens it.

It is a popover: the browser opens it, closes it with Escape or a press outside, and returns the focus.
https://html.spec.whatwg.org/multipage/popover.html
"""

from typing import Any

import reflex as rx
from reflex_base.utils.imports import ImportDict

from chat_app.components.kit.buttons import icon_button
from chat_app.components.kit.text import text

_IS_OPEN = rx.Var("isOpen").to(bool)


class _Popup(rx.el.Div):
    def add_imports(self) -> ImportDict:
        return {"react": "useState"}

    def add_hooks(self) -> list[str | rx.Var[Any]]:
        return ["const [isOpen, setOpen] = useState(false);"]


@rx.memo
def _popup(children: rx.Var[rx.Component], popup_id: rx.Var[str], label: rx.Var[str]) -> rx.Component:
    """The box. Its content is mounted only while it is open, since each message may have one."""
    return _Popup.create(
        rx.cond(_IS_OPEN, rx.fragment(children)),
        id=popup_id,
        role="dialog",
        aria_label=label,
        custom_attrs={
            "popover": "auto",
            "onBeforeToggle": rx.Var("({newState}) => setOpen(newState === 'open')"),
            "onToggle": rx.Var("({target}) => target.querySelector('input')?.focus()"),
        },
        class_name="popup",
    )


def popup_button(popup_id: rx.Var[str], icon: str, name: str, content: rx.Component, **props: Any) -> rx.Component:
    """The button with its box, both labelled with the sentence called ``name``."""
    button = icon_button(icon, name, custom_attrs={"popoverTarget": popup_id}, **props)
    return rx.fragment(button, _popup(content, popup_id=popup_id, label=text(name)))
