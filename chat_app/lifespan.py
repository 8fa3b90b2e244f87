"""Lifespan of a process: opening and closing the dependencies, background tasks, graceful shutdown."""

import asyncio
import gc
import logging
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from functools import partial

from reflex.utils.exec import is_prod_mode

from chat_app.infrastructure.observability.start_log import log_start
from chat_app.infrastructure.server.graceful_shutdown import graceful_shutdown
from chat_app.infrastructure.server.outage_at_start import wait_for_servers
from chat_app.infrastructure.server.single_instance import lock_database
from chat_app.services.answering.answers import Answers
from chat_app.services.answering.lease_keeper import ensure_writable
from chat_app.services.answering.recovery import Recovery, interrupt_abandoned
from chat_app.services.conversations.purge import keep_purging
from chat_app.wiring import Services, services

logger = logging.getLogger(__name__)

# New objects until the youngest generation is collected; collections of it until the next one is, and so on.
_GC_THRESHOLDS = (2_000, 10, 20)
_LOCK_SECONDS = 10.0  # for the process before this one to release the database
_ACCEPTED_SECONDS = 0.3  # for the question of a connection that has just been accepted
_DRAIN_INTERVAL = 0.1  # seconds
_LIST_SECONDS = 2.0  # maximum wait for the lists of models at start
_DELIVERY_SECONDS = 0.5  # for the ends of answers to reach their readers at shutdown


@asynccontextmanager
async def running(dependencies: Services) -> AsyncIterator[None]:
    """Open the storage at start; at the end interrupt running answers, so that their text is saved."""
    async with AsyncExitStack() as until_end:
        await dependencies.store.open()
        until_end.push_async_callback(dependencies.store.close)
        await until_end.enter_async_context(dependencies.shared.opened(dependencies.changes.wake))
        for server in dependencies.servers:
            until_end.push_async_callback(server.close)
        if dependencies.titles:
            until_end.push_async_callback(dependencies.titles.close)
        until_end.push_async_callback(dependencies.answers.close)
        until_end.push_async_callback(dependencies.connections.close)
        store, shared = dependencies.store, dependencies.shared
        if shared.announcer is None:  # no other process
            await interrupt_abandoned(store, shared.leases)
        else:
            recovery = Recovery(store, shared.log, shared.leases, dependencies.changes)
            until_end.enter_context(_in_background(recovery.keep_checking()))
        retention = dependencies.settings.deleted_retention
        until_end.enter_context(_in_background(keep_purging(store, dependencies.files, retention=retention)))
        until_end.enter_context(_in_background(dependencies.metrics.keep_refreshing()))
        until_end.push_async_callback(dependencies.models.close)
        await dependencies.models.open(_LIST_SECONDS)
        until_end.enter_context(_in_background(dependencies.models.keep_refreshing()))
        yield


@contextmanager
def _in_background(work: Coroutine[None, None, None]) -> Iterator[None]:
    task = asyncio.create_task(work)
    task.add_done_callback(_log_failure)
    try:
        yield
    finally:
        task.cancel()


def _log_failure(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()):
        logger.critical("%s has stopped until the next start", task.get_coro(), exc_info=error)


@asynccontextmanager
async def lifespan() -> AsyncIterator[None]:
    """Lifespan of this process: ``running``, with the lock on the database and a graceful shutdown."""
    dependencies = services()
    config, is_shared = dependencies.settings, bool(dependencies.settings.redis_url)
    if is_shared:
        await wait_for_servers(dependencies.store.check_reachable, partial(ensure_writable, dependencies.shared.leases))
    # Not in development, where each change of the code restarts the server with SIGTERM.
    seconds = config.drain_seconds if is_prod_mode() else 0
    # After SIGHUP, the worker before this one still ends its answers.
    lock = lock_database(config.database_url, shared=is_shared, max_wait=_LOCK_SECONDS + seconds)
    async with lock, running(dependencies):
        log_start(config, dependencies.agents.default.name)
        _tune_garbage_collection()
        drain = partial(_drain, dependencies, seconds) if seconds else None
        with graceful_shutdown(partial(_end_answers, dependencies.answers), drain=drain, gives_way=is_shared):
            yield


def _tune_garbage_collection() -> None:
    """Exempt the objects that exist now from garbage collection, and collect all others less often.

    A full collection takes 0.1 s after the start and 0.2 s with 500 streams. Their tokens would trigger one every 4 s;
    with these thresholds, every 20 s.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_GC_THRESHOLDS)


async def _drain(dependencies: Services, seconds: float) -> None:
    """Refuse new questions, and wait at most ``seconds`` for running answers and open responses to end.

    If there are other workers, pages that follow no answer move to them at once.
    """
    answers, connections = dependencies.answers, dependencies.connections
    has_others = bool(dependencies.settings.redis_url)
    connections.drain(move_pages=has_others)
    if has_others:
        # No other worker can take a question on a connection that was accepted just before.
        await asyncio.sleep(_ACCEPTED_SECONDS)
    answers.refuse()
    try:
        async with asyncio.timeout(seconds):
            is_waiting = answers.running or connections.are_busy
            while answers.running or connections.are_busy:  # noqa: ASYNC110 - events would cost every request
                await asyncio.sleep(_DRAIN_INTERVAL)
            if is_waiting:
                await asyncio.sleep(_DELIVERY_SECONDS)
    except TimeoutError:
        logger.warning("%s answers are interrupted after %s seconds", answers.running, seconds)


async def _end_answers(answers: Answers) -> None:
    """Interrupt running answers, and wait until their readers have received ``Done``."""
    has_readers = answers.readers > 0
    await answers.close()
    if has_readers:
        await asyncio.sleep(_DELIVERY_SECONDS)
