"""Start, follow and stop of answers, independent of their readers."""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing

import pytest

from chat_app.infrastructure.log.leases import MemoryLeases
from chat_app.infrastructure.log.memory import MemoryAnswerLog
from chat_app.infrastructure.log.slots import MemorySlots
from chat_app.models.conversation import Conversation
from chat_app.models.errors import Busy, Conflict, Interrupted, ModelTimeout, NotFound, RateLimited, StorageUnavailable
from chat_app.models.events import END, START, Cursor, Done, Entry, Failure, PartEnded, PartGrew, PartStarted, StepEnded
from chat_app.models.message import Message, Outcome, Role, Status, Turn
from chat_app.models.parts import Reasoning, Text
from chat_app.models.principal import Caller, Principal
from chat_app.models.request import Options
from chat_app.services.answering.ai_service import AIService, TimeLimits
from chat_app.services.answering.allowance import Allowance
from chat_app.services.answering.answers import Answers
from chat_app.services.answering.lease_keeper import LeaseKeeper
from tests.clock import VIRTUAL_TIME, Backend
from tests.conversing import asking
from tests.fakes import FakeStore, RemoteLog, ScriptedProvider, agents_of, allowance, ignore, make_saver, until
from tests.messages import assistant_message, changed, text_in, user_message

pytestmark = pytest.mark.usefixtures("nothing_left")

ANN, BOB = Principal("ann"), Principal("bob")
AS_ANN, AS_BOB = Caller(ANN), Caller(BOB)
LONG, SHORT = 60.0, 0.1
MAX_RUNNING = 3


@pytest.fixture(scope="module")
def anyio_backend() -> Backend:
    return VIRTUAL_TIME


@pytest.fixture(params=[MemoryAnswerLog, RemoteLog])
def log(request: pytest.FixtureRequest) -> MemoryAnswerLog:
    return request.param(retention=LONG)


@pytest.fixture
def room() -> Allowance:
    """The allowance whose slots the answers take."""
    return allowance(MAX_RUNNING)


def make_answers(
    provider: ScriptedProvider,
    log: MemoryAnswerLog,
    store: FakeStore,
    room: Allowance | None = None,
    *,
    grace: float = LONG,
    leases: MemoryLeases | None = None,
) -> Answers:
    ai = AIService(agents_of(provider), limits=TimeLimits(LONG), max_chars=1000)
    return Answers(
        ai,
        log,
        store,
        room or allowance(MAX_RUNNING),
        leases=LeaseKeeper(leases or MemoryLeases(), MemorySlots()),
        saver=make_saver(store),
        grace=grace,
        observe=ignore,
    )


@pytest.fixture
async def answers(
    provider: ScriptedProvider, log: MemoryAnswerLog, store: FakeStore, room: Allowance
) -> AsyncIterator[Answers]:
    answers = make_answers(provider, log, store, room)
    yield answers
    await answers.close()


async def new_messages(store: FakeStore) -> list[Message]:
    """A question and the answer "a", not yet stored, in a conversation of Ann's."""
    conversation = Conversation(owner=ANN, title="Greetings")
    await store.add_conversation(conversation)
    question = user_message("Hello?", conversation_id=conversation.id)
    answer = assistant_message(
        "", id="a", conversation_id=conversation.id, parent_id=question.id, status=Status.STREAMING
    )
    return [question, answer]


async def start_stored(answers: Answers, store: FakeStore) -> None:
    await answers.start(asking("a", AS_ANN, "Hello?"), stored=await new_messages(store))


async def read(answers: Answers, answer_id: str = "a", owner: Principal = ANN, after: Cursor = START) -> list[Entry]:
    """All entries up to the end."""
    return [entry async for batch in answers.follow(answer_id, owner, after) for entry in batch]


async def read_until(batches: AsyncGenerator[list[Entry], None], text: str) -> list[Entry]:
    """All entries up to the batch that completes ``text``."""
    entries: list[Entry] = []
    while text_in(entries) != text:
        entries += await anext(batches)
    return entries


async def has_room(room: Allowance) -> bool:
    try:
        async with room.slot("another", AS_ANN):
            return True
    except Busy:
        return False


def status_of(entries: Sequence[Entry]) -> Status:
    """The status at the end; asserts that ``Done`` comes once, and last."""
    (done,) = [entry.event for entry in entries if isinstance(entry.event, Done)]
    assert entries[-1].event is done
    return done.outcome.status


class TestStart:
    async def test_the_answer_is_what_the_model_says(self, answers: Answers, provider: ScriptedProvider):
        await answers.start(asking("a", AS_ANN, "Hello?"))
        provider.say(Reasoning("Hm."), "Hel", "lo.")
        provider.finish()
        assert [entry.event for entry in await read(answers)] == [
            PartStarted(0, Reasoning("Hm.")),
            PartEnded(0, Reasoning("Hm.")),
            PartStarted(1, Text("Hel")),
            PartGrew(1, Text("lo.")),
            PartEnded(1, Text("Hello.")),
            StepEnded("stop", "scripted"),
            Done(Outcome(Status.COMPLETE, "stop", "scripted")),
        ]

    async def test_the_model_is_asked_with_the_history(self, answers: Answers, provider: ScriptedProvider):
        history = [Turn(Role.USER, "Hello?"), Turn(Role.ASSISTANT, "Hello.")]
        await answers.start(asking("a", AS_ANN, "How are you?", history))
        provider.finish()
        await read(answers)
        assert provider.calls == [[*history, Turn(Role.USER, "How are you?")]]

    async def test_the_model_is_asked_with_the_options(self, answers: Answers, provider: ScriptedProvider):
        await answers.start(asking("a", AS_ANN, "How are you?", options=Options(temperature=0.5)))
        provider.finish()
        await read(answers)
        assert provider.options == [Options(temperature=0.5)]

    async def test_the_same_id_is_the_same_answer(self, answers: Answers, provider: ScriptedProvider):
        await answers.start(asking("a", AS_ANN, "Hello?"))
        await answers.start(asking("a", AS_ANN, "Hello?"))
        provider.say("Hello.")
        provider.finish()
        first = await read(answers)
        await answers.start(asking("a", AS_ANN, "Hello?"))
        assert await read(answers) == first
        assert len(provider.calls) == 1

    async def test_the_same_id_twice_at_once_is_the_same_answer(self, answers: Answers, provider: ScriptedProvider):
        await asyncio.gather(*(answers.start(asking("a", AS_ANN, "Hello?")) for _ in range(3)))
        provider.finish()
        await read(answers)
        assert len(provider.calls) == 1

    async def test_an_id_of_someone_elses_is_a_conflict(self, answers: Answers, provider: ScriptedProvider):
        await answers.start(asking("a", AS_ANN, "Hello?"))
        with pytest.raises(Conflict):
            await answers.start(asking("a", AS_BOB, "Hello?"))
        provider.say("For Ann")
        provider.finish()
        assert text_in(await read(answers)) == "For Ann"

    async def test_of_two_owners_at_once_one_gets_the_id(self, answers: Answers, provider: ScriptedProvider):
        results = await asyncio.gather(
            answers.start(asking("a", AS_ANN, "Hello?")),
            answers.start(asking("a", AS_BOB, "Hello?")),
            return_exceptions=True,
        )
        assert [type(result) for result in results] == [type(None), Conflict]

    async def test_too_many_answers_at_once_are_refused(self, answers: Answers, provider: ScriptedProvider):
        starts = (answers.start(asking(str(number), AS_ANN, "Hello?")) for number in range(MAX_RUNNING + 2))
        results = await asyncio.gather(*starts, return_exceptions=True)
        assert [type(result) for result in results] == [*[type(None)] * MAX_RUNNING, Busy, Busy]
        await until(lambda: provider.open == MAX_RUNNING)

    async def test_a_running_answer_can_be_asked_for_again_when_there_is_no_room(
        self, answers: Answers, room: Allowance
    ):
        for number in range(MAX_RUNNING):
            await answers.start(asking(str(number), AS_ANN, "Hello?"))
        assert not await has_room(room)
        await answers.start(asking("0", AS_ANN, "Hello?"))

    async def test_an_ended_answer_makes_room(self, answers: Answers, room: Allowance):
        for number in range(MAX_RUNNING):
            await answers.start(asking(str(number), AS_ANN, "Hello?"))
        assert not await has_room(room)
        await answers.stop("1", ANN)
        assert status_of(await read(answers, "1")) is Status.STOPPED
        async with asyncio.timeout(5):
            while not await has_room(room):  # noqa: ASYNC110 - nothing announces it
                await asyncio.sleep(0)
        await answers.start(asking("one more", AS_ANN, "Hello?"))
        assert not await has_room(room)

    async def test_the_messages_of_an_answer_are_stored_before_it_begins(
        self, answers: Answers, provider: ScriptedProvider, store: FakeStore
    ):
        await start_stored(answers, store)
        assert [message.text for message in store.messages.values()] == ["Hello?", ""]
        provider.say("Hello.")
        provider.finish()
        await read(answers)
        assert store.messages["a"].text == "Hello."

    async def test_a_question_that_can_not_be_stored_is_not_asked_and_takes_no_room(
        self, answers: Answers, provider: ScriptedProvider, store: FakeStore, room: Allowance
    ):
        messages = await new_messages(store)
        store.failing = {"add_messages"}
        for _ in range(MAX_RUNNING + 1):
            with pytest.raises(StorageUnavailable, match="disk"):
                await answers.start(asking("a", AS_ANN, "Hello?"), stored=messages)
        assert await has_room(room)
        assert provider.calls == []

    async def test_an_id_that_is_only_in_the_log_is_no_id_for_a_stored_answer(self, answers: Answers, store: FakeStore):
        await answers.start(asking("a", AS_ANN, "Something else"))
        with pytest.raises(Conflict):
            await start_stored(answers, store)
        assert store.messages == {}


class TestFollow:
    async def test_every_reader_gets_everything(self, answers: Answers, provider: ScriptedProvider):
        await answers.start(asking("a", AS_ANN, "Hello?"))
        readers = [asyncio.create_task(read(answers)) for _ in range(3)]
        for piece in ("One ", "two ", "three"):
            provider.say(piece)
            await asyncio.sleep(0)
        provider.finish()
        first, *others = await asyncio.gather(*readers)
        assert text_in(first) == "One two three"
        assert others == [first, first]

    async def test_a_reader_gets_a_piece_before_the_next(self, answers: Answers, provider: ScriptedProvider):
        await answers.start(asking("a", AS_ANN, "Hello?"))
        async with aclosing(answers.follow("a", ANN)) as batches:
            provider.say("One ")
            await read_until(batches, "One ")
            provider.say("two")
            await read_until(batches, "two")

    async def test_a_slow_reader_gets_fewer_larger_batches(self, answers: Answers, provider: ScriptedProvider):
        await answers.start(asking("a", AS_ANN, "Hello?"))
        provider.say(*"abcdef")
        provider.finish()
        await read(answers)
        batches = [batch async for batch in answers.follow("a", ANN)]
        assert [text_in(batch) for batch in batches] == ["abcdef"]

    async def test_a_reader_continues_after_any_entry(self, answers: Answers, provider: ScriptedProvider):
        await answers.start(asking("a", AS_ANN, "Hello?"))
        provider.say(Reasoning("Hm."), "Hel", Reasoning("Oh."), "lo.")
        provider.fail(ModelTimeout())
        entries = await read(answers)
        for index, entry in enumerate(entries, start=1):
            assert await read(answers, after=entry.cursor) == entries[index:]

    async def test_cursors_grow_with_every_entry(self, answers: Answers, provider: ScriptedProvider):
        await answers.start(asking("a", AS_ANN, "Hello?"))
        provider.say(Reasoning("Hm."), "Hel", Reasoning("Oh."), "lo.")
        provider.fail(ModelTimeout())
        cursors = [entry.cursor for entry in await read(answers)]
        assert cursors == sorted(set(cursors))
        assert cursors[0] > START
        assert cursors[-1] == END

    async def test_a_reader_who_leaves_in_the_middle_of_a_batch_disturbs_nobody(
        self, answers: Answers, provider: ScriptedProvider
    ):
        await answers.start(asking("a", AS_ANN, "Hello?"))
        staying = asyncio.create_task(read(answers))
        provider.say("One ", "two ")
        async with aclosing(answers.follow("a", ANN)) as leaving:
            await anext(leaving)
        provider.say("three")
        provider.finish()
        assert text_in(await staying) == "One two three"

    async def test_a_reader_who_is_cancelled_disturbs_nobody(self, answers: Answers, provider: ScriptedProvider):
        await answers.start(asking("a", AS_ANN, "Hello?"))
        reader = asyncio.create_task(read(answers))
        await until(lambda: provider.open)
        reader.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reader
        provider.say("Hello.")
        provider.finish()
        assert text_in(await read(answers)) == "Hello."

    async def test_an_answer_is_read_by_its_owner_alone(
        self, answers: Answers, provider: ScriptedProvider, store: FakeStore
    ):
        await start_stored(answers, store)
        provider.finish()
        await read(answers)
        for answer_id in ("a", "unknown"):
            with pytest.raises(NotFound):
                await read(answers, answer_id, BOB)

    async def test_a_question_can_not_be_followed(self, answers: Answers, store: FakeStore):
        question, _ = messages = await new_messages(store)
        await store.add_messages(messages)
        with pytest.raises(NotFound):
            await read(answers, question.id)

    async def test_an_answer_that_is_only_stored_is_read_at_the_same_cursors(
        self, answers: Answers, provider: ScriptedProvider, store: FakeStore
    ):
        await start_stored(answers, store)
        provider.say(Reasoning("Hm."), "Hel", Reasoning("Oh."), "lo.")
        provider.fail(RateLimited())
        live = await read(answers)
        later = make_answers(provider, MemoryAnswerLog(retention=LONG), store)
        for index, entry in enumerate(live, start=1):
            rest = await read(later, after=entry.cursor)
            assert text_in(rest) == text_in(live[index:])
            assert rest[-2:] == live[max(index, len(live) - 2) :]

    async def test_a_log_that_is_dropped_while_it_is_read_continues_from_storage(
        self, provider: ScriptedProvider, store: FakeStore
    ):
        log = ForgetfulLog(retention=LONG)
        answers = make_answers(provider, log, store)
        await start_stored(answers, store)
        provider.say("Hel", "lo.")
        provider.finish()
        await until(lambda: store.messages["a"].status is Status.COMPLETE)
        await until(lambda: provider.open == 0)
        entries = await read(answers)
        assert text_in(entries) == "Hello."
        assert status_of(entries) is Status.COMPLETE

    async def test_an_answer_that_nobody_writes_any_more_was_interrupted(self, answers: Answers, store: FakeStore):
        _, answer = messages = await new_messages(store)
        await store.add_messages([messages[0], changed(answer, text="Hel")])
        entries = await read(answers)
        assert text_in(entries) == "Hel"
        assert isinstance(entries[-2].event, Failure)
        assert entries[-2].event.code == "interrupted"
        assert status_of(entries) is Status.INTERRUPTED


class ForgetfulLog(MemoryAnswerLog):
    """A log that is dropped after the first batch."""

    async def read(self, answer_id: str, after: Cursor = START) -> AsyncGenerator[list[Entry], None]:
        async with aclosing(super().read(answer_id, after)) as batches:
            yield (await anext(batches))[:1]


class TestStop:
    async def test_a_stopped_answer_keeps_its_text(
        self, answers: Answers, provider: ScriptedProvider, store: FakeStore
    ):
        await start_stored(answers, store)
        provider.say("Hel")
        async with aclosing(answers.follow("a", ANN)) as batches:
            await read_until(batches, "Hel")
            await answers.stop("a", ANN)
            rest = [entry async for batch in batches for entry in batch]
        assert [entry.event for entry in rest] == [PartEnded(0, Text("Hel")), Done(Outcome(Status.STOPPED))]
        assert store.messages["a"].text == "Hel"
        assert store.messages["a"].status is Status.STOPPED
        assert store.messages["a"].error_code == ""

    async def test_stopping_an_answer_stops_the_model(self, answers: Answers, provider: ScriptedProvider):
        await answers.start(asking("a", AS_ANN, "Hello?"))
        await until(lambda: provider.open)
        await answers.stop("a", ANN)
        assert status_of(await read(answers)) is Status.STOPPED
        assert provider.open == 0

    async def test_an_answer_can_be_stopped_as_soon_as_it_begins(self, answers: Answers):
        await answers.start(asking("a", AS_ANN, "Hello?"))
        await answers.stop("a", ANN)
        assert status_of(await read(answers)) is Status.STOPPED

    async def test_an_answer_can_be_stopped_twice(self, answers: Answers):
        await answers.start(asking("a", AS_ANN, "Hello?"))
        await asyncio.gather(answers.stop("a", ANN), answers.stop("a", ANN))
        assert status_of(await read(answers)) is Status.STOPPED

    @pytest.mark.parametrize("steps", range(24))
    async def test_stop_and_the_end_at_the_same_time_are_one_end(
        self, answers: Answers, provider: ScriptedProvider, store: FakeStore, steps: int
    ):
        await start_stored(answers, store)
        provider.say(*"Hello you.")
        provider.finish()
        for _ in range(steps):
            await asyncio.sleep(0)
        await answers.stop("a", ANN)
        entries = await read(answers)
        assert status_of(entries) is store.messages["a"].status
        assert status_of(entries) in (Status.STOPPED, Status.COMPLETE)
        # Log and storage have the same text, whenever the stop came.
        assert text_in(entries) == store.messages["a"].text

    async def test_stopping_has_no_effect_on_an_ended_answer(
        self, answers: Answers, provider: ScriptedProvider, store: FakeStore
    ):
        await start_stored(answers, store)
        provider.finish()
        await read(answers)
        await answers.stop("a", ANN)
        assert status_of(await read(answers)) is Status.COMPLETE
        later = make_answers(provider, MemoryAnswerLog(retention=LONG), store)
        await later.stop("a", ANN)
        assert store.messages["a"].status is Status.COMPLETE

    async def test_an_answer_is_stopped_by_its_owner_alone(self, answers: Answers, provider: ScriptedProvider):
        await answers.start(asking("a", AS_ANN, "Hello?"))
        for answer_id in ("a", "unknown"):
            with pytest.raises(NotFound):
                await answers.stop(answer_id, BOB)
        provider.finish()
        assert status_of(await read(answers)) is Status.COMPLETE


class TestFailure:
    async def test_readers_hear_of_the_models_error_and_keep_the_text(
        self, answers: Answers, provider: ScriptedProvider, store: FakeStore
    ):
        await start_stored(answers, store)
        provider.say("Hel")
        provider.fail(RateLimited("slow down", retry_after=7))
        entries = await read(answers)
        assert [entry.event for entry in entries] == [
            PartStarted(0, Text("Hel")),
            PartEnded(0, Text("Hel")),
            Failure("rate_limited", True, 7),
            Done(Outcome(Status.FAILED, error_code="rate_limited")),
        ]
        assert store.messages["a"].text == "Hel"
        assert store.messages["a"].status is Status.FAILED
        assert store.messages["a"].error_code == "rate_limited"

    async def test_an_unexpected_error_is_internal_and_logged(
        self, answers: Answers, provider: ScriptedProvider, caplog: pytest.LogCaptureFixture
    ):
        await answers.start(asking("a", AS_ANN, "Hello?"))
        provider.fail(ZeroDivisionError("secret"))
        entries = await read(answers)
        assert entries[0].event == Failure("internal", True)
        assert status_of(entries) is Status.FAILED
        assert [(record.levelno, record.exc_text) for record in caplog.records if record.exc_info] != []
        assert caplog.records[0].levelno == logging.ERROR

    @pytest.mark.parametrize("method", ["save_progress", "finish"])
    async def test_a_failing_storage_costs_readers_nothing(
        self, answers: Answers, provider: ScriptedProvider, store: FakeStore, method: str
    ):
        await start_stored(answers, store)
        store.failing = {method}
        provider.say("Hello.")
        provider.finish()
        entries = await read(answers)
        assert text_in(entries) == "Hello."
        assert status_of(entries) is Status.COMPLETE

    async def test_an_answer_that_another_process_is_starting_is_not_taken_for_an_interrupted_one(
        self, provider: ScriptedProvider, store: FakeStore
    ):
        leases, log = MemoryLeases(), MemoryAnswerLog(retention=LONG)
        answers = make_answers(provider, log, store, leases=leases)
        await leases.acquire("a")
        await store.add_messages(await new_messages(store))
        reading = asyncio.create_task(read(answers))
        await asyncio.wait([reading], timeout=0.1)
        assert not reading.done()
        await log.create("a", ANN)
        for event in (PartEnded(0, Text("Hello.")), Done(Outcome(Status.COMPLETE))):
            await log.append("a", event)
        assert status_of(await asyncio.wait_for(reading, 5)) is Status.COMPLETE
        await answers.close()

    async def test_an_end_that_is_not_stored_says_so_and_is_read_whole_all_the_same(
        self, provider: ScriptedProvider, store: FakeStore
    ):
        answers = make_answers(provider, MemoryAnswerLog(retention=SHORT), store)
        await start_stored(answers, store)
        store.failing = {"finish", "save_progress"}
        provider.say("Hello.")
        provider.finish()
        (*_, last) = await read(answers)
        assert isinstance(last.event, Done)
        assert not last.event.stored
        await asyncio.sleep(2 * SHORT)
        assert not await answers.is_logged("a")
        entries = await read(answers)
        assert text_in(entries) == "Hello."
        assert status_of(entries) is Status.COMPLETE
        store.failing = set()
        await answers.close()
        assert store.messages["a"].text == "Hello."

    async def test_a_failing_log_ends_the_answer_and_keeps_its_text(
        self, provider: ScriptedProvider, store: FakeStore, caplog: pytest.LogCaptureFixture, room: Allowance
    ):
        log = RemoteLog(retention=LONG)
        answers = make_answers(provider, log, store, room)
        await start_stored(answers, store)
        await until(lambda: provider.open)
        log.failing = True
        provider.say("Hel")
        await until(lambda: store.messages["a"].status is Status.FAILED)
        assert store.messages["a"].text == "Hel"
        assert "the log can't be reached" in caplog.text
        await answers.close()
        assert await has_room(room)

    async def test_an_answer_goes_on_when_it_can_not_hear_whether_to_stop(
        self, provider: ScriptedProvider, store: FakeStore
    ):
        log = RemoteLog(retention=LONG)
        answers = make_answers(provider, log, store)
        await answers.start(asking("a", AS_ANN, "Hello?"))
        log.failing = True
        await until(lambda: provider.open)
        log.failing = False
        provider.say("Hello.")
        provider.finish()
        assert text_in(await read(answers)) == "Hello."


class TestAbandonment:
    @pytest.fixture
    async def hasty(self, provider: ScriptedProvider, log: MemoryAnswerLog, store: FakeStore) -> AsyncIterator[Answers]:
        """Answers with a short grace period without readers."""
        answers = make_answers(provider, log, store, grace=SHORT)
        yield answers
        await answers.close()

    async def test_an_answer_that_is_read_by_nobody_ends(self, hasty: Answers, provider: ScriptedProvider):
        await hasty.start(asking("a", AS_ANN, "Hello?"))
        await until(lambda: provider.open)
        await until(lambda: not provider.open)
        assert status_of(await read(hasty)) is Status.STOPPED

    async def test_an_answer_goes_on_for_as_long_as_one_of_its_readers_stays(
        self, hasty: Answers, provider: ScriptedProvider
    ):
        await hasty.start(asking("a", AS_ANN, "Hello?"))
        async with aclosing(hasty.follow("a", ANN)) as staying:
            async with aclosing(hasty.follow("a", ANN)) as leaving:
                provider.say("One ")
                await read_until(leaving, "One ")
                await read_until(staying, "One ")
            await asyncio.sleep(SHORT * 2)
            provider.say("two")
            await read_until(staying, "two")
        await until(lambda: not provider.open)
        assert status_of(await read(hasty)) is Status.STOPPED

    async def test_an_answer_goes_on_when_a_reader_comes_back_in_time(self, hasty: Answers, provider: ScriptedProvider):
        await hasty.start(asking("a", AS_ANN, "Hello?"))
        async with aclosing(hasty.follow("a", ANN)) as batches:
            provider.say("One ")
            await read_until(batches, "One ")
        async with aclosing(hasty.follow("a", ANN)) as batches:
            await read_until(batches, "One ")
            await asyncio.sleep(SHORT * 2)
            assert provider.open

    async def test_a_stored_answer_needs_no_reader(self, hasty: Answers, provider: ScriptedProvider, store: FakeStore):
        await start_stored(hasty, store)
        async with aclosing(hasty.follow("a", ANN)) as batches:
            provider.say("One ")
            await read_until(batches, "One ")
        await asyncio.sleep(SHORT * 2)
        assert provider.open


class TestDeletion:
    async def test_an_answer_whose_conversation_another_process_deletes_is_stopped(
        self, answers: Answers, provider: ScriptedProvider, store: FakeStore
    ):
        await start_stored(answers, store)
        provider.say("Hel")
        async with asyncio.timeout(5), aclosing(answers.follow("a", ANN)) as batches:
            read = await read_until(batches, "Hel")
            await store.delete_conversation(ANN, store.messages["a"].conversation_id)
            provider.say("lo.")
            read += [entry async for batch in batches for entry in batch]
        assert (status_of(read), provider.open) == (Status.STOPPED, 0)


class TestClose:
    async def test_closing_interrupts_answers_and_keeps_their_text(
        self, answers: Answers, provider: ScriptedProvider, store: FakeStore
    ):
        await start_stored(answers, store)
        provider.say("Hel")
        async with aclosing(answers.follow("a", ANN)) as batches:
            await read_until(batches, "Hel")
            await answers.close()
            rest = [entry.event async for batch in batches for entry in batch]
        ended = Done(Outcome(Status.INTERRUPTED, error_code="interrupted"))
        assert rest == [PartEnded(0, Text("Hel")), Failure("interrupted", True), ended]
        assert provider.open == 0
        assert store.messages["a"].text == "Hel"
        assert store.messages["a"].status is Status.INTERRUPTED
        assert store.messages["a"].error_code == "interrupted"

    async def test_an_answer_stopped_just_before_closing_is_stopped(
        self, answers: Answers, provider: ScriptedProvider, store: FakeStore
    ):
        await start_stored(answers, store)
        await until(lambda: provider.open)
        await answers.stop("a", ANN)
        await until(lambda: not provider.open)
        await answers.close()
        assert store.messages["a"].status is Status.STOPPED

    async def test_closing_may_happen_twice_and_with_nothing_running(self, answers: Answers):
        await answers.start(asking("a", AS_ANN, "Hello?"))
        await asyncio.gather(answers.close(), answers.close())
        await answers.close()

    async def test_closing_waits_for_an_answer_that_begins_meanwhile(
        self, answers: Answers, provider: ScriptedProvider
    ):
        await answers.start(asking("a", AS_ANN, "Hello?"))
        await asyncio.gather(answers.start(asking("b", AS_ANN, "Hello?")), answers.close())
        assert provider.open == 0
        assert status_of(await read(answers, "b")) is Status.INTERRUPTED

    async def test_no_answer_is_started_after_closing(self, answers: Answers, provider: ScriptedProvider):
        await answers.close()
        with pytest.raises(Interrupted):
            await answers.start(asking("a", AS_ANN, "Hello?"))
        assert provider.calls == []

    async def test_running_answers_go_on_while_no_more_are_started(
        self, answers: Answers, provider: ScriptedProvider, store: FakeStore
    ):
        await start_stored(answers, store)
        answers.refuse()
        with pytest.raises(Interrupted) as refused:
            await answers.start(asking("b", AS_ANN, "Hello?"))
        assert refused.value.retry_after
        provider.say("Hello")
        provider.finish()
        assert status_of(await read(answers)) is Status.COMPLETE

    async def test_an_event_loop_that_just_ends_interrupts_and_keeps_the_text(self, store: FakeStore):
        async def serve() -> None:
            provider = ScriptedProvider()
            answers = make_answers(provider, MemoryAnswerLog(retention=LONG), store)
            await start_stored(answers, store)
            provider.say("Hel")
            async with aclosing(answers.follow("a", ANN)) as batches:
                await read_until(batches, "Hel")

        await asyncio.to_thread(asyncio.run, serve())
        assert store.messages["a"].text == "Hel"
        assert store.messages["a"].status is Status.INTERRUPTED
