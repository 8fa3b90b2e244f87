"""The task of one answer: progress saves, the stored end, the report."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from chat_app.infrastructure.log.memory import MemoryAnswerLog
from chat_app.models.answer_record import Report
from chat_app.models.conversation import Conversation
from chat_app.models.errors import RateLimited
from chat_app.models.events import StepEnded
from chat_app.models.message import Outcome, Status, Usage
from chat_app.models.parts import Reasoning, Text
from chat_app.models.request import DEFAULT_OPTIONS
from chat_app.services.answering.task import AnswerTask
from chat_app.services.ports import Observe
from tests.clock import VIRTUAL_TIME, Backend
from tests.conversing import ANN
from tests.fakes import FakeStore, ScriptedProvider, ignore, make_saver, until
from tests.messages import assistant_message

pytestmark = pytest.mark.usefixtures("nothing_left")

SHORT, LONG = 0.01, 60.0


@pytest.fixture(scope="module")
def anyio_backend() -> Backend:
    return VIRTUAL_TIME


@pytest.fixture
async def store() -> FakeStore:
    store = FakeStore()
    conversation = Conversation(owner=ANN, title="Greetings")
    await store.add_conversation(conversation)
    answer = assistant_message("", id="a", conversation_id=conversation.id, status=Status.STREAMING)
    await store.add_messages([answer])
    return store


@asynccontextmanager
async def running(
    provider: ScriptedProvider,
    store: FakeStore,
    *,
    saved: bool = True,
    save_interval: float = SHORT,
    observe: Observe = ignore,
) -> AsyncIterator[tuple[AnswerTask, asyncio.Task[None]]]:
    """An answer's task and its run, which ends with the context."""
    log = MemoryAnswerLog(retention=LONG)
    await log.create("a", ANN)
    events = provider.stream([])
    message = store.messages["a"] if saved else None
    saver = make_saver(store, interval=save_interval)
    task = AnswerTask("a", events, log=log, saver=saver, message=message, grace=LONG, observe=observe)
    settled = asyncio.create_task(task.run())
    yield task, settled
    try:
        await settled
    finally:
        await saver.close()


async def test_an_answers_text_is_saved_while_it_streams(provider: ScriptedProvider, store: FakeStore):
    async with running(provider, store):
        provider.say(Reasoning("Hm."), "Hel")
        await until(lambda: store.messages["a"].text == "Hel")
        assert store.messages["a"].parts == (Reasoning("Hm."), Text("Hel"))
        assert store.messages["a"].status is Status.STREAMING
        provider.say("lo.")
        await until(lambda: store.messages["a"].text == "Hello.")
        provider.finish()


async def test_an_unchanged_text_is_not_saved_again(provider: ScriptedProvider, store: FakeStore):
    async with running(provider, store):
        provider.say("Hel")
        await until(lambda: store.saved)
        await asyncio.sleep(SHORT * 10)
        provider.finish()
    assert store.saved == ["Hel"]


async def test_an_answers_end_is_saved_at_once(provider: ScriptedProvider, store: FakeStore):
    async with asyncio.timeout(5), running(provider, store, save_interval=LONG):
        provider.say("Hello.")
        provider.finish("length")
    assert store.saved == []
    assert store.messages["a"].text == "Hello."
    assert store.messages["a"].outcome == Outcome(Status.COMPLETE, "length", "scripted")


async def test_a_slow_saving_never_overtakes_the_end(provider: ScriptedProvider, store: FakeStore):
    async with running(provider, store):
        store.gate.clear()
        provider.say("Hel")
        await asyncio.sleep(SHORT * 10)
        provider.say("lo.")
        provider.finish()
        await until(lambda: not provider.open)
        assert store.messages["a"].status is Status.STREAMING
        store.gate.set()
    assert store.saved == ["Hel"]
    assert store.messages["a"].text == "Hello."
    assert store.messages["a"].status is Status.COMPLETE


async def test_saving_goes_on_after_a_failure(provider: ScriptedProvider, store: FakeStore):
    async with running(provider, store):
        store.failing = {"save_progress"}
        provider.say("Hel")
        await asyncio.sleep(SHORT * 5)
        store.failing = set()
        provider.say("lo.")
        await until(lambda: store.messages["a"].text == "Hello.")
        provider.finish()


async def test_an_answer_that_is_no_message_is_not_saved(provider: ScriptedProvider, store: FakeStore):
    async with running(provider, store, saved=False):
        provider.say("Hello.")
        await asyncio.sleep(SHORT * 5)
        provider.finish()
    assert store.saved == []
    assert store.messages["a"].text == ""


async def test_an_answer_ended_before_its_first_step_asks_no_model(provider: ScriptedProvider, store: FakeStore):
    async with running(provider, store) as (task, _):
        task.end(Status.STOPPED)
    assert provider.calls == []
    assert store.messages["a"].status is Status.STOPPED


async def test_the_first_reason_to_end_an_answer_counts(provider: ScriptedProvider, store: FakeStore):
    async with running(provider, store) as (task, _):
        await until(lambda: provider.open)
        task.end(Status.STOPPED)
        task.end(Status.INTERRUPTED)
    assert store.messages["a"].status is Status.STOPPED


async def test_cancelling_the_task_interrupts_the_answer(provider: ScriptedProvider, store: FakeStore):
    with pytest.raises(asyncio.CancelledError):
        async with running(provider, store, save_interval=LONG) as (_, settled):
            provider.say("Hel")
            await until(lambda: provider.open)
            settled.cancel()
    assert provider.open == 0
    assert store.messages["a"].text == "Hel"
    assert store.messages["a"].status is Status.INTERRUPTED


async def test_a_model_that_fails_at_being_stopped_is_stopped(store: FakeStore):
    class Clumsy(ScriptedProvider):
        async def stream(self, turns, options=DEFAULT_OPTIONS):
            try:
                async for event in super().stream(turns, options):
                    yield event
            except asyncio.CancelledError:
                raise OSError("connection already closed") from None

    provider = Clumsy()
    async with running(provider, store) as (task, _):
        await until(lambda: provider.open)
        task.end(Status.STOPPED)
    assert store.messages["a"].status is Status.STOPPED
    assert store.messages["a"].error_code == ""


async def test_a_model_that_does_not_say_how_it_ended_is_complete(store: FakeStore):
    class Silent(ScriptedProvider):
        async def stream(self, turns, options=DEFAULT_OPTIONS):
            return
            yield StepEnded("never")

    async with running(Silent(), store):
        pass
    assert store.messages["a"].outcome == Outcome(Status.COMPLETE)


class TestReport:
    async def test_a_report_says_how_the_answer_went(self, provider: ScriptedProvider, store: FakeStore):
        reports: list[Report] = []
        async with running(provider, store, observe=reports.append):
            provider.say("Hel", "lo.", StepEnded("stop", "scripted", Usage(1, 2, 3)))
        (report,) = reports
        assert (report.answer_id, report.result) == ("a", "complete")
        assert report.outcome == Outcome(Status.COMPLETE, "stop", "scripted", Usage(1, 2, 3))
        assert report.first_token is not None and report.outcome.duration is not None
        assert 0 <= report.first_token <= report.outcome.duration < 5

    async def test_a_report_after_an_error_has_its_code_as_the_result(
        self, provider: ScriptedProvider, store: FakeStore
    ):
        reports: list[Report] = []
        async with running(provider, store, observe=reports.append):
            provider.fail(RateLimited("wait"))
        assert [(report.result, report.first_token) for report in reports] == [("rate_limited", None)]

    async def test_a_report_of_a_stopped_answer_says_so(self, provider: ScriptedProvider, store: FakeStore):
        reports: list[Report] = []
        async with running(provider, store, observe=reports.append) as (task, _):
            await until(lambda: provider.open)
            task.end(Status.STOPPED)
        assert [report.result for report in reports] == ["stopped"]
