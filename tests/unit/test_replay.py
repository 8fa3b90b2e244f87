"""A stored answer reads like its log: whoever was in the middle continues there."""

from itertools import accumulate, permutations

import pytest

from chat_app.models.events import END, TEXT_STEP, AnswerEvent, Chunk, Done, Entry, Failure, Finish, Reasoning, advance
from chat_app.models.message import Message, Role, Status, Usage
from chat_app.services.replay import replay

FINISH = Finish("stop", "a-model", Usage(1, 2, 3))


def answer(text: str = "", reasoning: str = "", status: Status = Status.COMPLETE, error_code: str = "") -> Message:
    return Message(
        conversation_id="c",
        role=Role.ASSISTANT,
        text=text,
        reasoning=reasoning,
        status=status,
        error_code=error_code,
        finish_reason=FINISH.reason,
        model=FINISH.model,
        usage=FINISH.usage,
    )


def logged(*events: AnswerEvent) -> list[Entry]:
    """The entries a log has of these events."""
    positions = list(accumulate(events, advance, initial=0))[1:]
    return [Entry(position, event) for position, event in zip(positions, events, strict=True)]


def texts(entries: list[Entry]) -> tuple[str, str]:
    """Text and reasoning."""
    events = [entry.event for entry in entries]
    text = "".join(event.text for event in events if isinstance(event, Chunk))
    return text, "".join(event.text for event in events if isinstance(event, Reasoning))


def test_everything_is_there_in_order():
    assert [entry.event for entry in replay(answer("Hello.", "Hm."))] == [
        Reasoning("Hm."),
        Chunk("Hello."),
        Done(Status.COMPLETE, FINISH),
    ]


def test_an_empty_answer_only_ends():
    assert [entry.event for entry in replay(answer())] == [Done(Status.COMPLETE, FINISH)]


def test_an_error_comes_before_the_end_with_what_is_known_of_it():
    entries = replay(answer("Hel", status=Status.FAILED, error_code="quota"))
    assert [entry.event for entry in entries] == [Chunk("Hel"), Failure("quota", False), Done(Status.FAILED, FINISH)]


@pytest.mark.parametrize("pieces", list(permutations([Reasoning("음…"), Reasoning("ok"), Chunk("안녕"), Chunk("😀!")])))
def test_it_continues_after_every_entry_of_the_log_in_whatever_order_text_and_reasoning_came(
    pieces: tuple[AnswerEvent, ...],
):
    log = logged(*pieces, Failure("timeout", True), Done(Status.FAILED, FINISH))
    text, reasoning = texts(log)
    message = answer(text, reasoning, Status.FAILED, "timeout")
    for read, entry in enumerate(log, start=1):
        rest = replay(message, entry.position)
        assert texts(rest) == texts(log[read:])
        assert [entry for entry in rest if not isinstance(entry.event, Chunk | Reasoning)] == log[max(read, 4) :]


def test_positions_grow():
    positions = [entry.position for entry in replay(answer("Hello.", "Hm.", Status.FAILED, "timeout"))]
    assert positions == sorted(set(positions))
    assert positions == [3, 3 + 6 * TEXT_STEP, END - 1, END]


def test_who_has_read_the_end_lacks_nothing():
    assert replay(answer("Hello.", status=Status.FAILED, error_code="timeout"), END) == []


def test_who_was_ahead_of_what_could_be_saved_still_hears_of_the_end():
    log = logged(Chunk("Hel"), Chunk("lo."))
    rest = replay(answer("Hel", status=Status.INTERRUPTED, error_code="interrupted"), log[-1].position)
    assert [entry.event for entry in rest] == [Failure("interrupted", True), Done(Status.INTERRUPTED, FINISH)]
    assert replay(answer("Hel", status=Status.INTERRUPTED), rest[-1].position) == []


def test_what_is_still_said_to_stream_was_interrupted():
    entries = replay(answer("Hel", status=Status.STREAMING))
    assert [entry.event for entry in entries[1:]] == [
        Failure("interrupted", True),
        Done(Status.INTERRUPTED, FINISH),
    ]
