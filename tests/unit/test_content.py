"""The fold from events to parts."""

import pytest

from chat_app.models.content import Content
from chat_app.models.events import AnswerEvent, PartEnded, PartGrew, PartStarted, StepEnded
from chat_app.models.parts import Data, Part, Reasoning, Text, ToolCall, ToolResult, reasoning_of, text_of
from tests.messages import events


def folded(*logged: AnswerEvent) -> Content:
    content = Content()
    for event in logged:
        content.apply(event)
    return content


def test_pieces_of_a_kind_are_one_part():
    content = folded(*events(Text("Hel"), Text("lo.")))
    assert content.parts == (Text("Hello."),)
    assert text_of(content.parts) == "Hello."


def test_parts_are_in_the_order_in_which_the_model_sent_them():
    pieces: list[Part] = [
        Reasoning("Hm."),
        Text("Let me look. "),
        ToolCall("c", "clock", "{}"),
        ToolResult("c", "noon"),
        Reasoning("Now "),
        Reasoning("I know."),
        Text("Noon."),
        Data("clock", {"hour": 12}),
    ]
    content = folded(*events(*pieces))
    assert content.parts == (*pieces[:4], Reasoning("Now I know."), *pieces[6:])
    assert text_of(content.parts) == "Let me look. Noon."
    assert reasoning_of(content.parts) == "Hm.\n\nNow I know."


def test_a_part_ends_where_another_begins_and_comes_whole_then():
    assert events(Text("Hel"), Text("lo."), Reasoning("Hm.")) == [
        PartStarted(0, Text("Hel")),
        PartGrew(0, Text("lo.")),
        PartEnded(0, Text("Hello.")),
        PartStarted(1, Reasoning("Hm.")),
    ]


def test_the_open_part_can_be_ended():
    content = folded(*events(Text("Hel"), Text("lo.")))
    (ended,) = content.close()
    assert ended == PartEnded(0, Text("Hello."))
    content.apply(ended)
    assert content.close() == []
    assert content.parts == (Text("Hello."),)


def test_a_piece_after_the_end_of_a_part_of_its_kind_begins_another():
    content = folded(PartStarted(0, Text("One.")), PartEnded(0, Text("One.")))
    assert content.write(Text("Two.")) == [PartStarted(1, Text("Two."))]


def test_a_text_that_is_continued_grows():
    begun = Content([Reasoning("Hm."), Text("Hel")])
    assert events(Text("lo."), begun=begun) == [PartGrew(1, Text("lo."))]
    assert begun.parts == (Reasoning("Hm."), Text("Hello."))


def test_a_text_that_is_continued_after_reasoning_says_so():
    begun = Content([Text("Hel")])
    events(Reasoning("Hm."), Text("lo."), Reasoning("Oh."), Text("Bye."), begun=begun)
    assert begun.parts == (Text("Hel"), Reasoning("Hm."), Text("lo.", continues=True), Reasoning("Oh."), Text("Bye."))


def test_reasoning_that_an_answer_began_with_does_not_grow():
    begun = Content([Text("Hel"), Reasoning("Hm.")])
    assert begun.write(Reasoning("Oh.")) == [PartStarted(2, Reasoning("Oh."))]


@pytest.mark.parametrize("event", [StepEnded("stop"), PartGrew(3, Text("from nowhere"))], ids=["step", "unknown part"])
def test_events_of_other_kinds_change_no_part(event: AnswerEvent):
    content = folded(*events(Text("Hello.")), event)
    assert content.parts == (Text("Hello."),)


def test_changes_are_counted_and_ends_of_steps_are_none():
    content = folded(*events(Text("Hel"), Text("lo.")), StepEnded("stop"))
    assert content.changes == 2


def test_a_part_whose_empty_start_a_reader_has_not_seen_begins_with_its_growth():
    content = folded(PartGrew(0, Text("Hel")), PartGrew(0, Text("lo.")))
    assert content.parts == (Text("Hello."),)
    assert content.open_part == Text("Hello.")
