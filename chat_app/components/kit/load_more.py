"""Infinite scrolling: a button that loads more when it is scrolled to."""

from typing import Any

import reflex as rx

from chat_app.components.kit.script import imported

_SCRIPT = rx.asset("load_more.js", shared=True).importable_path


class LoadMoreButton(rx.el.Button):
    """The button; its ``on_click`` loads more."""

    @classmethod
    def create(cls, *children: Any, loaded: rx.Var[int] | int, **props: Any) -> rx.el.Button:
        """Create the button.

        Args:
            loaded: Changes whenever more has been loaded.
        """
        # A new function each time, since React calls a changed ref whenever the button is drawn.
        ref = imported(_SCRIPT, "clickWhenNear", "(button) => clickWhenNear(button)")
        return super().create(*children, type="button", custom_attrs={"data-loaded": loaded, "ref": ref}, **props)
