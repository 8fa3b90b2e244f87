"""Any server that speaks OpenAI's chat completions: OpenAI, Ollama, vLLM, llama.cpp, LM Studio and others.

The SDK sends the request: addresses, headers, connections, error responses are its part. The response is read as
bytes, and only the few fields needed are decoded; an SDK object per chunk costs about as much as all the rest.
"""

import asyncio
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from functools import cached_property
from typing import Any

import anyio
import httpx2
from openai import APIConnectionError, APIStatusError, AsyncOpenAI

from chat_app.infrastructure.openai_chunks import ChunkReader
from chat_app.infrastructure.openai_errors import redacted, status_error
from chat_app.infrastructure.openai_sse import EventDecoder
from chat_app.models.errors import ModelError, ModelTimeout, Truncated, Unreachable
from chat_app.models.events import ModelEvent
from chat_app.models.message import Turn

# After the model has finished: enough for its usage, and for the end that frees the connection for the next request.
_ENDING_TIMEOUT = 1.0

# The last two come through unmapped where TLS is cut off; openai._httpx2.request_exceptions has the same list.
_CONNECTION_LOST = (httpx2.RequestError, ssl.SSLError, anyio.EndOfStream)


class OpenAIProvider:
    """A model behind an OpenAI-compatible server. Fulfils ``chat_app.services.ports.Provider``.

    Args:
        api_key: May be empty where the server wants none.
        base_url: Where the API is, with its ``/v1``; OpenAI's own if empty.
        system_prompt: Sent ahead of every conversation unless empty.
        max_tokens: The longest answer, in tokens; ``None`` leaves it to the server.
        first_token_timeout: Seconds from the request to the first piece of text or reasoning.
        gap_timeout: Seconds from one piece to the next. What keeps only the connection alive doesn't count.
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
        first_token_timeout: float,
        gap_timeout: float,
        connect_timeout: float = 10.0,
    ) -> None:
        self._api_key = api_key
        self._base_url = base_url
        self._model = model
        self._system_prompt = system_prompt
        self._options: dict[str, Any] = {"stream_options": {"include_usage": True}}
        if max_tokens is not None:
            self._options["max_tokens"] = max_tokens
        self._first_token_timeout = first_token_timeout
        self._gap_timeout = gap_timeout
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
        )

    async def close(self) -> None:
        """Close the connections. There must be no running answers."""
        await self._client.close()

    async def stream(self, turns: Sequence[Turn]) -> AsyncGenerator[ModelEvent, None]:
        """Answer the last of ``turns``; ends with one ``Finish``. Closing the generator closes the connection.

        Raises:
            ModelError: As ``chat_app.models.errors`` says. Pieces yielded before stand.
        """
        with redacted(self._api_key):
            deadline = _now() + self._first_token_timeout
            reader, decoder = ChunkReader(), EventDecoder()
            async with (
                aclosing(await self._respond(turns, deadline)) as response,
                aclosing(response.aiter_bytes()) as pieces,
            ):
                while piece := await _next(pieces, deadline, reader):
                    for event in decoder.feed(piece):
                        for part in reader.read(event):
                            yield part
                            deadline = _now() + self._gap_timeout
                    if reader.ended:
                        deadline = min(deadline, _now() + _ENDING_TIMEOUT)
            for event in decoder.end():
                for part in reader.read(event):
                    yield part
            yield reader.finish()

    async def _respond(self, turns: Sequence[Turn], deadline: float) -> httpx2.Response:
        """The response, its body still to be read."""
        try:
            async with asyncio.timeout_at(deadline):
                return await self._request(turns)
        except TimeoutError:
            raise ModelTimeout("no response before the first token was due") from None
        except APIStatusError as error:
            raise status_error(error) from None
        except APIConnectionError as error:
            # A time-out too: the SDK has one for connecting only.
            raise Unreachable(f"{error.message} {error.__cause__}") from None

    async def _request(self, turns: Sequence[Turn]) -> httpx2.Response:
        """Ask, again without whatever optional parameter the server rejects."""
        options = self._options
        while True:
            try:
                return await self._create(turns, options)
            except APIStatusError as error:
                accepted = _without_rejected(options, error)
                if accepted == options:
                    raise
                options = self._options = accepted

    async def _create(self, turns: Sequence[Turn], options: dict[str, Any]) -> httpx2.Response:
        system = [{"role": "system", "content": self._system_prompt}] if self._system_prompt else []
        messages: list[Any] = [*system, *({"role": turn.role.value, "content": turn.text} for turn in turns)]
        completions = self._client.chat.completions.with_raw_response
        raw = await completions.create(model=self._model, messages=messages, stream=True, **options)
        return raw.http_response


def _without_rejected(options: dict[str, Any], error: APIStatusError) -> dict[str, Any]:
    """``options`` without the one that ``error`` names, or under the name it asks for."""
    if error.status_code not in (400, 422):
        return options
    complaint = error.response.text
    if "stream_options" in complaint:
        return {name: value for name, value in options.items() if name != "stream_options"}
    if "max_completion_tokens" in complaint:
        # OpenAI's newer models know only this name, most other servers only the older one.
        return {"max_completion_tokens" if name == "max_tokens" else name: value for name, value in options.items()}
    return options


async def _next(pieces: AsyncIterator[bytes], deadline: float, reader: ChunkReader) -> bytes:
    """The next bytes of the response, none at its end."""
    error: ModelError
    try:
        async with asyncio.timeout_at(deadline):
            return await anext(pieces, b"")
    except TimeoutError:
        error = ModelTimeout("the next token is overdue")
    except _CONNECTION_LOST as lost:
        error = Truncated(f"connection lost: {lost!r}")
    if reader.ended:
        return b""
    raise error


def _now() -> float:
    return asyncio.get_running_loop().time()
