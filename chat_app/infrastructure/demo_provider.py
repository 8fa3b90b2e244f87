"""The built-in model, for trying the app, and for working on it, offline: every situation on demand."""

import asyncio
import re
from collections.abc import AsyncGenerator, Iterator, Sequence
from zlib import crc32

from chat_app.infrastructure.demo_replies import Reply, reply
from chat_app.models.events import Chunk, Finish, ModelEvent, Reasoning
from chat_app.models.message import Turn, Usage

# Seconds from one token to the next, at the natural pace.
_SHORTEST_PAUSE, _LONGEST_PAUSE = 0.015, 0.03

# A word or a run of punctuation, with the space before it. What people see as one character may consist of several
# code points, but the second one is never ASCII: a token ends only before ASCII, so that none is ever split.
_PUNCTUATION = r"[!-/:-@\[-`{-~]"
_TOKEN = re.compile(rf"\s*(?:{_PUNCTUATION}+(?=[\x00-\x7f]|$)|{_PUNCTUATION}*[^\s!-/:-@\[-`{{-~]+)|\s+")


class DemoProvider:
    """Plays a model without being one: it knows a fixed set of answers, and says which ("Help").

    Fulfils ``chat_app.services.ports.Provider``. The same turns always get the same pieces.

    Args:
        pace: By what all pauses are multiplied: 1 is a natural pace, 0 has no pauses, 3 is three times slower.
    """

    def __init__(self, *, pace: float) -> None:
        self._pace = pace

    async def stream(self, turns: Sequence[Turn]) -> AsyncGenerator[ModelEvent, None]:
        """Answer the last of ``turns``; ends with one ``Finish``. Closing the generator ends it at once.

        Raises:
            ModelError: The one that was asked for. Pieces yielded before stand.
        """
        answer = reply(turns)
        situation = answer.situation
        await self._pause(situation.first_pause)
        for piece in _pieces(answer):
            yield piece
            await self._pause(_pause_after(piece.text))
        if situation.error:
            raise situation.error(f"the demo model was asked for {situation.name}", retry_after=situation.retry_after)
        yield Finish(situation.finish_reason, "demo", _usage(turns, answer))

    async def close(self) -> None:
        """There is nothing to close."""

    async def _pause(self, seconds: float) -> None:
        # Without a pause too: a long answer must not keep everything else from running.
        await asyncio.sleep(seconds * self._pace)


def _pieces(answer: Reply) -> Iterator[Chunk | Reasoning]:
    for token in _tokens(answer.reasoning):
        yield Reasoning(token)
    for token in _tokens(answer.text):
        yield Chunk(token)


def _tokens(text: str) -> list[str]:
    return _TOKEN.findall(text)


def _pause_after(token: str) -> float:
    """Uneven, as with a real model, but always the same."""
    return _SHORTEST_PAUSE + (_LONGEST_PAUSE - _SHORTEST_PAUSE) * crc32(token.encode()) / 2**32


def _usage(turns: Sequence[Turn], answer: Reply) -> Usage:
    prompt = sum(len(_tokens(turn.text)) for turn in turns)
    completion = len(_tokens(answer.reasoning)) + len(_tokens(answer.text))
    return Usage(prompt, completion, prompt + completion)
