"""The messages of the conversation, the streaming answer included."""

from typing import Any

import reflex as rx
from reflex_base.utils.imports import ImportDict

from chat_app.compat.reflex import HookProps
from chat_app.components.conversation.message import message
from chat_app.components.conversation.scroll_area import EndButton, scroll_area
from chat_app.components.conversation.suggestion import follow_ups
from chat_app.components.kit.buttons import icon_button, text_button
from chat_app.components.kit.load_more import LoadMoreButton
from chat_app.components.kit.text import text
from chat_app.state.conversation.chat import ChatState
from chat_app.state.sidebar.search import SearchState

_SEARCH_SCRIPT = rx.asset("browser_search.js", shared=True).importable_path
_SELECTION_SCRIPT = rx.asset("kept_selection.js", shared=True).importable_path

# Scroll anchoring keeps the visible messages in place while earlier ones are inserted, but not at the very top.
# https://drafts.csswg.org/css-scroll-anchoring/
_LEAVE_TOP = rx.call_script("document.querySelector('.scroller').scrollTop ||= 1")


def message_list() -> rx.Component:
    """The conversation, or its newest messages with a button for earlier ones."""
    return scroll_area(
        rx.cond(ChatState.has_earlier, rx.fragment(_earlier_notice(), _earlier_button())),
        rx.foreach(ChatState.messages + ChatState.latest, message),
        follow_ups(),
        _latest_button(),
        _selection_keeper(),
        role="log",
        aria_label=text("conversation"),
        aria_live="polite",
        aria_busy=ChatState.is_loading,
        class_name="relative min-h-0 flex-1",
        content_class_name="mx-auto w-full max-w-3xl px-4 pt-4 pb-8",
    )


class _EarlierNotice(rx.el.Div):
    def add_imports(self) -> ImportDict:
        return {_SEARCH_SCRIPT: ["useBrowserSearch"]}

    def add_hooks(self) -> list[str | rx.Var[Any]]:
        return ["const browserSearch = useBrowserSearch();"]


@rx.memo
def _earlier_notice() -> rx.Component:
    """The notice that the browser's search and print miss earlier messages; it stays in view during a search."""
    return _EarlierNotice.create(
        rx.el.p(text("earlier_missing")),
        text_button(
            "load_all", on_click=[_LEAVE_TOP, ChatState.load_all], custom_attrs={"ref": rx.Var("browserSearch.button")}
        ),
        icon_button("x", "close", custom_attrs={"onClick": rx.Var("browserSearch.close")}, class_name="earlier-close"),
        role="status",
        custom_attrs={"data-searching": rx.Var("browserSearch.isSearching")},
        class_name="earlier-notice",
    )


def _earlier_button() -> rx.Component:
    return LoadMoreButton.create(
        text("earlier_messages"),
        loaded=ChatState.messages.length(),
        on_click=[_LEAVE_TOP, ChatState.load_earlier],
        class_name="quiet-button more-button",
    )


class _SelectionKeeper(HookProps, rx.Fragment):
    """Hook that keeps the selection while the selected text is drawn again.

    Attributes:
        answer_id: The ``id`` of the element with the answer that streams; empty without one.
    """

    answer_id: rx.Var[str]

    def add_imports(self) -> ImportDict:
        return {_SELECTION_SCRIPT: ["useKeptSelection"]}

    def add_hooks(self) -> list[str | rx.Var[Any]]:
        return [f"useKeptSelection({self.answer_id!s});"]


@rx.memo
def _selection_keeper() -> rx.Component:
    return _SelectionKeeper.create(answer_id=ChatState.live_id)


@rx.memo
def _latest_button() -> rx.Component:
    return EndButton.create(
        rx.icon("arrow-down", size=18),
        shown=ChatState.conversation_id,
        go_when=ChatState.live_id,
        # None after a reload: the message has been shown already.
        found=rx.cond(ChatState.is_hydrated, SearchState.found, None),
        aria_label=text("latest_messages"),
        title=text("latest_messages"),
        class_name="latest-button",
    )
