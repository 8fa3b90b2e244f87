"""Messages as the page shows them."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from chat_app.models.events import Chunk, Done, Entry, Failure, Finish, Reasoning
from chat_app.models.message import Message, Rating, Role, Status, Usage, Version
from chat_app.state.answer_progress import AnswerProgress
from chat_app.state.growing_text import GrowingText
from chat_app.state.message_view import settled, view

ANSWER = Message(
    conversation_id="c",
    id="a2",
    parent_id="q",
    role=Role.ASSISTANT,
    text="Four.",
    reasoning="Two and two",
    finish_reason="stop",
    model="fake-model",
    usage=Usage(11, 7, 18),
    duration=3.249,
    reasoning_duration=0.96,
)


def test_it_has_what_there_is_to_know_about_an_answer() -> None:
    row = view(ANSWER, Version(2, 3, "a1", "a3"))
    assert (row.version, row.previous_id, row.next_id) == ("2 / 3", "a1", "a3")
    assert (row.model, row.tokens_in, row.tokens_out) == ("fake-model", 11, 7)
    assert (row.seconds, row.reasoning_seconds) == ("3.2", "1.0")
    assert (row.note, row.can_be_continued) == ("", False)


def test_it_does_not_count_the_only_version() -> None:
    assert view(ANSWER, Version(1, 1)).version == ""


@pytest.mark.parametrize(
    ("status", "finish_reason", "note"),
    [
        (Status.STOPPED, "", "stopped"),
        (Status.INTERRUPTED, "", "interrupted"),
        (Status.COMPLETE, "length", "cut_off"),
    ],
)
def test_what_ended_before_its_time_says_so_and_can_be_continued(status: Status, finish_reason: str, note: str) -> None:
    row = view(Message(conversation_id="c", role=Role.ASSISTANT, text="Fo", status=status, finish_reason=finish_reason))
    assert (row.note, row.can_be_continued) == (note, True)


def test_an_answer_that_failed_says_so() -> None:
    assert view(Message(conversation_id="c", role=Role.ASSISTANT, text="", status=Status.FAILED)).note == "failed"


def test_an_answer_that_has_ended_looks_the_same_as_read_from_storage() -> None:
    begun = view(
        replace(ANSWER, text="", reasoning="", finish_reason="", model="", status=Status.STREAMING), Version(2, 2, "a1")
    )
    done = Done(Status.COMPLETE, Finish("stop", "fake-model", Usage(11, 7, 18)), 3.249, 0.96)
    progress = AnswerProgress()
    progress.add(Entry(0, event) for event in (Reasoning("Two and two"), Chunk("Four."), done))
    assert settled(begun, progress.message("a2", done)) == view(ANSWER, Version(2, 2, "a1"))


def test_an_answer_that_broke_can_be_continued() -> None:
    done = Done(Status.FAILED, Finish(""))
    progress = AnswerProgress()
    progress.add(Entry(0, event) for event in (Chunk("Fo"), Failure("truncated", retryable=True), done))
    assert view(progress.message("a2", done)).can_be_continued


def test_a_rating_goes_with_its_answer() -> None:
    rated = Message(conversation_id="c", role=Role.ASSISTANT, text="Four.", rating=Rating.DOWN, comment="Too short")
    assert (view(rated).rating, view(rated).comment) == (-1, "Too short")


@pytest.mark.parametrize("length", [0, 10, 1_000, 10_000])
def test_a_text_that_is_there_from_the_start_is_whole(length: int) -> None:
    assert str(GrowingText.of("x" * length)) == "x" * length


def test_a_failed_answer_without_text_is_marked_as_unanswered() -> None:
    failed = Message(conversation_id="c", role=Role.ASSISTANT, text="", status=Status.FAILED, error_code="blocked")
    assert view(failed).is_unanswered
    assert not view(ANSWER).is_unanswered


def test_a_question_is_unanswered_only_where_its_branch_says_so() -> None:
    question = Message(conversation_id="c", role=Role.USER, text="Two and two?")
    assert not view(question).is_unanswered
    assert view(question, is_unanswered=True).is_unanswered


def test_the_time_of_a_message_is_in_utc() -> None:
    seoul = timezone(timedelta(hours=9))
    message = replace(ANSWER, created_at=datetime(2026, 11, 30, 9, 3, 12, 345, tzinfo=seoul))
    assert view(message).created_at == "2026-11-30T00:03:12+00:00"


def test_thoughts_in_an_answers_text_are_its_reasoning():
    row = view(Message(conversation_id="c", role=Role.ASSISTANT, text="Let me see.\n</think>\n\nIt is **4**."))
    assert (row.text, row.reasoning) == ("It is **4**.", "Let me see.")
