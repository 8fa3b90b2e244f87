"""Two workers, each with a tab of the same conversation, and what breaks one of them; with ``--two-workers`` alone."""

import os
import signal

import psutil
import pytest
from playwright.sync_api import expect

from chat_app.texts import CATALOGUES
from tests.browser.chat_page import ChatPage
from tests.browser.conftest import NewVisitor
from tests.browser.two_workers import TwoWorkers
from tests.fake_upstream import FakeUpstream

BEGINNING = "Once upon a time."
STORY = f"{BEGINNING} The end."
TEXTS = CATALOGUES["en"]
HEALING = 30_000  # milliseconds, at most

pytestmark = pytest.mark.across_workers


@pytest.fixture
def tabs(two_workers: TwoWorkers, new_visitor: NewVisitor, upstream: FakeUpstream) -> tuple[ChatPage, ChatPage]:
    """Two tabs of a conversation whose answer pauses after its beginning: its writer's, and the other worker's."""
    asking = new_visitor()
    upstream.answer(STORY, chunk_size=len(BEGINNING))
    upstream.hold(after=1)
    asking.say("Tell me a story")
    expect(asking.answer).to_have_text(BEGINNING)
    other = asking.open_second_tab()
    expect(other.answer).to_have_text(BEGINNING)
    writer, reader = two_workers.websockets[-2:]
    assert writer != reader
    return asking, other


def test_a_killed_writer_leaves_the_text_so_far_on_both_tabs_and_it_can_be_continued(
    two_workers: TwoWorkers, tabs: tuple[ChatPage, ChatPage], upstream: FakeUpstream
) -> None:
    os.kill(two_workers.websockets[-2], signal.SIGKILL)
    for tab in tabs:
        expect(tab.answer).to_contain_text(TEXTS.errors["interrupted"], timeout=HEALING)
        expect(tab.answer).to_contain_text(BEGINNING)
        expect(tab.stop_button).to_be_hidden()
    upstream.release()
    upstream.answer(" And then?")
    asking, other = tabs
    other.answer.get_by_role("button", name="Continue", exact=True).click()
    for tab in (other, asking):
        expect(tab.answer).to_contain_text(f"{BEGINNING} And then?")


def test_an_answer_goes_on_after_the_worker_of_a_reading_page_is_killed(
    two_workers: TwoWorkers, tabs: tuple[ChatPage, ChatPage], upstream: FakeUpstream
) -> None:
    os.kill(two_workers.websockets[-1], signal.SIGKILL)
    upstream.release()
    for tab in tabs:
        expect(tab.answers).to_have_text([STORY], timeout=HEALING)
        tab.wait_until_answered()
    assert upstream.calls == 1


def test_a_worker_that_is_asked_to_end_ends_its_answer_first(
    two_workers: TwoWorkers, tabs: tuple[ChatPage, ChatPage], upstream: FakeUpstream
) -> None:
    writer = psutil.Process(two_workers.websockets[-2])
    writer.send_signal(signal.SIGTERM)
    upstream.release()
    for tab in tabs:
        expect(tab.answers).to_have_text([STORY], timeout=HEALING)
    writer.wait(timeout=30)
    asking, _ = tabs
    asking.ask("And then?")
    expect(asking.answers).to_have_count(2)


def test_a_page_says_that_redis_is_away_and_goes_on_by_itself(
    two_workers: TwoWorkers, tabs: tuple[ChatPage, ChatPage], upstream: FakeUpstream
) -> None:
    _, other = tabs
    two_workers.redis.pause()
    try:
        upstream.release()
        expect(other.alert).to_have_text(TEXTS.answer_waits, timeout=HEALING)
    finally:
        two_workers.redis.resume()
    for tab in tabs:
        expect(tab.answers).to_have_text([STORY], timeout=HEALING)
        expect(tab.alert).to_have_count(0)


def test_a_page_loaded_while_postgresql_is_away_shows_the_error_and_loads_by_itself(
    two_workers: TwoWorkers, new_visitor: NewVisitor, upstream: FakeUpstream
) -> None:
    chat = new_visitor()
    chat.ask("Hello")
    two_workers.postgres.stop()
    try:
        chat.page.reload()
        expect(chat.alert).to_have_text(TEXTS.errors["storage"], timeout=HEALING)
    finally:
        two_workers.postgres.start()
    expect(chat.questions).to_have_text(["Hello"], timeout=HEALING)
    expect(chat.alert).to_have_count(0)
