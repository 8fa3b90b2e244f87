"""Cursors: positions of readers in an answer."""

from itertools import accumulate

from chat_app.models.events import (
    END,
    FAILED,
    START,
    WHOLE,
    Cursor,
    Done,
    Failure,
    PartEnded,
    PartGrew,
    PartStarted,
    StepEnded,
    advance,
)
from chat_app.models.message import Outcome, Status
from chat_app.models.parts import Reasoning, Text, ToolCall, ToolResult

DONE = Done(Outcome(Status.COMPLETE))


def test_characters_count_whatever_they_take_elsewhere():
    for text in ("abc", "안녕!", "😀😀😀", "e\u0301\u200d"):
        assert advance(START, PartStarted(0, Text(text))) == Cursor(0, 3)
        assert advance(Cursor(2, 4), PartGrew(2, Reasoning(text))) == Cursor(2, 7)


def test_cursors_do_not_depend_on_how_an_answer_was_cut():
    begun = advance(START, PartStarted(0, Text("Hel")))
    assert advance(begun, PartGrew(0, Text("lo."))) == advance(START, PartStarted(0, Text("Hello.")))


def test_cursors_are_in_the_order_of_the_log():
    events = [
        PartStarted(0, Reasoning("Hm.")),
        PartEnded(0, Reasoning("Hm.")),
        PartStarted(1, ToolCall("c", "clock", "")),
        PartGrew(1, ToolCall("c", "clock", "{}")),
        PartEnded(1, ToolCall("c", "clock", "{}")),
        PartEnded(2, ToolResult("c", "noon")),
        PartStarted(3, Text("It is")),
        PartGrew(3, Text(" noon.")),
        PartEnded(3, Text("It is noon.")),
        Failure("timeout", True),
        DONE,
    ]
    cursors = list(accumulate(events, advance, initial=START))
    assert cursors == sorted(set(cursors))
    assert cursors[5] == Cursor(1, WHOLE)


def test_the_end_of_a_step_comes_after_its_last_part_and_before_the_next():
    ended = advance(Cursor(1, WHOLE), StepEnded("stop"))
    assert Cursor(1, WHOLE) < ended < advance(ended, PartStarted(2, ToolCall("c", "clock", "")))


def test_error_and_end_are_at_the_very_end():
    for cursor in (START, Cursor(1000, WHOLE)):
        assert cursor < advance(cursor, Failure("timeout", True)) == FAILED
        assert FAILED < advance(cursor, DONE) == END
