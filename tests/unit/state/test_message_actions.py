"""The buttons at the messages: editing, regenerating, continuing, versions, ratings and comments."""

import pytest

from chat_app.models.errors import Truncated
from chat_app.models.message import Rating
from chat_app.state.conversation.chat import ChatState
from chat_app.state.conversation.message_actions import MessageActions
from chat_app.texts import CATALOGUES
from tests.fakes import until
from tests.unit.state.page import ANN, BOB, Page, Server

ERRORS = CATALOGUES["en"].errors
NO_IDS = [None, True, 1, 1e308, "", "x", "\x00", "\ud800", "' OR 1=1; --", [], ["a" * 32], {}, {"id": 1}]
LONG = [f"Message {number}" for number in range(20)]


@pytest.fixture
async def page(server: Server, page: Page) -> Page:
    """A tab of Ann's that shows a question and its answer."""
    conversation = await server.add("Hello", "Hi there.")
    await page.go(f"/chat/{conversation.id}")
    return page


class TestEditing:
    async def test_an_edited_message_is_another_version_with_its_own_answer(self, server: Server, page: Page):
        server.answer("Good morning.")
        await page.do(MessageActions.edit, page.rows[0].id, {"message": "Good morning"})
        assert page.chat.is_loading
        await page.settle()
        assert page.said == ["Good morning", "Good morning."]
        assert [row.version for row in page.rows] == ["2 / 2", ""]

    async def test_the_model_gets_only_the_messages_of_the_edited_branch(self, server: Server, page: Page):
        server.answer("Fine.")
        await page.send("How are you?")
        await page.settle()
        server.answer("Blue.")
        await page.do(MessageActions.edit, page.rows[2].id, {"message": "Name a colour"})
        await page.settle()
        assert [turn.text for turn in server.provider.calls[-1]] == ["Hello", "Hi there.", "Name a colour"]

    async def test_editing_a_message_hides_the_messages_after_it(self, server: Server, page: Page):
        first_id = page.rows[0].id
        server.answer("Fine.")
        await page.send("How are you?")
        await page.settle()
        await page.do(MessageActions.edit, first_id, {"message": "Good morning"})
        assert page.said == ["Good morning", ""]

    @pytest.mark.parametrize("form", [None, 1, "Hello", [], {}, {"message": None}, {"message": 1}, {"message": " \n"}])
    async def test_editing_to_a_blank_message_changes_nothing(self, server: Server, page: Page, form: object):
        await page.do(MessageActions.edit, page.rows[0].id, form)
        assert (page.said, page.chat.error) == (["Hello", "Hi there."], "")
        assert server.provider.calls == []

    @pytest.mark.parametrize("settings", [{"max_message_chars": 10}], indirect=True)
    async def test_editing_to_a_message_that_is_too_long_is_refused(self, page: Page):
        await page.do(MessageActions.edit, page.rows[0].id, {"message": "Hello there"})
        assert (page.chat.error, page.chat.can_retry) == (ERRORS["invalid"], False)
        assert page.said == ["Hello", "Hi there."]

    async def test_an_answer_can_not_be_edited(self, page: Page):
        await page.do(MessageActions.edit, page.rows[1].id, {"message": "I say what I like."})
        assert (page.chat.error, page.said) == (ERRORS["not_found"], ["Hello", "Hi there."])


class TestRegenerating:
    async def test_a_regenerated_answer_is_another_version(self, server: Server, page: Page):
        server.answer("Good day.")
        await page.do(MessageActions.regenerate, page.rows[1].id)
        assert page.said == ["Hello", ""]
        assert page.chat.is_loading
        await page.settle()
        assert page.said == ["Hello", "Good day."]
        assert [row.version for row in page.rows] == ["", "2 / 2"]

    async def test_regenerating_an_earlier_answer_starts_another_branch(self, server: Server, page: Page):
        answer_id = page.rows[1].id
        server.answer("Fine.")
        await page.send("How are you?")
        await page.settle()
        server.answer("Good day.")
        await page.do(MessageActions.regenerate, answer_id)
        await page.settle()
        assert page.said == ["Hello", "Good day."]

    async def test_a_question_can_not_be_regenerated(self, page: Page):
        await page.do(MessageActions.regenerate, page.rows[0].id)
        assert (page.chat.error, page.said) == (ERRORS["not_found"], ["Hello", "Hi there."])


class TestContinuing:
    async def test_a_stopped_answer_can_be_continued(self, server: Server, page: Page):
        await _stop_at(server, page, "One. ")
        await page.do(MessageActions.continue_answer, page.rows[-1].id)
        assert page.shown_live == "One. "
        server.answer("Two.")
        await page.settle()
        assert page.said[-1] == "One. Two."
        assert (page.rows[-1].version, page.rows[-1].note) == ("2 / 2", "")

    async def test_continuing_a_truncated_answer_clears_its_error(self, server: Server, page: Page):
        server.provider.say("One. ")
        server.provider.fail(Truncated())
        await page.send("Count")
        await page.settle()
        await page.do(MessageActions.continue_answer, page.rows[-1].id)
        assert (page.chat.error, page.chat.failed_id) == ("", "")
        server.answer("Two.")
        await page.settle()
        assert page.said[-1] == "One. Two."

    async def test_a_complete_answer_can_not_be_continued(self, page: Page):
        await page.do(MessageActions.continue_answer, page.rows[1].id)
        assert (page.chat.error, page.chat.can_retry) == (ERRORS["invalid"], False)
        assert page.said == ["Hello", "Hi there."]

    async def test_a_question_can_not_be_continued(self, page: Page):
        await page.do(MessageActions.continue_answer, page.rows[0].id)
        assert (page.chat.error, page.said) == (ERRORS["not_found"], ["Hello", "Hi there."])


class TestVersions:
    async def test_showing_an_earlier_version_shows_the_messages_after_it(self, server: Server, page: Page):
        question_id = page.rows[0].id
        await _edit(server, page, "Good morning", "Good morning.")
        assert page.rows[0].previous_id == question_id
        await page.do(MessageActions.show_version, question_id)
        assert page.said == ["Hello", "Hi there."]
        assert [row.version for row in page.rows] == ["1 / 2", ""]
        assert page.rows[0].next_id != ""

    async def test_the_chosen_version_is_shown_after_a_reload(self, server: Server, page: Page):
        question_id = page.rows[0].id
        await _edit(server, page, "Good morning", "Good morning.")
        await page.do(MessageActions.show_version, question_id)
        again = await server.open(ANN, page.path)
        await again.go(page.path)
        assert again.said == ["Hello", "Hi there."]
        assert [row.version for row in again.rows] == ["1 / 2", ""]
        server.answer("Fine.")
        await again.send("How are you?")
        await again.settle()
        assert again.said == ["Hello", "Hi there.", "How are you?", "Fine."]
        assert [turn.text for turn in server.provider.calls[-1]] == again.said[:-1]

    async def test_showing_a_version_with_a_streaming_answer_follows_it(self, server: Server, page: Page):
        question_id = page.rows[0].id
        await page.do(MessageActions.edit, question_id, {"message": "Count"})
        edited_id = page.rows[0].id
        server.provider.say("One. ")
        await until(lambda: page.shown_live == "One. ")
        await page.do(MessageActions.show_version, question_id)
        assert (page.said, page.chat.is_loading, page.shown_live) == (["Hello", "Hi there."], False, "")
        await page.do(MessageActions.show_version, edited_id)
        assert (page.chat.is_loading, page.shown_live) == (True, "One. ")
        server.answer("Two.")
        await page.settle()
        assert page.said == ["Count", "One. Two."]

    async def test_showing_a_version_of_another_conversation_is_refused(self, server: Server, page: Page):
        other = await server.begin("Elsewhere", "Yes.")
        await page.do(MessageActions.show_version, other.message.id)
        assert (page.chat.error, page.said) == (ERRORS["not_found"], ["Hello", "Hi there."])

    async def test_showing_a_version_of_someone_elses_message_is_refused(self, server: Server, page: Page):
        theirs = await server.begin("My secret", "I keep it.", cookie=BOB)
        await page.do(MessageActions.show_version, theirs.message.id)
        assert (page.chat.error, page.said) == (ERRORS["not_found"], ["Hello", "Hi there."])

    @pytest.mark.parametrize("message_id", [None, True, 1, 1e308, "", [], ["a"], {}, {"id": "a"}])
    async def test_showing_a_version_with_an_invalid_id_changes_nothing(self, page: Page, message_id: object):
        await page.do(MessageActions.show_version, message_id)
        assert (page.said, page.chat.error) == (["Hello", "Hi there."], "")

    @pytest.mark.parametrize("message_id", ["x", "\x00", "\ud800", "' OR 1=1; --", "x" * 100_000])
    async def test_showing_a_version_with_an_unknown_id_is_refused(self, page: Page, message_id: str):
        await page.do(MessageActions.show_version, message_id)
        assert (page.chat.error, page.said) == (ERRORS["not_found"], ["Hello", "Hi there."])


class TestRating:
    @pytest.mark.parametrize("rating", [Rating.UP, Rating.DOWN, Rating.NONE])
    async def test_a_rating_is_shown_and_stored(self, server: Server, page: Page, rating: Rating):
        await page.do(MessageActions.rate, page.rows[1].id, int(rating))
        assert page.rows[1].rating == rating
        assert (await server.stored(page.chat.conversation_id))[-1].rating is rating

    async def test_rating_an_earlier_answer_does_not_send_the_latest_messages(self, server: Server, page: Page):
        conversation = await server.add(*LONG)
        await page.go(f"/chat/{conversation.id}")
        before = len(page.sent(ChatState))
        await page.do(MessageActions.rate, page.rows[1].id, 1)
        assert page.rows[1].rating == 1
        assert [sorted(update) for update in page.sent(ChatState)[before:]] == [["messages"]]

    async def test_a_comment_is_stored_stripped(self, server: Server, page: Page):
        await page.do(MessageActions.rate, page.rows[1].id, 1)
        await page.do(MessageActions.comment, page.rows[1].id, {"comment": " Friendly. \n"})
        assert (page.rows[1].rating, page.rows[1].comment) == (1, "Friendly.")
        assert (await server.stored(page.chat.conversation_id))[-1].comment == "Friendly."

    async def test_a_comment_is_kept_when_the_rating_changes_and_dropped_with_it(self, page: Page):
        answer_id = page.rows[1].id
        await page.do(MessageActions.rate, answer_id, 1)
        await page.do(MessageActions.comment, answer_id, {"comment": "Friendly."})
        await page.do(MessageActions.rate, answer_id, -1)
        assert page.rows[1].comment == "Friendly."
        await page.do(MessageActions.rate, answer_id, 0)
        assert page.rows[1].comment == ""

    @pytest.mark.parametrize("rating", [2, -2, 10**30, -(10**30)])
    async def test_an_unknown_rating_is_refused(self, page: Page, rating: int):
        await page.do(MessageActions.rate, page.rows[1].id, rating)
        assert (page.chat.error, page.rows[1].rating) == (ERRORS["invalid"], 0)

    @pytest.mark.parametrize("rating", [None, "good", 0.5, 1e308, [], {}, [1]])
    async def test_a_rating_other_than_a_number_changes_nothing(self, page: Page, rating: object):
        await page.do(MessageActions.rate, page.rows[1].id, rating)
        assert (page.chat.error, page.rows[1].rating) == ("", 0)

    async def test_a_comment_that_is_too_long_is_refused(self, page: Page):
        await page.do(MessageActions.comment, page.rows[1].id, {"comment": "x" * 100_000})
        assert (page.chat.error, page.rows[1].comment) == (ERRORS["invalid"], "")

    @pytest.mark.parametrize("form", [None, 1, "Hello", [], {}, {"comment": None}, {"comment": ["Hello"]}])
    async def test_an_invalid_comment_counts_as_empty(self, page: Page, form: object):
        await page.do(MessageActions.comment, page.rows[1].id, form)
        assert (page.chat.error, page.rows[1].comment) == ("", "")

    async def test_a_question_can_not_be_rated(self, page: Page):
        await page.do(MessageActions.rate, page.rows[0].id, 1)
        assert (page.chat.error, page.rows[0].rating) == (ERRORS["not_found"], 0)

    async def test_a_rating_that_can_not_be_stored_is_not_shown(self, server: Server, page: Page):
        with server.storage_away():
            await page.do(MessageActions.rate, page.rows[1].id, 1)
        assert (page.chat.error, page.chat.can_retry) == (ERRORS["storage"], False)
        assert page.rows[1].rating == 0

    async def test_an_answer_deleted_in_another_tab_can_not_be_rated(self, server: Server, page: Page):
        await server.delete(page.chat.conversation_id)
        await page.do(MessageActions.rate, page.rows[1].id, 1)
        assert (page.chat.error, page.rows[1].rating) == (ERRORS["not_found"], 0)


CHANGES = {
    "edit": (MessageActions.edit, 0, ({"message": "Good morning"},)),
    "regenerate": (MessageActions.regenerate, 1, ()),
    "continue_answer": (MessageActions.continue_answer, 1, ()),
    "rate": (MessageActions.rate, 1, (1,)),
    "comment": (MessageActions.comment, 1, ({"comment": "Friendly."},)),
}
each_change = pytest.mark.parametrize(("handler", "row", "others"), CHANGES.values(), ids=list(CHANGES))
each_that_asks = pytest.mark.parametrize(
    ("handler", "row", "others"), list(CHANGES.values())[:3], ids=list(CHANGES)[:3]
)


@each_change
async def test_message_actions_ignore_ids_that_are_not_on_the_page(
    page: Page, handler: object, row: int, others: tuple[object, ...]
):
    for message_id in NO_IDS:
        await page.do(handler, message_id, *others)
        assert (page.said, page.chat.error) == (["Hello", "Hi there."], "")


@each_change
async def test_message_actions_ignore_someone_elses_message(
    server: Server, page: Page, handler: object, row: int, others: tuple[object, ...]
):
    theirs = await server.begin("My secret", "I keep it.", cookie=BOB)
    for message_id in (theirs.message.id, theirs.answer.id):
        await page.do(handler, message_id, *others)
    assert (page.said, page.chat.error) == (["Hello", "Hi there."], "")
    stored = await server.stored(theirs.message.conversation_id, BOB)
    assert [(message.text, message.rating, message.comment) for message in stored] == [
        ("My secret", Rating.NONE, ""),
        ("I keep it.", Rating.NONE, ""),
    ]


@each_that_asks
async def test_message_actions_are_refused_while_an_answer_streams(
    server: Server, page: Page, handler: object, row: int, others: tuple[object, ...]
):
    await _stop_at(server, page, "One. ")
    ids = [each.id for each in page.rows[-2:]]
    await page.send("And on?")
    await page.do(handler, ids[row], *others)
    assert page.chat.error == ERRORS["busy"]
    assert page.said[-2:] == ["And on?", ""]
    assert page.chat.is_loading


@each_that_asks
async def test_message_actions_show_the_error_of_a_storage_outage(
    server: Server, page: Page, handler: object, row: int, others: tuple[object, ...]
):
    await _stop_at(server, page, "One. ")
    said, calls = page.said, len(server.provider.calls)
    with server.storage_away():
        await page.do(handler, page.rows[-2:][row].id, *others)
    assert (page.chat.error, page.chat.can_retry) == (ERRORS["storage"], False)
    assert (page.said, page.chat.is_loading, len(server.provider.calls)) == (said, False, calls)


@each_that_asks
async def test_message_actions_are_refused_in_a_conversation_deleted_in_another_tab(
    server: Server, page: Page, handler: object, row: int, others: tuple[object, ...]
):
    await _stop_at(server, page, "One. ")
    await server.delete(page.chat.conversation_id)
    await page.do(handler, page.rows[-2:][row].id, *others)
    assert (page.chat.error, page.chat.can_retry) == (ERRORS["not_found"], False)


async def test_showing_a_version_during_a_storage_outage_shows_the_error(server: Server, page: Page):
    question_id = page.rows[0].id
    await _edit(server, page, "Good morning", "Good morning.")
    with server.storage_away():
        await page.do(MessageActions.show_version, question_id)
    assert (page.chat.error, page.said) == (ERRORS["storage"], ["Good morning", "Good morning."])


async def _edit(server: Server, page: Page, text: str, answer: str) -> None:
    server.answer(answer)
    await page.do(MessageActions.edit, page.rows[0].id, {"message": text})
    await page.settle()


async def _stop_at(server: Server, page: Page, text: str) -> None:
    """Ask, and stop the answer once it has this text."""
    server.provider.say(text)
    await page.send("Count")
    await until(lambda: page.shown_live == text)
    await page.do(ChatState.stop)
    await page.settle()
