"""The sources of an answer: web pages, and pages of files."""

import reflex as rx

from chat_app.components.kit.text import text
from chat_app.state.conversation.part_view import SourceView

OPEN = 5  # sources at most in a list that is unfolded from the start


def source_list(sources: rx.vars.ArrayVar[list[SourceView]]) -> rx.Component:
    """The numbered list of sources."""
    return rx.el.details(
        rx.el.summary(text("sources"), ": ", sources.length(), class_name="cursor-pointer select-none py-1"),
        rx.el.ol(rx.foreach(sources, _source), class_name="source-list"),
        open=sources.length() <= OPEN,
        class_name="mt-2 text-sm text-muted-foreground",
    )


def _source(source: rx.vars.ObjectVar[SourceView]) -> rx.Component:
    link = rx.el.a(source.title, href=source.url, target="_blank", rel="noopener noreferrer nofollow")
    page = rx.cond(source.page, rx.el.span(", ", text("page").replace("{number}", source.page.to(str))))
    host = rx.cond(source.host & (source.host != source.title), rx.el.span(" · ", source.host))
    quote = rx.cond(source.quote, rx.el.blockquote(source.quote, class_name="border-l-2 border-border pl-2"))
    unverified = rx.cond(source.is_unverified, rx.el.p(text("unverified"), class_name="text-danger-foreground"))
    return rx.el.li(rx.cond(source.url, link, rx.el.span(source.title)), page, host, quote, unverified)
