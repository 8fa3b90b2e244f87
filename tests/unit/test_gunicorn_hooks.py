"""Hooks of gunicorn's master process."""

import signal
from types import FrameType
from typing import Any, cast

import pytest

from chat_app.infrastructure.server import gunicorn_hooks


class Master:
    """What the hooks use of gunicorn's master."""

    def __init__(self) -> None:
        self.queued: list[int] = []

    def signal(self, number: int, frame: FrameType | None) -> None:
        self.queued.append(number)


@pytest.fixture
def master() -> Any:
    before = signal.getsignal(signal.SIGTERM)
    master = Master()
    gunicorn_hooks.when_ready(cast(Any, master))
    yield master
    signal.signal(signal.SIGTERM, before)


def test_a_second_sigterm_is_a_quick_shutdown(master: Master, monkeypatch: pytest.MonkeyPatch):
    for now in (100, 100.5, 103):
        monkeypatch.setattr("time.monotonic", lambda now=now: now)
        signal.raise_signal(signal.SIGTERM)
    assert master.queued == [signal.SIGTERM, signal.SIGTERM, signal.SIGQUIT]
