"""An httpx2 transport over aiohttp, for the OpenAI SDK's requests to a model's server.

aiohttp reads a response with a parser in C, which takes 70 µs less for each piece than the SDK's default. The SDK also
has a transport over aiohttp, but without bounds: here headers, error bodies and decompressed bodies are bounded.
Cookies are neither kept nor sent, since the next request may be another visitor's.
"""

import asyncio
import zlib
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from types import SimpleNamespace
from urllib.request import getproxies, proxy_bypass

import aiohttp
import httpx2

_HEADER_BYTES = 64 * 1024  # of one header; aiohttp's own limit of 8 kB is less than some gateways send
_PIECE_BYTES = 16 * 1024
_UNPACKED_BYTES = 64 * 1024  # at once, before other tasks run
# The SDK reads an error's body to its end before it raises, so that is bounded in size and time.
_ERROR_BYTES = 64 * 1024
_ERROR_SECONDS = 5.0

_COMPRESSIONS = {"gzip", "x-gzip", "deflate", "br", "zstd", "compress", "x-compress", "dcb", "dcz"}

# httpx2's client would keep cookies, and the body is decompressed here.
_DROPPED_HEADERS = {b"set-cookie", b"content-encoding", b"content-length"}


class Transport(httpx2.AsyncBaseTransport):
    """Sends the SDK's requests to one server.

    Args:
        url: The server's address, which decides which of the proxies in ``HTTP_PROXY`` and the like is used.
        connect_timeout: Seconds until there is a connection.
    """

    def __init__(self, url: httpx2.URL, *, connect_timeout: float) -> None:
        self._is_secure = url.scheme == "https"
        self._proxy = _proxy(url)
        self._timeout = aiohttp.ClientTimeout(total=None, sock_connect=connect_timeout)
        self._sessions: tuple[aiohttp.ClientSession, ...] = ()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send ``request``; the body of the response is still to be read.

        A server may close a connection that it keeps open just as the next request arrives on it. Without a single
        byte in return on such a connection, the request is sent once more, on a new one.
        """
        pooled, fresh = self._open_sessions()
        attempt = _Attempt()
        with _translated():
            try:
                response = await self._send(pooled, request, attempt)
            except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError):
                if not attempt.reused_connection:
                    raise
                response = await self._send(fresh, request, attempt)
        headers = [(name, value) for name, value in response.raw_headers if name.lower() not in _DROPPED_HEADERS]
        return httpx2.Response(response.status, headers=headers, stream=_Body(response), request=request)

    async def aclose(self) -> None:
        for session in self._sessions:
            await session.close()

    async def _send(
        self, session: aiohttp.ClientSession, request: httpx2.Request, attempt: "_Attempt"
    ) -> aiohttp.ClientResponse:
        return await session.request(
            request.method,
            str(request.url),
            headers={**request.headers, "accept-encoding": "identity"},
            data=await request.aread() or None,
            allow_redirects=False,
            timeout=self._timeout,
            proxy=self._proxy,
            trace_request_ctx=attempt,
        )

    def _open_sessions(self) -> tuple[aiohttp.ClientSession, ...]:
        """Open a session that keeps connections and one that doesn't, which needs a running event loop."""
        if not self._sessions:
            # Reading all the certificates takes a while. Without them, aiohttp's own are there for redirects.
            context = httpx2.create_ssl_context() if self._is_secure else True
            connectors = (
                aiohttp.TCPConnector(ssl=context, limit=0),
                aiohttp.TCPConnector(ssl=context, limit=0, force_close=True),
            )
            self._sessions = tuple(_session(connector) for connector in connectors)
        return self._sessions


@dataclass(slots=True)
class _Attempt:
    """The state of sending one request, set by aiohttp's tracing."""

    reused_connection: bool = False


def _session(connector: aiohttp.TCPConnector) -> aiohttp.ClientSession:
    tracing = aiohttp.TraceConfig()
    tracing.on_connection_reuseconn.append(_note_reuse)
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        max_line_size=_HEADER_BYTES,
        max_field_size=_HEADER_BYTES,
        trace_configs=[tracing],
    )


async def _note_reuse(
    _session: aiohttp.ClientSession, context: SimpleNamespace, _params: aiohttp.TraceConnectionReuseconnParams
) -> None:
    context.trace_request_ctx.reused_connection = True


def _proxy(url: httpx2.URL) -> str | None:
    proxies = getproxies()
    return None if proxy_bypass(url.host) else proxies.get(url.scheme) or proxies.get("all")


class _Body(httpx2.AsyncByteStream):
    """A response's body, unpacked, in pieces of bounded size; of an error only the beginning."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._pieces() if httpx2.codes.is_success(self._response.status) else self._beginning()

    async def aclose(self) -> None:
        # With bytes still to come, the connection can't serve another request.
        if self._response.content.at_eof():
            self._response.release()
        else:
            self._response.close()

    async def _pieces(self) -> AsyncIterator[bytes]:
        unpack = _unpacker(self._response.headers.get("Content-Encoding", ""))
        with _translated():
            async for packed in self._response.content.iter_chunked(_PIECE_BYTES):
                if unpack is None:
                    yield packed
                    continue
                for piece in unpack.feed(packed):
                    yield piece
                    await asyncio.sleep(0)

    async def _beginning(self) -> AsyncIterator[bytes]:
        """Yield the beginning of an error's body. A failure to read it is ignored: the status is enough."""
        beginning = bytearray()
        with suppress(TimeoutError, httpx2.RequestError):
            async with asyncio.timeout(_ERROR_SECONDS):
                async for piece in self._pieces():
                    beginning += piece
                    if len(beginning) > _ERROR_BYTES:
                        break
        yield bytes(beginning[:_ERROR_BYTES])


class _Unpacker:
    """Unpacks gzip or deflate, a bounded piece at a time."""

    def __init__(self) -> None:
        self._zlib: zlib._Decompress | None = None  # the type has no public name, only in typeshed this one

    def feed(self, packed: bytes) -> Iterator[bytes]:
        """Yield the decompressed pieces of ``packed``.

        Raises:
            DecodingError: The bytes don't have the announced format.
        """
        try:
            while packed:
                self._zlib = self._zlib or zlib.decompressobj(_window(packed))
                if piece := self._zlib.decompress(packed, _UNPACKED_BYTES):
                    yield piece
                packed = self._zlib.unconsumed_tail
                if self._zlib.eof:  # another member may follow (RFC 1952, 2.2)
                    packed, self._zlib = self._zlib.unused_data, None
        except zlib.error as error:
            raise httpx2.DecodingError(str(error)) from None


def _unpacker(encoding: str) -> _Unpacker | None:
    """Return the decompressor for this ``Content-Encoding``; ``None`` for a body that isn't compressed.

    Some servers name a charset there.

    Raises:
        DecodingError: It is compressed in another way, or twice.
    """
    match [name for each in encoding.lower().split(",") if (name := each.strip()) in _COMPRESSIONS]:
        case []:
            return None
        case ["gzip" | "x-gzip" | "deflate"]:
            return _Unpacker()
        case _:
            raise httpx2.DecodingError(f"a body in {encoding[:100]!r}, which wasn't asked for")


def _window(packed: bytes) -> int:
    """zlib's number for the format: gzip or zlib, known by their headers, or raw deflate, as some servers send it."""
    has_header = packed.startswith(b"\x1f") or (packed[0] & 0x0F == zlib.DEFLATED)
    return zlib.MAX_WBITS | 32 if has_header else -zlib.MAX_WBITS


@contextmanager
def _translated() -> Iterator[None]:
    """Translate aiohttp's errors to httpx2's, which the SDK knows."""
    try:
        yield
    except aiohttp.ServerTimeoutError as error:
        raise httpx2.ConnectTimeout(str(error)) from error
    except aiohttp.ClientConnectionError as error:
        raise httpx2.ConnectError(f"{type(error).__name__}: {error}") from error
    except aiohttp.ClientPayloadError as error:
        raise httpx2.ReadError(str(error)) from error
    except (aiohttp.ClientError, aiohttp.http.HttpProcessingError) as error:
        raise httpx2.RemoteProtocolError(f"{type(error).__name__}: {error}") from error
