"""Parts of a message as the page shows them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from chat_app.models import request
from chat_app.models.codec import kind_of
from chat_app.models.parts import FOLLOW_UPS, Data, File, Part, Reasoning, Source, Text, ToolCall, ToolResult
from chat_app.models.reasoning_tags import separated_parts
from chat_app.models.request import WEB_SEARCH
from chat_app.models.web_page import host_of, is_web_page
from chat_app.state.conversation.file_view import FileView, file_view

SOURCES, SEARCHING, SEARCHED = "sources", "searching", "searched"


@dataclass(frozen=True, kw_only=True)
class SourceView:
    """A source of an answer. Missing values are empty.

    Attributes:
        url: The address of a web page.
        host: Its host.
        is_unverified: The words of ``quote`` aren't on the page.
    """

    title: str
    url: str = ""
    host: str = ""
    page: str = ""
    quote: str = ""
    is_unverified: bool = False


@dataclass(frozen=True, kw_only=True)
class PartView:
    """One part of an answer. Missing values are empty.

    Attributes:
        kind: The kind's name in ``chat_app.models.codec``, by which the component is chosen. ``LEFT_OUT`` is the notice
            of an option that the model doesn't support, whose name is the text. ``SEARCHING`` is a search of the web,
            ``SEARCHED`` its end, with what was looked for as the text. ``SOURCES`` are sources that follow each other.
        title: The heading of a part other than text and reasoning.
        seconds: Duration of reasoning, with one decimal.
        sources: Those of ``SOURCES``, each once.
        files: A file of the answer.
    """

    kind: str
    text: str = ""
    title: str = ""
    seconds: str = ""
    sources: list[SourceView] = field(default_factory=list)
    files: list[FileView] = field(default_factory=list)


def part_views(parts: Sequence[Part]) -> list[PartView]:
    """Views of the parts: tagged reasoning separated from text, a continued text joined, sources in one list."""
    # Backward, in linear time: a text stands where its last continuation does.
    views: list[PartView | None] = []
    pieces: list[str] = []
    position = 0
    searches = {part.call_id for part in parts if isinstance(part, ToolCall) and part.tool == WEB_SEARCH}
    for part in reversed(separated_parts(parts)):
        if isinstance(part, Data) and part.name == FOLLOW_UPS:  # below the answer
            continue
        if not isinstance(part, Text):
            is_search = isinstance(part, ToolCall | ToolResult) and part.call_id in searches
            views.append(_search_view(part) if is_search else _view(part))
            continue
        if not pieces:
            position = len(views)
            views.append(None)
        pieces.append(part.text)
        if not part.continues:
            views[position] = _text_view(pieces)
            pieces = []
    if pieces:  # the first text continues one that is elsewhere
        views[position] = _text_view(pieces)
    return _with_sources_joined(view for view in reversed(views) if view)


def _with_sources_joined(views: Iterable[PartView]) -> list[PartView]:
    joined: list[PartView] = []
    for view in views:
        if view.kind == SOURCES and joined and joined[-1].kind == SOURCES:
            before = joined[-1].sources
            joined[-1] = replace(view, sources=[*before, *(each for each in view.sources if each not in before)])
        else:
            joined.append(view)
    return joined


def _search_view(part: Part) -> PartView:
    return PartView(kind=SEARCHED, text=part.text) if isinstance(part, ToolResult) else PartView(kind=SEARCHING)


def _source_view(source: Source) -> SourceView:
    url = source.url if is_web_page(source.url) else ""
    host = host_of(url)
    page = "" if source.page is None else str(source.page)
    return SourceView(
        title=source.title or host or source.url,
        url=url,
        host=host,
        page=page,
        quote=source.quote,
        is_unverified=source.is_verified is False,
    )


def _text_view(backward: Sequence[str]) -> PartView:
    return PartView(kind="text", text="".join(reversed(backward)))


def _view(part: Part) -> PartView:
    kind = kind_of(part)
    match part:
        case Reasoning(text, seconds):
            return PartView(kind=kind, text=text, seconds=in_seconds(seconds))
        case ToolCall():
            return PartView(kind=kind, title=part.title or part.tool, text=part.arguments)
        case Text() | ToolResult():
            return PartView(kind=kind, text=part.text)
        case Source():
            return PartView(kind=SOURCES, sources=[_source_view(part)])
        case Data(name=request.LEFT_OUT, value=str(option)):
            return PartView(kind=request.LEFT_OUT, text=option)
        case _:
            files = [file_view(part)] if isinstance(part, File) else []
            return PartView(kind=kind, title=getattr(part, "name", kind), files=files)


def in_seconds(duration: float | None) -> str:
    """``duration`` in seconds, with one decimal; empty if unknown."""
    return "" if duration is None else f"{duration:.1f}"
