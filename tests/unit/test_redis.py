"""Several processes over one Redis: logs, leases and notifications, and what happens when a process or Redis fails."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Collection, Iterator
from contextlib import aclosing, suppress

import pytest
from redis.asyncio import Redis

from chat_app.infrastructure.log.slots import MemorySlots
from chat_app.infrastructure.redis import names
from chat_app.infrastructure.redis.leases import RedisLeases
from chat_app.infrastructure.redis.log_copy import WrittenCopy
from chat_app.models.codec import event_to_json
from chat_app.models.conversation import Conversation
from chat_app.models.errors import Interrupted, SharedStateUnavailable
from chat_app.models.events import START, AnswerEvent, Cursor, Done, Entry, PartGrew, PartStarted
from chat_app.models.message import Outcome, Status
from chat_app.models.parts import Reasoning, Text
from chat_app.models.principal import Principal
from chat_app.services.answering.lease_keeper import LeaseKeeper
from chat_app.services.answering.recovery import Recovery
from tests.conversing import ANN, BOB
from tests.cutting_proxy import CuttingProxy
from tests.fakes import FakeStore, until
from tests.messages import assistant_message, text_in
from tests.redis_server import NotInstalled, RedisServer
from tests.redis_worker import RedisWorker

DONE = Done(Outcome(Status.COMPLETE))
START_OF_STORY = "Once "
WORDS = [f"word{number} " for number in range(200)]
STORY = START_OF_STORY + "".join(WORDS)


class SlowRenewal(RedisLeases):
    """Leases whose renewal waits for ``gate`` once it has begun."""

    def __init__(self, redis: Redis, process_id: Callable[[], str]) -> None:
        super().__init__(redis, process_id)
        self.begun, self.gate, self.count = asyncio.Event(), asyncio.Event(), 0

    async def renew(self, answer_ids: Collection[str]) -> set[str]:
        self.begun.set()
        await self.gate.wait()
        held = await super().renew(answer_ids)
        self.count += 1
        return held


@pytest.fixture
async def one(redis_url: str) -> AsyncIterator[RedisWorker]:
    async with RedisWorker(redis_url, "one") as worker:
        yield worker


@pytest.fixture
async def two(redis_url: str) -> AsyncIterator[RedisWorker]:
    async with RedisWorker(redis_url, "two") as worker:
        yield worker


@pytest.fixture
def failing_redis() -> Iterator[RedisServer]:
    """A Redis of the test's own, to stop and pause."""
    try:
        server = RedisServer()
    except NotInstalled as missing:
        pytest.skip(str(missing))
    with server:
        yield server


async def read(worker: RedisWorker, answer_id: str = "a", after: Cursor = START) -> list[Entry]:
    return [entry async for batch in worker.log.read(answer_id, after) for entry in batch]


async def say(worker: RedisWorker, *words: str, answer_id: str = "a") -> None:
    for word in words:
        await worker.log.append(answer_id, PartGrew(0, Text(word)))


async def begin(worker: RedisWorker, answer_id: str = "a") -> None:
    assert await worker.leases.acquire(answer_id)
    assert await worker.log.create(answer_id, ANN)
    await worker.log.append(answer_id, PartStarted(0, Text(START_OF_STORY)))


async def tell(worker: RedisWorker) -> None:
    """Say all words, one after the other, and end."""
    for word in WORDS:
        await say(worker, word)
        await asyncio.sleep(0.002)
    await worker.log.append("a", DONE)


async def owner_or_none(worker: RedisWorker, answer_id: str) -> Principal | None:
    """The owner; ``None`` as long as Redis can't be reached."""
    with suppress(SharedStateUnavailable):
        return await worker.log.owner(answer_id)
    await asyncio.sleep(0.01)
    return None


class TestSeveralProcesses:
    async def test_readers_in_other_processes_get_each_word_once_as_it_comes(self, one: RedisWorker, two: RedisWorker):
        await begin(one)
        readers = [asyncio.create_task(read(worker)) for worker in (one, two, two)]
        await tell(one)
        for entries in await asyncio.gather(*readers):
            assert text_in(entries) == STORY
            assert entries[-1].event == DONE

    async def test_a_reader_that_moves_to_another_process_continues_at_its_cursor(
        self, one: RedisWorker, two: RedisWorker
    ):
        await begin(one)
        telling = asyncio.create_task(tell(one))
        read_here: list[Entry] = []
        async with aclosing(one.log.read("a")) as batches:
            async for batch in batches:
                read_here += batch
                if len(read_here) > 50:
                    break
        rest = await read(two, after=read_here[-1].cursor)
        await telling
        assert text_in([*read_here, *rest]) == STORY

    async def test_a_stop_request_reaches_the_writer(self, one: RedisWorker, two: RedisWorker):
        await begin(one)
        requested = asyncio.create_task(one.log.stop_requested("a"))
        await two.log.request_stop("a")
        await asyncio.wait_for(requested, 5)

    async def test_an_id_is_one_answer_in_all_processes(self, one: RedisWorker, two: RedisWorker):
        created = await asyncio.gather(*(worker.log.create("a", who) for worker in (one, two) for who in (ANN, BOB)))
        assert sum(created) == 1
        assert await one.log.owner("a") == await two.log.owner("a") == (ANN, ANN, BOB)[created.index(True)]

    async def test_the_writer_knows_of_readers_in_other_processes(self, one: RedisWorker, two: RedisWorker):
        await begin(one)
        assert not await one.log.has_readers_elsewhere("a")
        reading = asyncio.create_task(read(two))
        await asyncio.sleep(0.2)
        assert await one.log.has_readers_elsewhere("a")
        await one.log.append("a", DONE)
        await reading

    async def test_watchers_in_other_processes_are_notified_of_a_change(self, one: RedisWorker, two: RedisWorker):
        async with aclosing(two.changes.watch(ANN)) as anns, aclosing(two.changes.watch(BOB)) as bobs:
            await anext(anns)
            await anext(bobs)
            waiting = asyncio.create_task(anext(bobs))
            one.changes.notify(ANN)
            await asyncio.wait_for(anext(anns), 5)
            assert not waiting.done()
            waiting.cancel()
            await asyncio.wait([waiting])

    async def test_changes_right_before_the_end_of_a_process_are_announced(self, one: RedisWorker, redis_url: str):
        async with RedisWorker(redis_url, "two") as two, aclosing(one.changes.watch(ANN)) as anns:
            await anext(anns)
            two.changes.notify(ANN)
            await two.announcer.close()
            await asyncio.wait_for(anext(anns), 5)

    async def test_an_ended_log_is_read_in_another_process(self, one: RedisWorker, two: RedisWorker):
        await begin(one)
        await say(one, "Hello \ud83d")  # half a surrogate pair
        await one.log.append("a", DONE)
        assert text_in(await read(one)) == text_in(await read(two)) == "Once Hello \ud83d"
        assert await one.log.unended() == []


class TestOtherVersions:
    """While the app is updated, worker by worker, others may write what this version doesn't know."""

    async def add(self, worker: RedisWorker, field: str, *events: object) -> None:
        payload = json.dumps({"after": [0, len(START_OF_STORY)], "events": events})
        await worker.redis.xadd(names.log("a"), {field: payload}, id="9-0")

    async def test_readers_of_an_end_of_another_version_do_not_wait_for_ever(self, one: RedisWorker, two: RedisWorker):
        await begin(one)
        reading = asyncio.create_task(read(two))
        await asyncio.sleep(0.05)
        await self.add(one, "done", ["done", {"outcome": {"status": "dreaming"}, "stored": True}])
        assert text_in(await asyncio.wait_for(reading, 5)) == START_OF_STORY

    async def test_events_of_another_version_are_left_out(self, one: RedisWorker, two: RedisWorker):
        await begin(one)
        reading = asyncio.create_task(read(two))
        await asyncio.sleep(0.05)
        grew = PartGrew(0, Text("Hello"))
        await self.add(one, "done", ["renamed", 0], event_to_json(grew), ["sung", {}], event_to_json(DONE))
        entries = await asyncio.wait_for(reading, 5)
        assert text_in(entries) == "Once Hello"
        assert isinstance(entries[-1].event, Done)

    @pytest.mark.parametrize("fields", [{"letters": "x"}, {"events": "{"}, {"events": "[1]"}], ids=str)
    async def test_an_entry_that_can_not_be_read_stops_no_other_stream(
        self, one: RedisWorker, two: RedisWorker, fields: dict[str, str]
    ):
        await begin(one, "odd")
        odd = asyncio.create_task(read(two, "odd"))
        await asyncio.sleep(0.05)
        await one.redis.xadd(names.log("odd"), fields, id="9-0")  # pyright: ignore[reportArgumentType] - typed too narrowly
        await begin(one)
        reading = asyncio.create_task(read(two))
        await asyncio.sleep(0.05)
        await one.log.append("a", DONE)
        assert text_in(await asyncio.wait_for(reading, 5)) == START_OF_STORY
        odd.cancel()


class TestFailures:
    async def test_no_word_is_lost_or_doubled_over_cut_connections(self, redis_server: RedisServer, redis_url: str):
        """Of a command whose reply is lost nobody knows whether Redis has executed it."""
        with CuttingProxy(redis_server.port) as proxy:
            url = redis_url.replace(str(redis_server.port), str(proxy.port))
            async with RedisWorker(url, "one") as one, RedisWorker(url, "two") as two:
                await begin(one)
                readers = [asyncio.create_task(read(worker)) for worker in (one, two)]
                for number, word in enumerate(WORDS):
                    await say(one, word)
                    if number % 20 == 10:
                        proxy.cut_after(number)
                    await asyncio.sleep(0.01)
                await one.log.append("a", DONE)
                for entries in await asyncio.gather(*readers):
                    assert text_in(entries) == STORY
        assert proxy.cuts >= 5

    @pytest.mark.parametrize("loses_data", [False, True])
    async def test_no_word_is_lost_or_doubled_over_an_outage_of_redis(
        self, failing_redis: RedisServer, loses_data: bool
    ):
        url = failing_redis.url
        async with RedisWorker(url, "one", patience=60) as one, RedisWorker(url, "two", patience=60) as two:
            await begin(one)
            readers = [asyncio.create_task(read(worker)) for worker in (one, two)]
            await say(one, *WORDS[:50])
            await asyncio.sleep(0.1)
            (failing_redis.kill if loses_data else failing_redis.pause)()
            await say(one, *WORDS[50:100])
            await asyncio.sleep(0.3)
            (failing_redis.start if loses_data else failing_redis.resume)()
            await say(one, *WORDS[100:])
            await one.log.append("a", DONE)
            for entries in await asyncio.wait_for(asyncio.gather(*readers), 30):
                assert text_in(entries) == STORY
            assert await two.log.owner("a") == ANN

    async def test_an_end_is_kept_once_a_full_redis_has_memory_again(self, failing_redis: RedisServer):
        async with RedisWorker(failing_redis.url, "one") as one:
            await begin(one)
            await one.redis.config_set("maxmemory", "1mb")
            await one.log.append("a", DONE)
            keeping = asyncio.create_task(one.log.wait_kept("a"))
            assert await asyncio.wait([keeping], timeout=0.3) == (set(), {keeping})
            await one.redis.config_set("maxmemory", "0")
            await asyncio.wait_for(keeping, 5)
            assert isinstance((await one.log.entries("a"))[-1].event, Done)
            await asyncio.wait_for(one.log.wait_kept("a"), 5)

    async def test_readers_are_told_of_an_outage_and_go_on_afterwards(self, failing_redis: RedisServer):
        async with RedisWorker(failing_redis.url, "one", patience=0.2) as one:
            await begin(one)
            await say(one, "Hel")
            entries: list[Entry] = []
            async with aclosing(one.log.read("a")) as batches:
                entries += await anext(batches)
                failing_redis.kill()
                await say(one, "lo.")
                with pytest.raises(SharedStateUnavailable):
                    await anext(batches)
            failing_redis.start()
            await one.log.append("a", DONE)
            async with asyncio.timeout(10):
                while not isinstance(entries[-1].event, Done):
                    with suppress(SharedStateUnavailable):  # until it has been noticed that Redis is back
                        entries += await read(one, after=entries[-1].cursor)
            assert text_in(entries) == "Once Hello."

    async def test_a_writer_whose_lease_another_process_holds_writes_nothing(self, one: RedisWorker, two: RedisWorker):
        await begin(one)
        await say(one, "Hel")
        reading = asyncio.create_task(read(one))
        await asyncio.sleep(0.05)
        await one.leases.release("a")
        assert await two.leases.acquire("a")
        with pytest.raises(Interrupted):
            for _ in range(100):
                await say(one, "lost")
                await asyncio.sleep(0.01)
        await two.log.append("a", DONE)
        entries = await asyncio.wait_for(reading, 5)
        assert (text_in(entries), entries[-1].event) == ("Once Hel", DONE)

    async def test_a_writer_that_was_paused_adds_nothing_to_a_log_that_another_process_has_ended(
        self, one: RedisWorker, two: RedisWorker
    ):
        await begin(one)
        reading = asyncio.create_task(read(one))
        await asyncio.sleep(0.05)
        await one.leases.release("a")
        assert await two.leases.acquire("a")
        for event in (PartGrew(0, Text("Hel")), PartGrew(0, Text("lo")), DONE):
            await two.log.append("a", event)
        await read(two)
        await two.leases.release("a")
        assert await one.leases.renew(["a"]) == {"a"}  # nobody holds it any more
        await say(one, "lost")
        entries = await asyncio.wait_for(reading, 5)
        assert text_in(entries) == text_in(await one.log.entries("a")) == "Once Hello"
        with pytest.raises(Interrupted):
            await say(one, "lost")

    async def test_a_change_that_comes_together_with_a_timeout_is_read(self, redis_url: str):
        """As after a pause of the process: the reply of Redis and the timer are due at once."""
        async with RedisWorker(redis_url, "one", patience=0.1) as one, RedisWorker(redis_url, "two") as two:
            for each in range(10):
                answer_id = f"a{each}"
                await begin(two, answer_id)
                reading = asyncio.create_task(read(one, answer_id))
                await asyncio.sleep(0.05)
                await two.log.append(answer_id, DONE)
                await asyncio.sleep(0.006)
                time.sleep(0.1)  # noqa: ASYNC251 - the pause
                entries = await asyncio.wait_for(reading, 5)
                assert entries[-1].event == DONE

    async def test_a_log_without_new_events_is_there_again_after_redis_has_lost_its_data(
        self, failing_redis: RedisServer
    ):
        async with RedisWorker(failing_redis.url, "one") as one, RedisWorker(failing_redis.url, "two") as two:
            await begin(one)
            assert await one.log.create("empty", ANN)
            reading = asyncio.create_task(read(two))
            await asyncio.sleep(0.2)
            failing_redis.kill()
            failing_redis.start()
            async with asyncio.timeout(10):
                while await owner_or_none(two, "a") is None:
                    pass
            assert await two.log.owner("empty") == ANN
            assert not await two.log.create("empty", ANN)
            await one.log.append("a", DONE)
            assert text_in(await asyncio.wait_for(reading, 5)) == START_OF_STORY

    async def test_a_crashed_process_s_answers_are_ended_with_the_text_that_readers_have(
        self, redis_url: str, two: RedisWorker
    ):
        store = FakeStore()
        conversation = Conversation(owner=ANN, title="Greetings")
        await store.add_conversation(conversation)
        await store.add_messages([assistant_message(id="a", conversation_id=conversation.id, status=Status.STREAMING)])
        async with RedisWorker(redis_url, "one", lifetime=0.3) as one:
            await begin(one)
            reading = asyncio.create_task(read(two))
            await say(one, "Hel", "lo")
            await asyncio.sleep(0.1)
        recovery = Recovery(store, two.log, two.leases, two.changes)
        async with asyncio.timeout(10):
            while not reading.done():
                await recovery.check()
                await asyncio.sleep(0.2)
        entries = await reading
        assert text_in(entries) == store.messages["a"].text == "Once Hello"
        last = entries[-1].event
        assert isinstance(last, Done)
        assert last.outcome == store.messages["a"].outcome
        assert last.outcome.status is Status.INTERRUPTED
        assert await two.log.unended() == []

    async def test_an_answer_that_waits_for_its_model_goes_on_when_redis_is_emptied(self, failing_redis: RedisServer):
        store = FakeStore()
        conversation = Conversation(owner=ANN, title="Greetings")
        await store.add_conversation(conversation)
        await store.add_messages([assistant_message(id="a", conversation_id=conversation.id, status=Status.STREAMING)])
        async with RedisWorker(failing_redis.url, "one") as one, RedisWorker(failing_redis.url, "two") as two:
            keeper = LeaseKeeper(one.leases, MemorySlots())
            assert await keeper.acquire("a")
            assert await one.log.create("a", ANN)
            failing_redis.empty()
            recovery = Recovery(store, two.log, two.leases, two.changes)
            checking = asyncio.create_task(recovery.keep_checking())
            await asyncio.sleep(1.5)
            checking.cancel()
            assert store.messages["a"].status is Status.STREAMING
            assert await keeper.is_held("a")
            await keeper.release("a")

    async def test_an_entry_that_can_not_be_read_ends_the_reading_of_its_log_alone(
        self, one: RedisWorker, two: RedisWorker, caplog: pytest.LogCaptureFixture
    ):
        for answer_id in "ab":
            await begin(one, answer_id)
        readings = [asyncio.create_task(read(two, answer_id)) for answer_id in "ab"]
        await asyncio.sleep(0.1)
        wrong = '{"after": [0, 5], "events": [["grew", "0", {}]]}'
        await one.redis.xadd(names.log("a"), {"events": wrong}, id="5-0")
        assert text_in(await asyncio.wait_for(readings[0], 5)) == START_OF_STORY
        await say(one, "Hello", answer_id="b")
        await one.log.append("b", DONE)
        assert text_in(await asyncio.wait_for(readings[1], 5)) == "Once Hello"
        assert [record.levelname for record in caplog.records] == ["ERROR"]

    async def test_an_expired_lease_is_acquired_again_by_its_writer(self, redis_url: str, two: RedisWorker):
        async with RedisWorker(redis_url, "one", lifetime=0.5) as one:
            await begin(one)
            await asyncio.sleep(0.7)
            assert await two.leases.held(["a"]) == set()
            assert await one.leases.renew(["a"]) == {"a"}
            assert await two.leases.held(["a"]) == {"a"}

    async def test_a_lease_that_is_released_during_a_renewal_stays_released(self, one: RedisWorker):
        leases = SlowRenewal(one.redis, lambda: "one")
        keeper = LeaseKeeper(leases, MemorySlots(), interval=0.01)
        for answer_id in "ab":
            assert await keeper.acquire(answer_id)
        await leases.begun.wait()
        await keeper.release("a")
        leases.gate.set()
        await until(lambda: leases.count > 1)
        assert await one.leases.held("ab") == {"b"}
        await keeper.release("b")

    async def test_an_expired_lease_is_not_renewed_if_another_process_holds_it(self, redis_url: str, two: RedisWorker):
        async with RedisWorker(redis_url, "one", lifetime=0.5) as one:
            await begin(one)
            await asyncio.sleep(0.7)
            assert await two.leases.acquire("a")
            assert await one.leases.renew(["a"]) == set()


@pytest.mark.parametrize(
    "event",
    [
        PartGrew(0, Text('Hello "\ud83d"\n')),
        PartGrew(1, Text("and", continues=True)),
        PartGrew(1, Reasoning("Hm")),
        PartStarted(0, Text("Once")),
        DONE,
    ],
)
def test_a_batch_is_encoded_as_the_codec_does(event: AnswerEvent):
    log = WrittenCopy(ANN, [Entry(Cursor(0, 4), event)], answer_id="a")
    batch = log.next_batch()
    assert json.loads(batch.payload) == {"after": [0, 0], "events": [event_to_json(event)]}
    assert "\n" not in batch.payload
