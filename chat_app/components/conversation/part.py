"""One part of an answer, shown by the component for its kind."""

from typing import cast

import reflex as rx

from chat_app.components.conversation.files import message_files
from chat_app.components.conversation.sources import source_list
from chat_app.components.kit.text import text
from chat_app.components.markdown.markdown import markdown
from chat_app.models.request import EARLIER_MESSAGES, LEFT_OUT, WEB_SEARCH
from chat_app.state.conversation.file_view import FileView
from chat_app.state.conversation.part_view import SEARCHED, SEARCHING, SOURCES, SourceView


@rx.memo
def part(
    *,
    kind: rx.Var[str],
    content: rx.Var[str],
    title: rx.Var[str],
    seconds: rx.Var[str],
    sources: rx.vars.ArrayVar[list[SourceView]],
    files: rx.vars.ArrayVar[list[FileView]],
    is_growing: rx.Var[bool],
) -> rx.Component:
    """The part of an answer with the attributes of a ``PartView``, which may still grow."""
    return rx.fragment(
        rx.match(
            kind,
            ("text", rx.cond(content, markdown(content, is_streaming=is_growing))),
            ("reasoning", _reasoning(content, seconds, is_growing)),
            (LEFT_OUT, _left_out(content)),
            (SEARCHING, rx.cond(is_growing, _search(rx.el.span(text("searching"), class_name="thinking")))),
            (SEARCHED, _search(text("searched").replace("{terms}", content.to(str)))),
            (SOURCES, source_list(sources)),
            ("file", message_files(files, text("attached_files"), class_name="mb-2")),
            _folded(title, content),  # a kind without a component of its own
        )
    )


def _reasoning(content: rx.Var[str], seconds: rx.Var[str], is_growing: rx.Var[bool]) -> rx.Component:
    thought = rx.cond(seconds, text("thought_for").replace("{seconds}", seconds.to(str)), text("reasoning"))
    return _folded(rx.cond(is_growing, rx.el.span(text("thinking"), class_name="thinking"), thought), content)


def _left_out(option: rx.Var[str]) -> rx.Component:
    """The notice that the model doesn't support an option of the conversation, or the length of it."""
    options = ("temperature", "top_p", "max_tokens", "reasoning_effort")
    label = cast("rx.Var[str]", rx.match(option, *((name, text(name)) for name in options), option))
    left_out = text("left_out").replace("{option}", label.to(str))
    notice = rx.cond(option == WEB_SEARCH, text("no_web_search"), left_out)
    style = "mb-2 text-sm text-muted-foreground"
    return rx.cond(
        option == EARLIER_MESSAGES,
        rx.el.p(text("earlier_left_out"), class_name=f"{style} earlier-left-out"),
        rx.el.p(notice, class_name=style),
    )


def _search(said: rx.Var[str] | rx.Component) -> rx.Component:
    """The line about a search of the web."""
    icon = rx.icon("globe", size=14, class_name="shrink-0", aria_hidden=True)
    return rx.el.p(icon, said, class_name="mb-2 flex items-center gap-2 text-sm text-muted-foreground")


def _folded(title: rx.Var[str] | rx.Component, content: rx.Var[str]) -> rx.Component:
    """A text that its title unfolds."""
    return rx.el.details(
        rx.el.summary(title, class_name="cursor-pointer select-none py-1"),
        rx.el.div(content, class_name="border-l-2 border-border pl-3 whitespace-pre-wrap break-words"),
        class_name="mb-2 text-sm text-muted-foreground",
    )
