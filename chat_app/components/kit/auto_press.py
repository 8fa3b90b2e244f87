"""A button that is pressed by being scrolled to, and can be pressed like any other."""

from typing import Any

import reflex as rx

from chat_app.components.kit.script import imported

_SCRIPT = rx.asset("auto_press.js", shared=True).importable_path


class AutoPressButton(rx.el.Button):
    """The button; what it does is its ``on_click``."""

    @classmethod
    def create(cls, *children: Any, piece: rx.Var[int] | int, **props: Any) -> rx.el.Button:
        """Create it.

        Args:
            piece: Changes with every piece that it has loaded.
        """
        # A function of its own each time: React calls it whenever the button is drawn.
        ref = imported(_SCRIPT, "pressWhenNear", "(button) => pressWhenNear(button)")
        return super().create(*children, type="button", custom_attrs={"data-piece": piece, "ref": ref}, **props)
