"""Replay of stored answers: the same events as in their log, from any cursor."""

from itertools import permutations

import pytest

from chat_app.models.content import Content
from chat_app.models.events import END, FAILED, Cursor, Done, Entry, Failure, PartEnded, PartGrew, PartStarted
from chat_app.models.message import Message, Outcome, Role, Status, Usage
from chat_app.models.parts import Part, Reasoning, Text, ToolCall, ToolResult
from chat_app.services.answering.replay import cursor_of_lengths, part_events, replay
from tests.messages import assistant_message, entries, events, reasoning_in, text_in

OUTCOME = Outcome(Status.COMPLETE, "stop", "a-model", Usage(1, 2, 3))
FAILURE = Outcome(Status.FAILED, error_code="timeout")


def stored(*parts: Part, outcome: Outcome = OUTCOME) -> Message:
    return Message(conversation_id="c", role=Role.ASSISTANT, parts=parts, outcome=outcome)


def logged(*pieces: Part, outcome: Outcome) -> list[Entry]:
    """The whole log of an answer of these pieces."""
    content = Content()
    written = events(*pieces, begun=content)
    failure = [Failure(outcome.error_code, True)] if outcome.error_code else []
    return entries(*written, *content.close(), *failure, Done(outcome))


def test_a_replay_has_everything_in_order():
    call, result = ToolCall("c", "clock", "{}"), ToolResult("c", "noon")
    assert [entry.event for entry in replay(stored(Reasoning("Hm."), call, result, Text("Noon.")))] == [
        PartStarted(0, Reasoning("Hm.")),
        PartEnded(0, Reasoning("Hm.")),
        PartStarted(1, call),
        PartEnded(1, call),
        PartEnded(2, result),
        PartStarted(3, Text("Noon.")),
        PartEnded(3, Text("Noon.")),
        Done(OUTCOME),
    ]


def test_the_replay_of_an_empty_answer_is_its_end():
    assert [entry.event for entry in replay(stored())] == [Done(OUTCOME)]


def test_a_replayed_error_comes_before_the_end_with_what_is_known_of_it():
    message = assistant_message("Hel", status=Status.FAILED, error_code="quota")
    assert message.outcome
    assert [entry.event for entry in replay(message)][2:] == [Failure("quota", False), Done(message.outcome)]


@pytest.mark.parametrize(
    "pieces",
    list(permutations([Reasoning("음…"), Reasoning("ok"), Text("안녕"), Text("😀!"), ToolResult("c", "noon")])),
    ids=repr,
)
def test_a_replay_continues_after_every_entry_of_the_log_in_any_order_of_parts(pieces: tuple[Part, ...]):
    log = logged(*pieces, outcome=FAILURE)
    content = Content()
    for entry in log:
        content.apply(entry.event)
    message = stored(*content.parts, outcome=FAILURE)
    for read, entry in enumerate(log, start=1):
        rest = replay(message, entry.cursor)
        assert (text_in(rest), reasoning_in(rest)) == (text_in(log[read:]), reasoning_in(log[read:]))
        ends = [entry for entry in rest if not isinstance(entry.event, PartStarted | PartGrew)]
        assert ends == [entry for entry in log[read:] if not isinstance(entry.event, PartStarted | PartGrew)]


def test_a_replay_continues_in_the_middle_of_a_part():
    assert [entry.event for entry in replay(stored(Reasoning("Hm."), Text("Hello.")), Cursor(1, 3))] == [
        PartGrew(1, Text("lo.")),
        PartEnded(1, Text("Hello.")),
        Done(OUTCOME),
    ]


def test_a_reader_that_has_read_the_end_gets_nothing_more():
    assert replay(assistant_message("Hello.", status=Status.FAILED, error_code="timeout"), END) == []


def test_a_reader_ahead_of_what_was_saved_still_gets_the_end():
    rest = replay(assistant_message("Hel", status=Status.INTERRUPTED, error_code="interrupted"), Cursor(2, 6))
    assert [entry.cursor for entry in rest] == [FAILED, END]
    assert replay(assistant_message("Hel", status=Status.INTERRUPTED), rest[-1].cursor) == []


def test_an_answer_stored_as_streaming_is_replayed_as_interrupted():
    entries = replay(assistant_message("Hel", status=Status.STREAMING))
    assert [entry.event for entry in entries[2:]] == [
        Failure("interrupted", True),
        Done(Outcome(Status.INTERRUPTED, error_code="interrupted")),
    ]


def test_a_replayed_text_that_is_continued_stays_open():
    assert list(part_events([Reasoning("Hm."), Text("Hel")], is_open=True))[1:] == [
        PartEnded(0, Reasoning("Hm.")),
        PartStarted(1, Text("Hel")),
    ]
    assert list(part_events([Text("Hel"), Reasoning("Hm.")], is_open=True))[-1] == PartEnded(1, Reasoning("Hm."))


class TestPositionsFromBeforeParts:
    """Positions of the format before parts: numbers of characters of text and of reasoning."""

    PARTS = (Reasoning("Hm."), Text("Hello."))

    @pytest.mark.parametrize(
        ("text", "reasoning", "cursor"),
        [(0, 0, Cursor(0, 0)), (0, 2, Cursor(0, 2)), (2, 3, Cursor(1, 2)), (2, 0, Cursor(1, 2)), (99, 3, Cursor(1, 6))],
        ids=["nothing", "in the reasoning", "in the text", "without the reasoning", "ahead of what was saved"],
    )
    def test_a_reader_from_before_parts_goes_on_where_it_was(self, text: int, reasoning: int, cursor: Cursor):
        assert cursor_of_lengths(self.PARTS, text, reasoning) == cursor

    def test_a_cursor_from_before_parts_without_reasoning_is_in_the_first_part(self):
        assert cursor_of_lengths([Text("Hello.")], 3, 0) == Cursor(0, 3)

    def test_a_cursor_from_before_parts_in_an_empty_answer_is_its_start(self):
        assert cursor_of_lengths([], 3, 2) == Cursor(0, 0)
