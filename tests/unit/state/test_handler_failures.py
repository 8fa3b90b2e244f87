"""Unexpected failures of handlers, and hostile arguments, which must not cause any."""

import inspect
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import pytest
import reflex as rx
from reflex.state import BaseState
from reflex_base.event import EventHandler

from chat_app.models.errors import ChatError, StorageUnavailable, TooManyRequests
from chat_app.state.conversation.failures import Failures, report_failure
from chat_app.texts import CATALOGUES
from tests.unit.state.page import ANN, BOB, Page, Server

ERRORS = CATALOGUES["en"].errors

NESTED: list[object] = []
for _ in range(200):
    NESTED = [NESTED]

BOXES = ["message", "comment", "title", "model"]

ANYTHING = {
    "nothing": None,
    "true": True,
    "a negative number": -1,
    "a large number": 10**30,
    "a fraction": 1e308,
    "no number": float("nan"),
    "no text": "",
    "a long text": "x" * 400_000,
    "a null character": "\x00",
    "half a surrogate pair": "\ud800",
    "a path": "../../etc/passwd",
    "SQL": "' OR 1=1; --",
    "an empty list": [],
    "a deep list": NESTED,
    "an empty object": {},
    "a prototype": {"__proto__": {"message": "Hello"}},
    "a form with nothing": dict.fromkeys(BOXES),
    "a form with numbers": dict.fromkeys(BOXES, 10**30),
    "a form with lists": {box: ["Hello"] for box in BOXES},
    "a form with forms": {box: {"message": "Hello"} for box in BOXES},
    "a form with long texts": dict.fromkeys(BOXES, "x" * 400_000),
    "a form with unstorable texts": dict.fromkeys(BOXES, "\x00\ud800"),
}


@dataclass(frozen=True)
class Handler:
    """A handler of one of the app's States."""

    state: type[BaseState]
    event: EventHandler

    @property
    def name(self) -> str:
        return f"{self.state.__name__}.{self.event.fn.__name__}"

    @property
    def arguments(self) -> int:
        """The number of its arguments."""
        return len(inspect.signature(self.event.fn).parameters) - 1


def _handlers() -> Iterator[Handler]:
    pending = list(rx.State.get_substates())
    while pending:
        state = pending.pop()
        pending += state.get_substates()
        if state.__module__.startswith("chat_app."):
            yield from (Handler(state, each) for each in state.event_handlers.values() if _is_own(each))


def _is_own(event: EventHandler) -> bool:
    return event.fn.__module__.startswith("chat_app.")


HANDLERS = sorted(_handlers(), key=lambda handler: handler.name)
WITH_ARGUMENTS = [handler for handler in HANDLERS if handler.arguments]
FOREGROUND = [handler for handler in HANDLERS if not handler.event.is_background]


def ids(handlers: list[Handler]) -> list[str]:
    return [handler.name for handler in handlers]


@pytest.mark.parametrize("handler", WITH_ARGUMENTS, ids=ids(WITH_ARGUMENTS))
async def test_handlers_accept_any_argument_on_an_empty_page(server: Server, page: Page, handler: Handler):
    for value in ANYTHING.values():
        await page.do(handler.event, *[value] * handler.arguments)
    assert server.failures == []


@pytest.mark.parametrize("handler", WITH_ARGUMENTS, ids=ids(WITH_ARGUMENTS))
async def test_handlers_accept_any_argument_for_a_message_on_the_page(server: Server, page: Page, handler: Handler):
    exchange = await server.begin("Hello", "Hi there.")
    await page.go(f"/chat/{exchange.message.conversation_id}")
    others = ANYTHING.values() if handler.arguments > 1 else [None]
    for message_id, value in product([exchange.message.id, exchange.answer.id], others):
        await page.do(handler.event, *[message_id, value][: handler.arguments])
    assert server.failures == []


@pytest.mark.parametrize("handler", FOREGROUND, ids=ids(FOREGROUND))
async def test_handlers_neither_show_nor_change_someone_elses_conversation(
    server: Server, page: Page, handler: Handler
):
    theirs = await server.begin("My secret", "I keep it.", cookie=BOB)
    conversation_id = theirs.message.conversation_id
    before = await server.conversation(conversation_id, BOB), await server.stored(conversation_id, BOB)
    server.provider.fail(TooManyRequests())  # if something of the stranger's own is asked
    for path in (f"/chat/{conversation_id}", "/"):
        page.path = path
        for value in (conversation_id, theirs.message.id, theirs.answer.id, [theirs.answer.id]):
            await page.do(handler.event, *[value] * handler.arguments)
    assert (await server.conversation(conversation_id, BOB), await server.stored(conversation_id, BOB)) == before
    assert "secret" not in str([page.sent(state) for state in {each.state for each in HANDLERS}])
    assert "secret" not in str(page.downloads)


class TestShowError:
    async def test_show_error_shows_the_translated_message_without_a_retry(self, page: Page):
        await page.do(Failures.show_error, StorageUnavailable.code)
        assert (page.chat.error, page.chat.can_retry) == (ERRORS["storage"], False)

    @pytest.mark.parametrize("code", [None, 1, [], {}, "no such code", "\x00", "x" * 100_000])
    async def test_show_error_shows_an_unknown_code_as_an_internal_error(self, page: Page, code: object):
        await page.do(Failures.show_error, code)
        assert (page.chat.error, page.chat.can_retry) == (ERRORS["internal"], False)

    @pytest.mark.parametrize(
        ("error", "level", "has_trace"),
        [
            (StorageUnavailable("the disk is full"), logging.WARNING, False),
            (ChatError(), logging.ERROR, True),
            (KeyError("x"), logging.ERROR, True),
        ],
    )
    def test_only_a_storage_outage_is_logged_without_a_traceback(
        self, caplog: pytest.LogCaptureFixture, error: Exception, level: int, has_trace: bool
    ):
        report_failure(error)
        (record,) = caplog.records
        assert (record.levelno, bool(record.exc_info)) == (level, has_trace)

    async def test_show_error_affects_only_the_page_of_its_event(self, server: Server, page: Page):
        other = await server.open(ANN)
        await other.go("/")
        await page.do(Failures.show_error, StorageUnavailable.code)
        assert other.chat.error == ""
