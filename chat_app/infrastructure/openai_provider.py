"""Any server that speaks OpenAI's chat completions: OpenAI, Ollama, vLLM, llama.cpp, LM Studio and others.

The SDK sends the request: addresses, headers, connections, error responses are its part. The response is read as
bytes, and only the few fields needed are decoded; an SDK object per chunk costs about as much as all the rest.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing, suppress
from functools import cached_property
from typing import Any

import httpx2
from openai import APIConnectionError, APIStatusError, AsyncOpenAI, AsyncStream, DefaultAioHttpClient
from openai.types.chat import ChatCompletionChunk

from chat_app.infrastructure.openai_chunks import ChunkReader
from chat_app.infrastructure.openai_errors import redacted, status_error
from chat_app.infrastructure.openai_sse import EventDecoder
from chat_app.models.errors import Truncated, Unreachable
from chat_app.models.events import ModelEvent
from chat_app.models.message import Turn
from chat_app.models.options import DEFAULT_OPTIONS, Options

# After the model has finished: enough for its usage, and for the end that frees the connection for the next request.
_ENDING_TIMEOUT = 1.0


class OpenAIProvider:
    """A model behind an OpenAI-compatible server. Fulfils ``chat_app.services.ports.Provider``.

    Args:
        api_key: May be empty where the server wants none.
        base_url: Where the API is, with its ``/v1``; OpenAI's own if empty.
        system_prompt: Sent ahead of every conversation unless empty.
        max_tokens: Upper bound on an answer's tokens, whatever a request asks for; ``None`` leaves it to the server.
        connect_timeout: Seconds until there is a connection.
    """

    def __init__(
        self,
        *,
        api_key: str,
        base_url: str,
        model: str,
        system_prompt: str,
        max_tokens: int | None,
        connect_timeout: float = 10.0,
    ) -> None:
        self._api_key = api_key
        self._base_url = base_url
        self._model = model
        self._system_prompt = system_prompt
        self._max_tokens = max_tokens
        # What the server calls these parameters, as far as it knows them: learned from its refusals.
        self._names = {"stream_options": "stream_options", "max_tokens": "max_tokens"}
        self._connect_timeout = connect_timeout

    @cached_property
    def _client(self) -> AsyncOpenAI:
        return AsyncOpenAI(
            # The SDK insists on a key, and without one it would look for OPENAI_API_KEY itself.
            api_key=self._api_key or "none",
            base_url=self._base_url or None,
            timeout=httpx2.Timeout(None, connect=self._connect_timeout),
            # A retry waits as long as the server says, up to two minutes, while a person looks at nothing and can't
            # tell why. They get the error at once, with the delay and "Try again".
            max_retries=0,
            # aiohttp reads the response with a parser in C: 70 µs less for each piece than with the SDK's own choice.
            http_client=DefaultAioHttpClient(),
        )

    async def close(self) -> None:
        """Close the connections. There must be no running answers."""
        await self._client.close()

    async def stream(
        self, turns: Sequence[Turn], options: Options = DEFAULT_OPTIONS
    ) -> AsyncGenerator[ModelEvent, None]:
        """Answer the last of ``turns``; ends with one ``Finish``. Closing the generator closes the connection.

        Raises:
            ModelError: As ``chat_app.models.errors`` says. Pieces yielded before stand.
        """
        reader, decoder = ChunkReader(), EventDecoder()
        with redacted(self._api_key):
            async with (
                aclosing(await self._respond(turns, options)) as response,
                aclosing(_until_end(response.aiter_bytes(), reader)) as pieces,
            ):
                async for piece in pieces:
                    for event in decoder.feed(piece):
                        for part in reader.read(event):
                            yield part
            for event in decoder.end():
                for part in reader.read(event):
                    yield part
            yield reader.finish()

    async def _respond(self, turns: Sequence[Turn], options: Options) -> httpx2.Response:
        """The response, its body still to be read."""
        try:
            return await self._request(turns, options)
        except APIStatusError as error:
            raise status_error(error) from None
        except APIConnectionError as error:
            # A time-out too: the SDK has one for connecting only.
            raise Unreachable(f"{error.message} {error.__cause__}") from None

    async def _request(self, turns: Sequence[Turn], options: Options) -> httpx2.Response:
        """Ask, again without an optional parameter that the server rejects, or under the name that it asks for."""
        values = self._parameters(options)
        names = self._names
        while True:
            parameters = {names[name]: value for name, value in values.items() if name in names}
            try:
                return await self._create(turns, parameters | _sampling(options))
            except APIStatusError as error:
                accepted = _without_rejected(names, error)
                if all(names.get(name) == accepted.get(name) for name in values):
                    raise
                names = self._names = accepted

    def _parameters(self, options: Options) -> dict[str, Any]:
        """Parameters that servers know by different names, or not at all."""
        bounds = [bound for bound in (self._max_tokens, options.max_tokens) if bound is not None]
        limit = {"max_tokens": min(bounds)} if bounds else {}
        return {"stream_options": {"include_usage": True}, **limit}

    async def _create(self, turns: Sequence[Turn], parameters: Mapping[str, Any]) -> httpx2.Response:
        system = [{"role": "system", "content": self._system_prompt}] if self._system_prompt else []
        messages = [*system, *({"role": turn.role.value, "content": turn.text} for turn in turns)]
        # Not chat.completions.create: it goes through a long history for 20 ms, and every other stream waits.
        stream = await self._client.post(
            "/chat/completions",
            body={"model": self._model, "messages": messages, "stream": True, **parameters},
            cast_to=ChatCompletionChunk,
            stream=True,
            stream_cls=AsyncStream[ChatCompletionChunk],
        )
        return stream.response


def _sampling(options: Options) -> dict[str, Any]:
    """The options that every server calls the same, as far as they are chosen."""
    chosen = {
        "temperature": options.temperature,
        "top_p": options.top_p,
        "stop": list(options.stop) or None,
        "seed": options.seed,
    }
    return {name: value for name, value in chosen.items() if value is not None}


def _without_rejected(names: dict[str, str], error: APIStatusError) -> dict[str, str]:
    """``names`` without the parameter that ``error`` names, or with the name it asks for."""
    if error.status_code not in (400, 422):
        return names
    complaint = error.response.text
    if "stream_options" in complaint:
        return {name: known for name, known in names.items() if name != "stream_options"}
    if "max_completion_tokens" in complaint:
        # OpenAI's newer models know only this name, most other servers only the older one.
        return names | {"max_tokens": "max_completion_tokens"}
    return names


async def _until_end(pieces: AsyncGenerator[bytes, None], reader: ChunkReader) -> AsyncGenerator[bytes, None]:
    """The bytes of the response as they come.

    Raises:
        Truncated: The connection was lost before the model had finished.
    """
    async with aclosing(pieces):
        try:
            while not reader.ended and (piece := await anext(pieces, b"")):
                yield piece
        except httpx2.RequestError as lost:
            raise Truncated(f"connection lost: {lost!r}") from None
        yield await _rest(pieces)


async def _rest(pieces: AsyncIterator[bytes]) -> bytes:
    """What still comes of them within the time that it may take."""
    rest = b""
    with suppress(TimeoutError, httpx2.RequestError):
        async with asyncio.timeout(_ENDING_TIMEOUT):
            async for piece in pieces:
                rest += piece
    return rest
