"""Graceful shutdown: running answers end before the HTTP server stops."""

import asyncio
import logging
import signal
from collections.abc import Iterator

import pytest

from chat_app.infrastructure.server.graceful_shutdown import graceful_shutdown
from tests.fakes import until

pytestmark = pytest.mark.usefixtures("nothing_left")

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@pytest.fixture
def happened() -> Iterator[list[object]]:
    """The signals that reach the HTTP server, and what else a test adds."""
    happened: list[object] = []
    handlers = {number: signal.signal(number, lambda number, _: happened.append(number)) for number in SIGNALS}
    yield happened
    for number, handler in handlers.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", SIGNALS)
async def test_the_server_gets_a_signal_once_answers_have_ended(happened: list[object], number: signal.Signals):
    async def drain() -> None:
        happened.append("draining")
        await asyncio.sleep(0)
        happened.append("drained")

    with graceful_shutdown(drain):
        signal.raise_signal(number)
        await until(lambda: number in happened)
    assert happened == ["draining", "drained", number]


async def test_a_signal_that_reaches_the_process_by_two_ways_is_one(happened: list[object]):
    drained = asyncio.Event()
    with graceful_shutdown(drained.wait):
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGTERM)
        await asyncio.sleep(0.01)
        assert happened == []
        drained.set()
        await until(lambda: happened)
    assert happened == [signal.SIGINT]


async def test_a_later_signal_does_not_wait(happened: list[object]):
    drained = asyncio.Event()
    with graceful_shutdown(drained.wait, same_signal_within=0):
        signal.raise_signal(signal.SIGINT)
        await asyncio.sleep(0.01)
        signal.raise_signal(signal.SIGINT)
        await until(lambda: happened)
        assert not drained.is_set()
        drained.set()
        await until(lambda: len(happened) == 2)


async def test_answers_that_do_not_end_are_waited_for_in_bounded_time(
    happened: list[object], caplog: pytest.LogCaptureFixture
):
    with graceful_shutdown(asyncio.Event().wait, timeout=0.01):
        signal.raise_signal(signal.SIGTERM)
        await until(lambda: happened)
    assert happened == [signal.SIGTERM]
    assert [record.levelno for record in caplog.records] == [logging.ERROR]


async def test_the_server_gets_the_signal_although_ending_answers_fails(
    happened: list[object], caplog: pytest.LogCaptureFixture
):
    async def drain() -> None:
        raise OSError("a full disk")

    with graceful_shutdown(drain):
        signal.raise_signal(signal.SIGTERM)
        await until(lambda: happened)
    assert "a full disk" in caplog.text


async def test_later_signals_go_to_the_server_alone(happened: list[object]):
    async def drain() -> None:
        happened.append("drained")

    with graceful_shutdown(drain):
        pass
    signal.raise_signal(signal.SIGTERM)
    assert happened == [signal.SIGTERM]


async def test_signals_go_to_the_server_alone_where_the_app_runs_in_a_thread(happened: list[object]):
    async def serve() -> None:
        with graceful_shutdown(asyncio.Event().wait):
            signal.raise_signal(signal.SIGTERM)

    await asyncio.to_thread(asyncio.run, serve())
    assert happened == [signal.SIGTERM]


async def test_after_sigterm_answers_get_time_before_they_are_ended(happened: list[object]):
    async def drain() -> None:
        happened.append("drained")

    async def end() -> None:
        happened.append("ended")

    with graceful_shutdown(end, drain=drain):
        signal.raise_signal(signal.SIGTERM)
        await until(lambda: signal.SIGTERM in happened)
    assert happened == ["drained", "ended", signal.SIGTERM]


async def test_after_ctrl_c_answers_are_ended_at_once(happened: list[object]):
    async def end() -> None:
        happened.append("ended")

    with graceful_shutdown(end, drain=asyncio.Event().wait):
        signal.raise_signal(signal.SIGINT)
        await until(lambda: signal.SIGINT in happened)
    assert happened == ["ended", signal.SIGINT]


async def test_a_second_signal_ends_the_answers_at_once(happened: list[object]):
    async def end() -> None:
        happened.append("ended")

    with graceful_shutdown(end, drain=asyncio.Event().wait, same_signal_within=0):
        signal.raise_signal(signal.SIGTERM)
        await asyncio.sleep(0.01)
        assert happened == []
        signal.raise_signal(signal.SIGTERM)
        await until(lambda: signal.SIGTERM in happened)
    assert happened == ["ended", signal.SIGTERM]


async def test_answers_are_ended_although_waiting_for_them_fails(
    happened: list[object], caplog: pytest.LogCaptureFixture
):
    async def drain() -> None:
        raise OSError("a broken socket")

    async def end() -> None:
        happened.append("ended")

    with graceful_shutdown(end, drain=drain):
        signal.raise_signal(signal.SIGTERM)
        await until(lambda: signal.SIGTERM in happened)
    assert happened == ["ended", signal.SIGTERM]
    assert "a broken socket" in caplog.text
