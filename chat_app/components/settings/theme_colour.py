"""The colour of the browser's own elements around the page, such as the address bar on a phone (``theme-color``).

https://developer.mozilla.org/en-US/docs/Web/HTML/Reference/Elements/meta/name/theme-color
"""

from typing import Any

import reflex as rx
from reflex_base.style import resolved_color_mode
from reflex_base.utils.imports import ImportDict

from chat_app.compat import HookProps
from chat_app.theme import BACKGROUNDS


def theme_colours() -> list[rx.Component]:
    """Elements of the page's head: the colours of the system's two themes."""
    return [
        rx.el.meta(name="theme-color", content=colour, media=f"(prefers-color-scheme: {mode})")
        for mode, colour in BACKGROUNDS.items()
    ]


class _ThemeColour(HookProps, rx.Fragment):
    """Sets all of those elements to one ``colour``."""

    colour: rx.Var[str]

    def add_imports(self) -> ImportDict:
        return {"react": "useEffect"}

    def add_hooks(self) -> list[str | rx.Var[Any]]:
        paint = "document.querySelectorAll('meta[name=theme-color]').forEach((each) => { each.content = colour; })"
        return [f"const colour = {self.colour!s};", f"useEffect(() => {paint}, [colour]);"]


def chosen_theme_colour() -> rx.Component:
    """Sets the colour to that of the theme that the visitor has chosen, whatever the system's is."""
    return _ThemeColour.create(colour=rx.Var.create(BACKGROUNDS)[resolved_color_mode])
