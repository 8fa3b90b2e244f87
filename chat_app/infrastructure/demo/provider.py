"""The built-in demo model, for trying the app and working on it offline."""

import asyncio
import re
from collections.abc import AsyncGenerator, Sequence
from textwrap import shorten
from zlib import crc32

from chat_app.infrastructure.demo.replies import reply
from chat_app.models.errors import OptionRefused
from chat_app.models.events import ModelEvent, StepEnded
from chat_app.models.listed_model import UNKNOWN_ABILITIES, Abilities
from chat_app.models.message import Turn, Usage
from chat_app.models.parts import FOLLOW_UPS, Data, Reasoning, Source, Text, ToolCall, ToolResult
from chat_app.models.request import DEFAULT_OPTIONS, WEB_SEARCH, Options

# Seconds from one token to the next, at the natural pace.
_SHORTEST_PAUSE, _LONGEST_PAUSE = 0.015, 0.03
_SEARCH_PAUSE = 1.5
_SEARCH_CHARS = 60
_SOURCES = (
    Source("Server-sent events", "https://html.spec.whatwg.org/multipage/server-sent-events.html"),
    Source("Reflex", "https://reflex.dev/docs/getting-started/introduction/"),
    Source("CommonMark", "https://spec.commonmark.org/"),
)

# A word or a run of punctuation, with the space before it. What people see as one character may consist of several
# code points, but the second one is never ASCII: a token ends only before ASCII, so that none is ever split.
_PUNCTUATION = r"[!-/:-@\[-`{-~]"
_TOKEN = re.compile(rf"\s*(?:{_PUNCTUATION}+(?=[\x00-\x7f]|$)|{_PUNCTUATION}*[^\s!-/:-@\[-`{{-~]+)|\s+")


class DemoProvider:
    """A fixed set of replies in place of a model; "Help" lists them.

    Implements ``chat_app.services.ports.Provider``. The same turns always get the same pieces.

    Args:
        model: The model's name; ``THINKING_MODEL`` reasons before each answer.
        pace: Factor of all pauses: 1 is a natural pace, 0 has no pauses, 3 is three times slower.
    """

    def __init__(self, model: str = "demo", *, pace: float) -> None:
        self._model = model
        self._pace = pace

    @property
    def learned(self) -> Abilities:
        return UNKNOWN_ABILITIES

    async def stream(
        self, turns: Sequence[Turn], options: Options = DEFAULT_OPTIONS
    ) -> AsyncGenerator[ModelEvent, None]:
        """Answer the last of ``turns``; ends with one ``StepEnded``. Closing the generator ends it at once.

        ``stop`` and ``max_tokens`` cut the answer; ``web_search`` adds sources. As nothing is sampled, the other
        options have no effect, apart from ``response_format``, which is refused; an answer can list them.

        Raises:
            ModelError: The error that was asked for. Pieces yielded before stay valid.
            OptionRefused: The answer should have a format.
        """
        if options.response_format:
            raise OptionRefused("the demo model writes Markdown only", param="response_format")
        answer = reply(turns, self._model, options)
        situation = answer.situation
        text = _before_stop(answer.text, options.stop)
        whole = [*map(Reasoning, _tokens(answer.reasoning)), *map(Text, _tokens(text))]
        written = whole[: options.max_tokens]
        await self._pause(situation.first_pause)
        if options.web_search:
            yield ToolCall("search", WEB_SEARCH, "{}")
            await self._pause(_SEARCH_PAUSE)
            yield ToolResult("search", shorten(turns[-1].text, _SEARCH_CHARS, placeholder="…"))
        for piece in written:
            yield piece
            await self._pause(_pause_after(piece.text))
        for source in _SOURCES if options.web_search else ():
            yield source
        reason = situation.finish_reason
        if len(written) < len(whole):
            reason = "length"
        elif len(text) < len(answer.text):
            reason = "stop"
        elif situation.error:
            raise situation.error(f"the demo model was asked for {situation.name}", retry_after=situation.retry_after)
        elif answer.then:
            yield Data(FOLLOW_UPS, [*answer.then])
        yield StepEnded(reason, self._model, _usage(turns, len(written)))

    async def _pause(self, seconds: float) -> None:
        # Without a pause too: a long answer must not keep everything else from running.
        await asyncio.sleep(seconds * self._pace)


def _before_stop(text: str, stop: Sequence[str]) -> str:
    """Cut ``text`` at the first of the stop sequences in it."""
    starts = [start for sequence in stop if (start := text.find(sequence)) >= 0]
    return text[: min(starts, default=len(text))]


def _tokens(text: str) -> list[str]:
    return _TOKEN.findall(text)


def _pause_after(token: str) -> float:
    """Seconds after ``token``: uneven, as with a real model, but always the same."""
    return _SHORTEST_PAUSE + (_LONGEST_PAUSE - _SHORTEST_PAUSE) * crc32(token.encode()) / 2**32


def _usage(turns: Sequence[Turn], completion: int) -> Usage:
    prompt = sum(len(_tokens(turn.text)) for turn in turns)
    return Usage(prompt, completion, prompt + completion)
