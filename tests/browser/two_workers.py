"""The app on two workers that share Redis and PostgreSQL, behind a balancer."""

from pathlib import Path

import psutil
from redis import Redis

from chat_app.infrastructure.redis import names
from tests.app_server import AppServer
from tests.browser.balancer import Balancer
from tests.postgres import PostgresServer
from tests.redis_server import RedisServer

_WORKERS = 2


class TwoWorkers(AppServer):
    """The app in production mode on two workers.

    Each websocket is on another worker than the one before it.
    """

    def __init__(self, folder: Path, redis: RedisServer, postgres: PostgresServer, **environment: str) -> None:
        self._balancer = Balancer(lambda: self.workers)
        environment |= {
            "WEB_CONCURRENCY": str(_WORKERS),
            "REDIS_URL": redis.url,
            "DATABASE_URL": postgres.create_database(),
            "ALLOWED_ORIGINS": self._balancer.url,
        }
        super().__init__(folder, **environment)  # pyright: ignore[reportArgumentType] - none of them is ``sources``
        self.redis = redis
        self.postgres = postgres
        self.url = self._balancer.url

    @property
    def workers(self) -> list[int]:
        """The ids of the workers' processes."""
        return [child.pid for child in psutil.Process(self.group).children()]

    @property
    def websockets(self) -> list[int]:
        """The worker of each websocket so far, in the order of their opening."""
        return self._balancer.websockets

    def writer_of(self, answer_id: str) -> int:
        """Return the worker that writes a running answer."""
        with Redis.from_url(self.redis.url, decode_responses=True) as client:
            return int(str(client.get(names.lease(answer_id))).split(":")[1])

    def start(self, **environment: str) -> None:
        super().start(**environment)
        self._balancer.open(int(self.api_url.rpartition(":")[2]), _WORKERS)

    def kill(self) -> None:
        self._balancer.close()
        super().kill()

    def wait(self) -> None:
        super().wait()
        self._balancer.close()
