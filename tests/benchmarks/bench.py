"""Shared parts of the benchmarks, each started when the first table needs it."""

from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks.chats import Chat, OurChat, PlainChat
from tests.benchmarks.chromium import Chromium, open_chromium
from tests.benchmarks.peer_chats import PEERS, PeerChat
from tests.benchmarks.steady_upstream import SteadyUpstream
from tests.fake_upstream import FakeUpstream
from tests.postgres import PostgresServer
from tests.redis_server import RedisServer
from tests.server_process import ServerProcess, free_port

PLAIN_ROUTE = Path(__file__).parent / "plain"


class Bench:
    """This project, the plain implementations, a browser, and the models behind them.

    Args:
        stack: Ends all started processes.
        patience: Seconds to wait for one answer on a page.
    """

    def __init__(self, stack: AsyncExitStack, patience: float) -> None:
        self.patience = patience
        self._stack = stack
        self._browser: Chromium | None = None
        self._steady: SteadyUpstream | None = None

    @cached_property
    def upstream(self) -> FakeUpstream:
        """The model behind the pages."""
        return self._stack.enter_context(FakeUpstream())

    @cached_property
    def ours(self) -> OurChat:
        chat = OurChat(self._folder(), self.upstream.base_url)
        self._stack.enter_context(chat.server)
        return chat

    @cached_property
    def plain(self) -> PlainChat:
        chat = PlainChat(self._folder(), self.upstream.base_url)
        self._stack.enter_context(chat.server)
        return chat

    @cached_property
    def peers(self) -> list[PeerChat]:
        """The chats of other frameworks that are installed."""
        chats = [PeerChat(peer, self._folder(), self.upstream.base_url) for peer in PEERS if peer.python]
        for chat in chats:
            self._stack.enter_context(chat.server)
        return chats

    @property
    def left_out(self) -> str:
        """The frameworks that aren't installed, as a note below a table."""
        names = ", ".join(peer.name for peer in PEERS if not peer.python)
        return names and f"Not installed: {names}."

    @property
    def chats(self) -> Iterator[Chat]:
        """The chats written with Reflex."""
        yield self.ours
        yield self.plain

    @property
    def chats_and_peers(self) -> Iterator[Chat]:
        """All chats in a browser."""
        yield from self.chats
        yield from self.peers

    async def browser(self) -> Chromium:
        if self._browser is None:
            self._browser = await self._stack.enter_async_context(open_chromium())
        return self._browser

    async def steady(self) -> SteadyUpstream:
        """The model behind ``/stream``."""
        if self._steady is None:
            self._steady = await self._stack.enter_async_context(SteadyUpstream())
        return self._steady

    @cached_property
    def redis(self) -> RedisServer:
        return self._stack.enter_context(RedisServer())

    @cached_property
    def postgres(self) -> PostgresServer:
        return self._stack.enter_context(PostgresServer())

    @contextmanager
    def our_route(self, upstream: SteadyUpstream, **environment: str) -> Iterator[ServerProcess]:
        """``/stream`` of this project, in a fresh server with this ``environment``."""
        server = self.ours.server
        server.restart(OPENAI_BASE_URL=upstream.base_url, **environment)
        yield server
        server.restart()

    @contextmanager
    def plain_route(self, upstream: SteadyUpstream) -> Iterator[ServerProcess]:
        """The baseline's ``/stream``, served by uvicorn with its default options."""
        port = free_port()
        command = ["python", "-m", "uvicorn", "fastapi_stream:app", f"--app-dir={PLAIN_ROUTE}", f"--port={port}"]
        variables = {"OPENAI_BASE_URL": upstream.base_url, "OPENAI_API_KEY": "none"}
        url = f"http://127.0.0.1:{port}"
        with ServerProcess(command, url, ready=[f"{url}/docs"], folder=self._folder(), environment=variables) as server:
            yield server

    def _folder(self) -> Path:
        return Path(self._stack.enter_context(TemporaryDirectory(prefix="chat-benchmark-")))
