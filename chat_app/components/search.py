"""Looking for something in all conversations."""

import reflex as rx
from reflex_components_core.react_router.dom import ReactRouterLink

from chat_app.components.dialog import dialog, dialog_button, hide
from chat_app.components.shortcuts import shortcut
from chat_app.components.text import text
from chat_app.state.search import SearchHit, SearchState

_TYPING_PAUSE = 200  # milliseconds


def search_button() -> rx.Component:
    return dialog_button("search", "search", custom_attrs=shortcut("search"))


def search() -> rx.Component:
    """The dialog."""
    return dialog(
        "search",
        rx.el.input(
            type="search",
            on_change=SearchState.find.debounce(_TYPING_PAUSE),
            auto_complete="off",
            aria_label=text("search"),
            class_name="text-box",
        ),
        rx.el.ul(rx.foreach(SearchState.hits, _hit), class_name="mt-2"),
        rx.el.div(rx.cond(SearchState.found_nothing, rx.el.p(text("no_matches"), class_name="mt-4")), role="status"),
    )


def _hit(hit: rx.vars.ObjectVar[SearchHit]) -> rx.Component:
    return rx.el.li(
        ReactRouterLink.create(
            rx.el.span(hit.title, class_name="block truncate font-medium"),
            rx.el.span(
                hit.before, rx.el.mark(hit.match), hit.after, class_name="block truncate text-sm text-muted-foreground"
            ),
            to=f"/chat/{hit.conversation_id}",
            on_click=[hide("conversations"), hide("search"), SearchState.choose(hit.message_id)],
            class_name="search-hit",
        ),
        key=hit.conversation_id,
    )
