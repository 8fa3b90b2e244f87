"""The colour of the browser's own elements around the page, such as the address bar on a phone (``theme-color``).

https://developer.mozilla.org/en-US/docs/Web/HTML/Reference/Elements/meta/name/theme-color
"""

import reflex as rx
from reflex.style import color_mode

from chat_app.theme import BACKGROUNDS


def theme_colours() -> rx.Component:
    """The colours for the system's light and dark theme; both the same if the visitor has chosen a theme.

    React moves ``meta`` elements into the page's head: https://react.dev/reference/react-dom/components/meta
    """
    chosen = rx.Var.create(BACKGROUNDS)[color_mode]
    return rx.fragment(
        *(
            rx.el.meta(
                name="theme-color",
                content=rx.cond(color_mode == "system", colour, chosen),
                custom_attrs={"media": f"(prefers-color-scheme: {mode})"},
            )
            for mode, colour in BACKGROUNDS.items()
        )
    )
