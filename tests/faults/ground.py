"""What faults happen to: workers over one Redis and one PostgreSQL, or a single one over SQLite."""

import asyncio
import os
import shutil
import signal
import subprocess
from collections.abc import AsyncGenerator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.error import HTTPError
from urllib.request import urlopen
from uuid import uuid4

from chat_app.infrastructure.security.identity import visitor
from chat_app.infrastructure.sql.store import SqlStore
from chat_app.models.conversation import Conversation
from chat_app.models.message import Message
from chat_app.models.principal import Principal
from tests.app_server import CHECKOUT, SECRET_KEY
from tests.cutting_proxy import CuttingProxy
from tests.faults.model import CountingModel
from tests.faults.reader import Question, Reader
from tests.postgres import PostgresServer
from tests.redis_server import RedisServer
from tests.server_process import ServerProcess, free_port
from tests.stream_client import new_cookie

_UNLIMITED = (
    "MAX_RUNNING_ANSWERS",
    "MAX_RUNNING_ANSWERS_EACH",
    "MAX_RUNNING_ANSWERS_PER_ADDRESS",
    "MAX_REQUESTS_PER_MINUTE",
    "MAX_REQUESTS_PER_MINUTE_EACH",
    "MAX_REQUESTS_PER_MINUTE_PER_ADDRESS",
)


_DISK_SIZE = "16m"  # the write-ahead log alone takes four megabytes


class Impossible(Exception):
    """The fault can't happen on this machine; the text says why."""


class Worker(ServerProcess):
    """A worker in a process of its own."""

    def __init__(self, folder: Path, **environment: str) -> None:
        folder.mkdir()
        self.port = free_port()
        url = f"http://127.0.0.1:{self.port}"
        configured = {
            **dict.fromkeys(_UNLIMITED, "1000000"),
            "OPENAI_API_KEY": "sk-test-0123456789abcdef",
            "SECRET_KEY": SECRET_KEY,
            "SUGGEST_TITLES": "false",
            "PYTHONPATH": str(CHECKOUT),
            "REFLEX_ENV_MODE": "prod",
            "SHUTDOWN_GRACE": "3",  # shorter than an answer
        }
        super().__init__(
            ["python", "-m", "tests.faults.worker", str(self.port)],
            url,
            ready=[f"{url}/health/live"],
            folder=folder,
            environment=configured | environment,
        )

    def is_ready(self) -> bool:
        """What it tells a load balancer."""
        try:
            with urlopen(f"{self.url}/health/ready", timeout=15):  # noqa: S310 - a loopback address
                return True
        except HTTPError as refused:
            refused.close()
            return False

    def pause(self) -> None:
        os.kill(self.group, signal.SIGSTOP)

    def resume(self) -> None:
        os.kill(self.group, signal.SIGCONT)

    def terminate(self) -> None:
        """End it as a deploy does, and wait."""
        self.send(signal.SIGTERM, to_all=False)
        self.wait()


@dataclass
class Ground:
    """Servers, workers and a visitor.

    Attributes:
        redis: ``None`` with SQLite, as ``postgres``.
        reader_ports: Where readers connect, the workers' own ports or those of proxies.
        proxies: Cut connections between readers and workers, and between workers and Redis.
    """

    model: CountingModel
    workers: list[Worker]
    store: SqlStore
    folder: Path
    redis: RedisServer | None = None
    postgres: PostgresServer | None = None
    reader_ports: list[int] = field(default_factory=list)
    proxies: list[CuttingProxy] = field(default_factory=list)
    cookie: str = field(default_factory=new_cookie)

    def __post_init__(self) -> None:
        self._numbers = count(1)
        owner = visitor(self.cookie)
        assert owner
        self.owner: Principal = owner
        self.reader_ports = self.reader_ports or [worker.port for worker in self.workers]

    async def new_question(self, words: int, *, stored: bool = True) -> Question:
        """A question in a conversation of its own, or in none."""
        name = f"q{next(self._numbers)}"
        conversation_id = ""
        if stored:
            conversation = Conversation(owner=self.owner, title=name)
            await self.store.add_conversation(conversation)
            conversation_id = conversation.id
        return Question(name, str(uuid4()), words, conversation_id)

    def again(self, question: Question, words: int) -> Question:
        """A further question in the same conversation."""
        return Question(f"q{next(self._numbers)}", str(uuid4()), words, question.conversation_id)

    def reader(self, question: Question, first: int, *, late: bool = False) -> Reader:
        """A reader that tries the workers in turn, beginning with number ``first``."""
        ports = [self.reader_ports[(first + each) % len(self.reader_ports)] for each in range(len(self.reader_ports))]
        return Reader(question, ports, self.cookie, late)

    async def stored(self, question: Question) -> Message | None:
        """The answer in storage."""
        return await self.store.message(self.owner, question.answer_id)


@asynccontextmanager
async def shared_ground(*, with_proxies: bool = False) -> AsyncGenerator[Ground, None]:
    """Workers over one Redis and one PostgreSQL.

    Raises:
        NotInstalled: One of the two servers isn't installed.
    """
    async with AsyncExitStack() as stack:
        redis, postgres = stack.enter_context(RedisServer()), stack.enter_context(PostgresServer())
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="chat-faults-")))
        proxies: list[CuttingProxy] = []

        def proxied(port: int) -> int:
            if not with_proxies:
                return port
            proxies.append(stack.enter_context(CuttingProxy(port)))
            return proxies[-1].port

        database_url = postgres.create_database()
        model, store = await stack.enter_async_context(CountingModel()), await _opened(stack, database_url)
        common = {"DATABASE_URL": database_url, "OPENAI_BASE_URL": model.base_url}
        stack.callback(_keep_logs, folder)
        started = [
            Worker(folder / f"worker{number}", REDIS_URL=f"redis://127.0.0.1:{proxied(redis.port)}/0", **common)
            for number in range(2)
        ]
        await _start(stack, started)
        ports = [proxied(worker.port) for worker in started]
        yield Ground(model, started, store, folder, redis, postgres, ports, proxies)


@asynccontextmanager
async def sqlite_ground(*, on_own_disk: bool = False) -> AsyncGenerator[Ground, None]:
    """A single worker with SQLite.

    Args:
        on_own_disk: The database is on a small file system of its own.

    Raises:
        Impossible: Only root can mount it.
    """
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="chat-faults-")))
        data = folder / "data"
        data.mkdir()
        if on_own_disk:
            stack.enter_context(_mounted(data))
        database_url = f"sqlite:///{data}/chat.db"
        model, store = await stack.enter_async_context(CountingModel()), await _opened(stack, database_url)
        stack.callback(_keep_logs, folder)
        worker = Worker(folder / "worker", DATABASE_URL=database_url, OPENAI_BASE_URL=model.base_url)
        await _start(stack, [worker])
        yield Ground(model, [worker], store, data)


@contextmanager
def _mounted(folder: Path) -> Iterator[None]:
    mounting = ["mount", "-t", "tmpfs", "-o", f"size={_DISK_SIZE}", "tmpfs", str(folder)]
    if subprocess.run(mounting, check=False, capture_output=True).returncode:
        raise Impossible("only root can mount the small disk that is to be full")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def _keep_logs(folder: Path) -> None:
    """Copy the workers' logs to the folder in the variable FAULT_LOGS, to find a cause."""
    if kept := os.environ.get("FAULT_LOGS"):
        for log in folder.glob("*/server-*.log"):
            shutil.copy(log, Path(kept) / f"{log.parent.name}.log")


async def _opened(stack: AsyncExitStack, database_url: str) -> SqlStore:
    store = SqlStore(database_url)
    await store.open()
    stack.push_async_callback(store.close)
    return store


async def _start(stack: AsyncExitStack, workers: list[Worker]) -> None:
    await asyncio.gather(*(asyncio.to_thread(stack.enter_context, worker) for worker in workers))
