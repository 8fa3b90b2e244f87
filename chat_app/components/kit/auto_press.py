"""A button that loads more by itself when it is scrolled to (infinite scrolling)."""

from typing import Any

import reflex as rx

from chat_app.components.kit.script import imported

_SCRIPT = rx.asset("auto_press.js", shared=True).importable_path


class AutoPressButton(rx.el.Button):
    """The button; its ``on_click`` loads more."""

    @classmethod
    def create(cls, *children: Any, piece: rx.Var[int] | int, **props: Any) -> rx.el.Button:
        """Create the button.

        Args:
            piece: Changes with every piece that it has loaded.
        """
        # A new function each time, since React calls a changed ref whenever the button is drawn.
        ref = imported(_SCRIPT, "pressWhenNear", "(button) => pressWhenNear(button)")
        return super().create(*children, type="button", custom_attrs={"data-piece": piece, "ref": ref}, **props)
