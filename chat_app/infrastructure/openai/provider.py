"""Any server that speaks OpenAI's chat completions: OpenAI, Ollama, vLLM, llama.cpp, LM Studio and others.

The SDK sends the request: it handles addresses, headers and redirects. The response is read as bytes, and only the few
fields needed are decoded; an SDK object per chunk costs about as much as all the rest.
"""

import asyncio
import re
from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, field, replace
from typing import Any

import httpx2
from openai import APIConnectionError, APIStatusError

from chat_app.infrastructure.openai.chunks import ChunkReader
from chat_app.infrastructure.openai.errors import redacted, status_error
from chat_app.infrastructure.openai.server import OpenAIServer
from chat_app.infrastructure.openai.sse import EventDecoder, ServerSentEvent
from chat_app.models.errors import ModelError, OptionRefused, Truncated, Unreachable, UpstreamFailed
from chat_app.models.events import Alive, ProviderEvent
from chat_app.models.message import Turn
from chat_app.models.parts import Data, Reasoning, Text
from chat_app.models.reasoning_tags import ReasoningSplitter
from chat_app.models.request import DEFAULT_OPTIONS, LEFT_OUT, Options

# Read at most after the end mark: reading up to the response's end frees the connection for the next request.
_ENDING_SECONDS, _ENDING_BYTES = 1.0, 64 * 1024
_MAX_UNSUPPORTED = 1000
_MAX_IDLE_BYTES = 4 * 1024 * 1024  # in a row, without any text or reasoning


class OpenAIProvider:
    """A model behind an OpenAI-compatible server. Implements ``chat_app.services.ports.Provider``.

    Args:
        server: The server, whose connections all its models share.
        system_prompt: Sent ahead of every conversation unless empty.
        max_tokens: Upper bound on an answer's tokens, whatever a request asks for; ``None`` leaves it to the server.
        finished_silence: Seconds of silence that end an answer once its model has given a reason to end: some servers
            give one long before the end, others never send an end mark nor close the connection.
    """

    def __init__(
        self,
        server: OpenAIServer,
        model: str,
        *,
        system_prompt: str,
        max_tokens: int | None,
        finished_silence: float = 10.0,
    ) -> None:
        self._server = server
        self._model = model
        self._system_prompt = system_prompt
        self._max_tokens = max_tokens
        # The server's names of these parameters, without those that it doesn't know: learned from its refusals.
        self._names = {"stream_options": "stream_options", "max_tokens": "max_tokens"}
        self._finished_silence = finished_silence
        # Optional options with the values that the model doesn't support: learned from its refusals too.
        self._unsupported: set[tuple[str, object]] = set()
        # Whether answers begin within reasoning: learned from the last answer.
        self._begins_inside = False

    async def stream(
        self, turns: Sequence[Turn], options: Options = DEFAULT_OPTIONS
    ) -> AsyncGenerator[ProviderEvent, None]:
        """Answer the last of ``turns``; ends with one ``StepEnded``. Closing the generator closes the connection.

        Raises:
            ModelError: As ``chat_app.models.errors`` says. Pieces yielded before stay valid.
        """
        answer = _Answer(ReasoningSplitter(inside=self._begins_inside))
        with redacted(self._server.api_key):
            try:
                response, left_out = await self._accepted(turns, options)
                async with (
                    aclosing(response),
                    aclosing(_body(response, answer.reader, self._finished_silence)) as body,
                ):
                    yield Alive()
                    for name in left_out:
                        yield Data(LEFT_OUT, name)
                    async for received in body:
                        for piece in answer.read(received):
                            yield piece
                        if answer.idle_bytes:
                            yield Alive()
                for piece in answer.rest():
                    yield piece
                step = answer.reader.finish()
            except ModelError:
                for piece in answer.held_back(is_whole=False):
                    yield piece
                raise
            is_whole = step.finish == "stop"
            for piece in answer.held_back(is_whole=is_whole):
                yield piece
            if is_whole:
                answer.ensure_not_empty()
                self._begins_inside = answer.splitter.begins_inside
            yield step

    async def _accepted(self, turns: Sequence[Turn], options: Options) -> tuple[httpx2.Response, list[str]]:
        """Send the request; again without an optional option that the model refuses.

        Returns:
            The response, and the names of the options whose refusal is new.
        """
        left_out: list[str] = []
        while True:
            supported = self._without_unsupported(options) if options.are_optional else options
            try:
                return await self._respond(turns, supported), left_out
            except OptionRefused as refused:
                name = "max_tokens" if refused.param == "max_completion_tokens" else refused.param
                if not options.are_optional or name in left_out:
                    raise
                left_out.append(name)
                if len(self._unsupported) == _MAX_UNSUPPORTED:  # people may try any value
                    self._unsupported.clear()
                self._unsupported.add((name, getattr(supported, name)))

    def _without_unsupported(self, options: Options) -> Options:
        return replace(options, **{name: None for name, value in self._unsupported if getattr(options, name) == value})

    async def _respond(self, turns: Sequence[Turn], options: Options) -> httpx2.Response:
        """Send the request, and translate the SDK's errors; the body of the response is still to be read."""
        try:
            return await self._request(turns, options)
        except APIStatusError as error:
            raise _option_refused(error, options) or status_error(error) from None
        except APIConnectionError as error:
            # A timeout too: the SDK has one for connecting only.
            raise Unreachable(f"{error.message} {error.__cause__}") from None

    async def _request(self, turns: Sequence[Turn], options: Options) -> httpx2.Response:
        """Send the request; again without an optional parameter that the server rejects, or under its other name."""
        values = self._parameters(options)
        names = self._names
        while True:
            parameters = {names[name]: value for name, value in values.items() if name in names}
            try:
                return await self._create(turns, parameters | _sampling(options), options.instructions)
            except APIStatusError as error:
                accepted = _without_rejected(names, error)
                if all(names.get(name) == accepted.get(name) for name in values):
                    raise
                names = self._names = accepted

    def _parameters(self, options: Options) -> dict[str, Any]:
        """Return the parameters that not all servers know by this name, or at all."""
        bounds = [bound for bound in (self._max_tokens, options.max_tokens) if bound is not None]
        limit = {"max_tokens": min(bounds)} if bounds else {}
        return {"stream_options": {"include_usage": True}, **limit}

    async def _create(self, turns: Sequence[Turn], parameters: Mapping[str, Any], instructions: str) -> httpx2.Response:
        system_prompt = "\n\n".join(filter(None, (self._system_prompt, instructions)))
        system = [{"role": "system", "content": system_prompt}] if system_prompt else []
        messages = [*system, *({"role": turn.role.value, "content": turn.text} for turn in turns)]
        # Not chat.completions.create: it takes 20 ms for a long history, while all other streams wait.
        return await self._server.post(
            "/chat/completions", {"model": self._model, "messages": messages, "stream": True, **parameters}
        )


@dataclass(slots=True)
class _Answer:
    """Decoder of one response's bytes to the pieces of its answer.

    Attributes:
        idle_bytes: Bytes that were received since the last piece.
    """

    splitter: ReasoningSplitter
    reader: ChunkReader = field(default_factory=ChunkReader)
    decoder: EventDecoder = field(default_factory=EventDecoder)
    idle_bytes: int = 0
    _is_empty: bool = True

    def read(self, received: bytes) -> Iterator[Text | Reasoning]:
        """Yield the pieces that ``received`` completes.

        Raises:
            ModelError: They report an error, or too many bytes come without a piece.
        """
        self.idle_bytes += len(received)
        yield from self._pieces(self.decoder.feed(received))
        if self.idle_bytes > _MAX_IDLE_BYTES:
            raise UpstreamFailed(f"{self.idle_bytes} bytes without text")

    def rest(self) -> Iterator[Text | Reasoning]:
        """The pieces that the end of the response completes."""
        return self._pieces(self.decoder.end())

    def held_back(self, *, is_whole: bool) -> Iterator[Text | Reasoning]:
        """The pieces that were held back since they might have become tags.

        Args:
            is_whole: Whether the model has completed the answer.
        """
        return self._noted(self.splitter.end(is_whole=is_whole))

    def ensure_not_empty(self) -> None:
        """Check that the answer has text or reasoning besides the reasoning tags.

        Raises:
            UpstreamFailed: It has none.
        """
        if self._is_empty:
            raise UpstreamFailed("empty answer, apart from reasoning tags")

    def _pieces(self, events: Iterable[ServerSentEvent]) -> Iterator[Text | Reasoning]:
        for event in events:
            for piece in self.reader.read(event):
                if isinstance(piece, Text):
                    yield from self._noted(self.splitter.feed(piece.text))
                else:
                    self.splitter.expect_none()  # the server separates reasoning itself
                    yield from self._noted([piece])

    def _noted(self, pieces: Iterable[Text | Reasoning]) -> Iterator[Text | Reasoning]:
        for piece in pieces:
            self.idle_bytes, self._is_empty = 0, False
            yield piece


def _sampling(options: Options) -> dict[str, Any]:
    """Return the options that are set and have the same name on every server."""
    chosen = {
        "temperature": options.temperature,
        "top_p": options.top_p,
        "stop": list(options.stop) or None,
        "seed": options.seed,
        "reasoning_effort": options.reasoning_effort,
        "response_format": options.response_format,
    }
    return {name: value for name, value in chosen.items() if value is not None}


def _option_refused(error: APIStatusError, options: Options) -> OptionRefused | None:
    """Return ``OptionRefused`` if the server complains about an option of the request, else ``None``."""
    reported = status_error(error)
    if error.status_code not in (400, 422) or type(reported) is not UpstreamFailed:
        return None
    names = [*_sampling(options), *(["max_tokens", "max_completion_tokens"] if options.max_tokens else [])]
    complaint = error.response.text
    refused = next((name for name in names if error.param == name or re.search(rf"\b{name}\b", complaint)), None)
    return OptionRefused(str(reported), param=refused) if refused else None


def _without_rejected(names: dict[str, str], error: APIStatusError) -> dict[str, str]:
    """Return ``names`` without the parameter that the server rejects, or with the name that it asks for."""
    if error.status_code not in (400, 422):
        return names
    complaint = error.response.text
    if "stream_options" in complaint:
        return {name: known for name, known in names.items() if name != "stream_options"}
    if "max_completion_tokens" in complaint:
        # OpenAI's newer models know only this name, most other servers only the older one.
        return names | {"max_tokens": "max_completion_tokens"}
    return names


async def _body(response: httpx2.Response, reader: ChunkReader, finished_silence: float) -> AsyncGenerator[bytes, None]:
    """Yield the bytes of the response up to the end mark or the end of the response.

    A finish reason is no end: some servers send one in every chunk.

    Raises:
        Truncated: The connection was lost before the model had finished.
        UpstreamFailed: The body can't be decompressed.
    """
    async with aclosing(response.aiter_bytes()) as pieces:
        try:
            while not reader.is_done:
                async with asyncio.timeout(finished_silence if reader.has_reason else None):
                    piece = await anext(pieces, b"")
                if not piece:
                    return
                yield piece
        except httpx2.DecodingError as error:
            raise UpstreamFailed(f"unreadable: {error}") from None
        except httpx2.RequestError as lost:
            if not reader.has_reason:
                raise Truncated(f"connection lost: {lost!r}") from None
            return
        except TimeoutError:
            return
        with suppress(TimeoutError, httpx2.RequestError):
            async with asyncio.timeout(_ENDING_SECONDS):
                room = _ENDING_BYTES
                while room > 0 and (piece := await anext(pieces, b"")):
                    room -= len(piece)
