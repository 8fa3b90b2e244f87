"""A server with OpenAI's API: its connections, and the models that it lists."""

import asyncio
import json
from contextlib import aclosing
from functools import cached_property
from typing import Any

import httpx2
from openai import APIConnectionError, APIStatusError, AsyncOpenAI, AsyncStream
from openai.types.chat import ChatCompletionChunk

from chat_app.infrastructure.openai.errors import redacted, status_error
from chat_app.infrastructure.openai.model_list import listed_models
from chat_app.infrastructure.openai.ollama import OllamaAbilities, is_ollama
from chat_app.infrastructure.openai.transport import Transport
from chat_app.models.errors import ModelTimeout, Unreachable, UpstreamFailed
from chat_app.models.listed_model import ListedModel

_LIST_SECONDS = 10.0
_MAX_BYTES = 8 * 1024 * 1024  # of a JSON document; OpenRouter's list has half a megabyte


class OpenAIServer:
    """A model server. Implements ``chat_app.services.ports.ModelList``.

    Args:
        base_url: Base URL of the API, including ``/v1``; its query is sent with each request. Empty for OpenAI.
        api_key: Empty if the server needs none.
        connect_timeout: Seconds until there is a connection.
    """

    def __init__(self, base_url: str, api_key: str, *, connect_timeout: float = 10.0) -> None:
        self.api_key = api_key
        self._base_url, _, self._query = base_url.partition("#")[0].partition("?")
        self._connect_timeout = connect_timeout
        self._ollama = OllamaAbilities(self._show)

    async def post(self, path: str, body: object) -> httpx2.Response:
        """Send a request; the body of the response is still to be read.

        Raises:
            openai.APIError: The server can't be reached, or reports an error.
        """
        stream = await self._client.post(
            self._with_query(path),
            body=body,
            cast_to=ChatCompletionChunk,
            stream=True,
            stream_cls=AsyncStream[ChatCompletionChunk],
        )
        return stream.response

    async def models(self) -> list[ListedModel]:
        with redacted(self.api_key):
            try:
                async with asyncio.timeout(_LIST_SECONDS):
                    listing = await self._get_json("/models")
                    models = listed_models(listing)
                    return await self._ollama.added_to(models) if is_ollama(listing) else models
            except APIStatusError as error:
                raise status_error(error) from None
            except APIConnectionError as error:
                raise Unreachable(f"{error.message} {error.__cause__}") from None
            except TimeoutError:
                raise ModelTimeout(f"no list of models within {_LIST_SECONDS} s") from None

    async def close(self) -> None:
        """Close the connections. There must be no running answers."""
        await self._client.close()

    async def _show(self, model: str) -> Any:
        path = f"{self._base_url.rstrip('/').removesuffix('/v1')}/api/show"
        return await _json_in(await self.post(path, {"model": model}), path)

    async def _get_json(self, path: str) -> Any:
        stream = await self._client.get(
            self._with_query(path),
            cast_to=ChatCompletionChunk,
            stream=True,
            stream_cls=AsyncStream[ChatCompletionChunk],
        )
        return await _json_in(stream.response, path)

    def _with_query(self, path: str) -> str:
        return f"{path}?{self._query}" if self._query else path

    @cached_property
    def _client(self) -> AsyncOpenAI:
        transport = Transport(
            httpx2.URL(self._base_url or "https://api.openai.com"), connect_timeout=self._connect_timeout
        )
        return AsyncOpenAI(
            # The SDK insists on a key, and without one it would look for OPENAI_API_KEY itself.
            api_key=self.api_key or "none",
            base_url=self._base_url or None,
            # Azure's deployments, which have their version in the query, know a key under this name only.
            default_headers={"api-key": self.api_key} if "api-version=" in self._query else None,
            timeout=httpx2.Timeout(None, connect=self._connect_timeout),
            # The SDK's retry waits up to two minutes without any feedback. The page shows the error at once, with
            # the delay and "Try again".
            max_retries=0,
            http_client=httpx2.AsyncClient(transport=transport, follow_redirects=True),
        )


async def _json_in(response: httpx2.Response, path: str) -> Any:
    """Return the JSON of a response.

    Raises:
        ModelError: It breaks off, is too long or isn't JSON.
    """
    received = bytearray()
    try:
        async with aclosing(response), aclosing(response.aiter_bytes()) as pieces:
            async for piece in pieces:
                received += piece
                if len(received) > _MAX_BYTES:
                    raise UpstreamFailed(f"{path}: more than {_MAX_BYTES} bytes")
        return json.loads(received)
    except httpx2.RequestError as error:
        raise Unreachable(f"{path}: {error!r}") from None
    except (ValueError, RecursionError):
        raise UpstreamFailed(f"{path}: not JSON") from None
