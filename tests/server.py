"""The API on a real port, for tests.

with FakeUpstream() as upstream, ApiServer(upstream.base_url, folder) as server:  # its own thread and database
    httpx.post(f"{server.url}/stream", json={"message": "Hello"})
"""

import asyncio
import socket
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, Self, TypeVar

import uvicorn
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from chat_app.api.app import create_api, with_visitors
from chat_app.config import Settings
from chat_app.infrastructure.server.options import set_reader_timeout, uvicorn_options
from chat_app.lifespan import running
from chat_app.wiring import Services, build
from tests.app_server import SECRET_KEY

Result = TypeVar("Result")

MODEL = "test-model"
KEY = "sk-test-0123456789abcdef"
PROGRAM_KEY = "program-0123456789abcdef"
"""The API key of a program."""
ORIGIN = "https://chat.example.com"
"""The allowed origin."""


class ChosenSettings(Settings):
    """Settings chosen by a test, independent of the machine's environment."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)


class ApiServer:
    """The API as it is served, in a thread of its own.

    Args:
        upstream_url: The address of the model's server.
        folder: For the database.
        is_open: As in ``create_api``.
        path: As in ``with_visitors``.
        settings: Settings that differ from the defaults.
    """

    def __init__(
        self, upstream_url: str, folder: Path, *, is_open: bool = True, path: str = "", **settings: Any
    ) -> None:
        chosen: dict[str, Any] = {
            "openai_api_key": KEY,
            "openai_base_url": upstream_url,
            "openai_model": MODEL,
            "database_url": f"sqlite:///{folder}/chat.db",
            "allowed_origins": [ORIGIN],
            "suggest_titles": False,  # a call to the model that tests of others don't reckon with
            "secret_key": SECRET_KEY,
            "stream_api_keys": {"program": PROGRAM_KEY},
            # Tests ask more often than people.
            "max_requests_per_minute": 1_000_000,
            "max_requests_per_minute_each": 1_000_000,
            **settings,
        }
        self._services = build(ChosenSettings(**chosen))
        api = create_api(self._services, is_open=is_open)
        app = with_visitors(api, self._services, path=path)
        self._server = uvicorn.Server(
            uvicorn.Config(
                app, **uvicorn_options(self._services.settings), lifespan="off", log_config=None, proxy_headers=False
            )
        )
        self._socket = socket.create_server(("127.0.0.1", 0))
        set_reader_timeout(self._socket, self._services.settings.reader_timeout)
        self._opened = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self.port: int = self._socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._opened.wait(timeout=10)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = self._server.force_exit = True
        self._thread.join()

    @property
    def connections(self) -> int:
        """The number of open connections."""
        return len(self._server.server_state.connections)

    def run(self, work: Callable[[Services], Coroutine[Any, Any, Result]]) -> Result:
        """Run ``work`` in the server's event loop, and return its result."""
        return asyncio.run_coroutine_threadsafe(work(self._services), self._loop).result(timeout=10)

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        async with running(self._services):
            self._opened.set()  # the socket listens already: early clients wait in its backlog
            await self._server.serve([self._socket])
