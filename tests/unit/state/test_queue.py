"""Messages that are sent while an answer streams: they wait in a queue."""

import pytest

from chat_app.models.errors import UpstreamFailed
from chat_app.models.message import new_id
from chat_app.state.conversation.chat import ChatState
from chat_app.state.conversation.queue import MAX_QUEUED, MAX_QUEUED_CHARS
from chat_app.texts import CATALOGUES
from tests.fakes import until
from tests.unit.state.page import ANN, BOB, Page, Server

ERRORS = CATALOGUES["en"].errors


def waiting(page: Page) -> list[str]:
    """The texts of the messages that wait in the conversation on the page."""
    return [message.text for message in page.chat.queued]


async def test_messages_sent_during_an_answer_are_answered_one_after_another(server: Server, page: Page):
    await page.send("One")
    await page.send("Two")
    await page.send("Three")
    assert (page.said, waiting(page), page.chat.error) == (["One", ""], ["Two", "Three"], "")
    for answer in ("First.", "Second.", "Third."):
        server.answer(answer)
    await until(lambda: len(page.said) == 6 and not page.chat.is_loading)
    assert page.said == ["One", "First.", "Two", "Second.", "Three", "Third."]
    assert waiting(page) == []


async def test_a_waiting_message_stays_in_the_browsers_outbox_until_it_is_sent(server: Server, page: Page):
    await page.send("One")
    sent_id = new_id()
    await page.send("Two", sent_id)
    await page.do(ChatState.restore_unsent, [sent_id])
    assert not any(sent_id in script for script in page.scripts)
    server.answer("First.")
    server.answer("Second.")
    await until(lambda: page.said == ["One", "First.", "Two", "Second."])
    assert page.rows[-1].id == sent_id
    assert any("removeFromOutbox" in script and sent_id in script for script in page.scripts)


async def test_a_message_that_came_twice_waits_once(server: Server, page: Page):
    await page.send("One")
    sent_id = new_id()
    for _ in range(2):
        await page.send("Two", sent_id)
    assert waiting(page) == ["Two"]


async def test_a_message_that_is_taken_back_returns_to_the_box(server: Server, page: Page):
    await page.send("One")
    await page.send("Two")
    await page.do(ChatState.take_back, page.chat.queued[0].id)
    assert waiting(page) == []
    assert any("prepend" in script and "Two" in script for script in page.scripts)
    server.answer("First.")
    await page.settle()
    assert page.said == ["One", "First."]


@pytest.mark.parametrize("message_id", [None, 1, "", "unknown", [], {}])
async def test_taking_back_an_unknown_message_does_nothing(page: Page, message_id: object):
    await page.send("One")
    await page.send("Two")
    await page.do(ChatState.take_back, message_id)
    assert waiting(page) == ["Two"]


async def test_after_a_stopped_answer_the_next_message_waits_for_the_visitor(server: Server, page: Page):
    await page.send("One")
    await page.send("Two")
    await page.do(ChatState.stop)
    await page.settle()
    assert (page.said, waiting(page)) == (["One", ""], ["Two"])
    await page.go(page.path)
    assert waiting(page) == ["Two"]
    server.answer("Second.")
    await page.do(ChatState.send_next)
    await page.settle()
    assert (page.said, waiting(page)) == (["One", "", "Two", "Second."], [])


async def test_after_a_failed_answer_the_next_message_waits_for_the_visitor(server: Server, page: Page):
    await page.send("One")
    await page.send("Two")
    server.provider.fail(UpstreamFailed())
    await page.settle()
    assert (page.said, waiting(page), page.chat.error) == (["One", ""], ["Two"], ERRORS["upstream"])


async def test_a_message_that_is_refused_stays_in_the_queue(server: Server, page: Page):
    await page.send("One")
    await page.send("Two")
    await page.do(ChatState.stop)
    await page.settle()
    with server.storage_away():
        await page.do(ChatState.send_next)
    assert (page.chat.error, waiting(page)) == (ERRORS["storage"], ["Two"])


async def test_sending_the_next_message_does_nothing_while_an_answer_streams(page: Page):
    await page.send("One")
    await page.send("Two")
    await page.do(ChatState.send_next)
    assert (page.said, waiting(page)) == (["One", ""], ["Two"])


async def test_a_message_waits_in_its_own_conversation(server: Server, page: Page):
    await page.send("One")
    first = page.path
    await page.send("Two")
    other = await server.add("Hello", "Hi there.")
    await page.go(f"/chat/{other.id}")
    assert waiting(page) == []
    server.answer("First.")
    server.answer("Second.")
    await page.go(first)
    await until(lambda: page.said == ["One", "First.", "Two", "Second."])


@pytest.mark.parametrize("texts", [["x"] * MAX_QUEUED, ["x" * MAX_QUEUED_CHARS]], ids=["messages", "characters"])
async def test_a_message_to_a_full_queue_is_refused_and_restored(server: Server, page: Page, texts: list[str]):
    await page.send("One")
    for text in texts:
        await page.send(text)
    assert page.chat.error == ""
    await page.send("One too many")
    assert page.chat.error == ERRORS["busy"]
    assert waiting(page) == texts
    assert any("One too many" in script for script in page.scripts)


async def test_a_message_waits_for_an_answer_that_another_tab_has_begun(server: Server, page: Page):
    await page.send("One")
    other = await server.open(ANN, page.path)
    await other.go(page.path)
    await other.send("Two")
    assert (other.said, waiting(other), waiting(page)) == (["One", ""], ["Two"], [])
    server.answer("First.")
    server.answer("Second.")
    await until(lambda: other.said == ["One", "First.", "Two", "Second."])


async def test_nobody_queues_messages_in_someone_elses_conversation(server: Server, page: Page):
    await page.send("One")
    stranger = await server.open(BOB)
    await stranger.go(page.path)
    await stranger.send("Two")
    assert (stranger.chat.error, waiting(stranger)) == (ERRORS["not_found"], [])
