"""Parts of a message as the page shows them."""

from collections.abc import Sequence
from dataclasses import dataclass

from chat_app.models import request
from chat_app.models.codec import kind_of
from chat_app.models.parts import Data, Part, Reasoning, Source, Text, ToolCall, ToolResult
from chat_app.models.reasoning_tags import separated_parts


@dataclass(frozen=True, kw_only=True)
class PartView:
    """One part of an answer. Missing values are empty.

    Attributes:
        kind: The kind's name in ``chat_app.models.codec``, by which the component is chosen. ``LEFT_OUT`` is the notice
            of an option that the model doesn't support, whose name is the text.
        title: The heading of a part other than text and reasoning.
        seconds: Duration of reasoning, with one decimal.
    """

    kind: str
    text: str = ""
    title: str = ""
    seconds: str = ""


def part_views(parts: Sequence[Part]) -> list[PartView]:
    """Views of the parts, with tagged reasoning separated from text, and a continued text joined."""
    # Backward, in linear time: a text stands where its last continuation does.
    views: list[PartView | None] = []
    pieces: list[str] = []
    position = 0
    for part in reversed(separated_parts(parts)):
        if not isinstance(part, Text):
            views.append(_view(part))
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
    return [view for view in reversed(views) if view]


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
            return PartView(kind=kind, title=part.title, text=part.quote)
        case Data(name=request.LEFT_OUT, value=str(option)):
            return PartView(kind=request.LEFT_OUT, text=option)
        case _:
            return PartView(kind=kind, title=getattr(part, "name", kind))


def in_seconds(duration: float | None) -> str:
    """``duration`` in seconds, with one decimal; empty if unknown."""
    return "" if duration is None else f"{duration:.1f}"
