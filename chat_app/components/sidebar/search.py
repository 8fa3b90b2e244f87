"""The dialog that searches all conversations."""

import reflex as rx
from reflex_components_core.react_router.dom import ReactRouterLink

from chat_app.components.kit.dialog import close_all, close_button, dialog_button, headless_dialog
from chat_app.components.kit.script import imported
from chat_app.components.kit.text import text
from chat_app.components.settings.shortcuts import shortcut
from chat_app.services.conversations.conversations import MAX_QUERY_CHARS
from chat_app.services.conversations.excerpt import Fragment
from chat_app.state.sidebar.search import HitView, SearchState

_TYPING_PAUSE = 200  # milliseconds
_SCRIPT = rx.asset("search.js", shared=True).importable_path


def search_button() -> rx.Component:
    return dialog_button("search", "search", **shortcut("search"))


def search() -> rx.Component:
    """The dialog; with an empty query it lists the conversations used last."""
    return headless_dialog(
        "search",
        rx.el.div(
            rx.icon("search", size=18, class_name="shrink-0 text-muted-foreground"),
            rx.el.input(
                role="searchbox",  # a box of the type "search" keeps Escape for itself
                enter_key_hint="search",
                on_focus=SearchState.find,
                on_change=SearchState.find.debounce(_TYPING_PAUSE),
                auto_complete="off",
                max_length=MAX_QUERY_CHARS,
                placeholder=text("search_placeholder"),
                aria_label=text("search"),
                class_name="search-box",
            ),
            close_button(),
            class_name="search-header",
        ),
        rx.el.div(
            rx.cond(SearchState.is_recent, rx.el.h2(text("recent"), class_name="list-heading")),
            rx.el.ul(rx.foreach(SearchState.hits, _hit), custom_attrs={"data-query": SearchState.query}),
            rx.el.div(rx.cond(SearchState.found_nothing, _found_nothing()), role="status"),
            class_name="search-results",
        ),
        onKeyDown=imported(_SCRIPT, "onSearchKey"),
    )


def _found_nothing() -> rx.Component:
    return rx.el.div(
        rx.el.p(text("no_matches"), class_name="font-medium"),
        rx.el.p(text("no_matches_detail"), class_name="mt-1 text-sm text-muted-foreground"),
        class_name="px-3 py-6 text-center text-balance",
    )


def _hit(hit: rx.vars.ObjectVar[HitView]) -> rx.Component:
    return rx.el.li(
        ReactRouterLink.create(
            rx.el.span(rx.foreach(hit.title, _piece), class_name="block truncate"),
            rx.cond(
                hit.message_id,
                rx.el.span(rx.foreach(hit.excerpt, _piece), class_name="line-clamp-2 text-sm text-muted-foreground"),
            ),
            to=f"/chat/{hit.conversation_id}",
            on_click=[close_all(), SearchState.choose(hit.message_id)],
            class_name="search-hit",
        ),
        key=hit.conversation_id,
    )


def _piece(piece: rx.vars.ObjectVar[Fragment]) -> rx.Component:
    return rx.cond(piece.is_match, rx.el.mark(piece.text), rx.el.span(piece.text))
