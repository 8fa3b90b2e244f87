"""Messages as the page shows them."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from chat_app.models.content import Content
from chat_app.models.events import Done, Failure, PartEnded
from chat_app.models.message import Message, Outcome, Rating, Role, Status, Usage, Version
from chat_app.models.parts import (
    FOLLOW_UPS,
    Data,
    File,
    GrowingPart,
    Part,
    Reasoning,
    Source,
    Text,
    ToolCall,
    ToolResult,
    growth,
    with_growth,
)
from chat_app.services.answering.replay import part_events
from chat_app.state.conversation.answer_progress import AnswerProgress
from chat_app.state.conversation.file_view import FileView
from chat_app.state.conversation.growing_text import GrowingText
from chat_app.state.conversation.message_view import settled, view
from chat_app.state.conversation.part_view import PartView, SourceView, part_views
from tests.messages import assistant_message, entries, events, user_message

OUTCOME = Outcome(Status.COMPLETE, "stop", "fake-model", Usage(11, 7, 18), duration=3.249)
PARTS = (Reasoning("Two and two", 0.96), Text("Four."))
ANSWER = Message(conversation_id="c", id="a2", parent_id="q", role=Role.ASSISTANT, parts=PARTS, outcome=OUTCOME)


def test_a_view_has_all_facts_about_an_answer() -> None:
    row = view(ANSWER, Version(2, 3, "a1", "a3"))
    assert (row.version, row.previous_id, row.next_id) == ("2 / 3", "a1", "a3")
    assert (row.model, row.tokens_in, row.tokens_out) == ("fake-model", 11, 7)
    assert row.seconds == "3.2"
    assert row.parts == [
        PartView(kind="reasoning", text="Two and two", seconds="1.0"),
        PartView(kind="text", text="Four."),
    ]
    assert (row.note, row.can_be_continued) == ("", False)


def test_a_file_of_an_answer_has_its_name_and_size() -> None:
    shown = FileView(id="f1", name="sea.png", size="1.2 MB", is_picture=True)
    views = part_views((File("f1", "sea.png", "image/png", 1_230_000),))
    assert views == [PartView(kind="file", title="sea.png", files=[shown])]


def test_the_only_version_is_not_counted() -> None:
    assert view(ANSWER, Version(1, 1)).version == ""


@pytest.mark.parametrize(
    ("status", "finish", "note"),
    [
        (Status.STOPPED, "", "stopped"),
        (Status.INTERRUPTED, "", "interrupted"),
        (Status.COMPLETE, "length", "cut_off"),
    ],
)
def test_an_answer_that_ended_early_says_so_and_can_be_continued(status: Status, finish: str, note: str) -> None:
    row = view(assistant_message("Fo", status=status, finish=finish))
    assert (row.note, row.can_be_continued) == (note, True)


def test_an_answer_that_failed_says_so() -> None:
    assert view(assistant_message(status=Status.FAILED)).note == "failed"


def test_an_answer_that_has_ended_looks_the_same_as_read_from_storage() -> None:
    begun = view(replace(ANSWER, parts=(), outcome=Outcome(Status.STREAMING)), Version(2, 2, "a1"))
    done = Done(OUTCOME)
    progress = AnswerProgress()
    progress.add(entries(*part_events(PARTS), done))
    assert settled(begun, progress.message("a2", done)) == view(ANSWER, Version(2, 2, "a1"))


def test_an_answer_that_broke_can_be_continued() -> None:
    done = Done(Outcome(Status.FAILED, error_code="truncated"))
    progress = AnswerProgress()
    progress.add(entries(*events(Text("Fo")), Failure("truncated", retryable=True), done))
    assert view(progress.message("a2", done)).can_be_continued


def test_a_rating_goes_with_its_answer() -> None:
    rated = assistant_message("Four.", rating=Rating.DOWN, comment="Too short")
    assert (view(rated).rating, view(rated).comment) == (-1, "Too short")


@pytest.mark.parametrize("length", [0, 10, 1_000, 10_000])
def test_a_text_that_is_there_from_the_start_is_whole(length: int) -> None:
    assert str(GrowingText.of("x" * length)) == "x" * length


def test_a_failed_answer_without_text_is_marked_as_unanswered() -> None:
    failed = assistant_message(status=Status.FAILED, error_code="blocked")
    assert view(failed).is_unanswered
    assert not view(ANSWER).is_unanswered


def test_a_question_is_unanswered_only_where_its_branch_says_so() -> None:
    asked = user_message("Two and two?")
    assert not view(asked).is_unanswered
    assert view(asked, is_unanswered=True).is_unanswered


def test_the_time_of_a_message_is_in_utc() -> None:
    seoul = timezone(timedelta(hours=9))
    message = replace(ANSWER, created_at=datetime(2026, 11, 30, 9, 3, 12, 345, tzinfo=seoul))
    assert view(message).created_at == "2026-11-30T00:03:12+00:00"


def test_thoughts_in_an_answers_text_are_its_reasoning():
    row = view(assistant_message("Let me see.\n</think>\n\nIt is **4**."))
    assert row.parts == [PartView(kind="reasoning", text="Let me see."), PartView(kind="text", text="It is **4**.")]


def test_parts_are_shown_in_the_order_in_which_the_model_sent_them():
    call = ToolCall("c", "clock", "{}", "Clock")
    views = part_views([Text("Let me look."), call, ToolResult("c", "noon"), Reasoning("Hm.", 2.0), Text("Noon.")])
    assert [(each.kind, each.title, each.text) for each in views] == [
        ("text", "", "Let me look."),
        ("tool_call", "Clock", "{}"),
        ("tool_result", "", "noon"),
        ("reasoning", "", "Hm."),
        ("text", "", "Noon."),
    ]


def test_a_search_of_the_web_is_shown_by_its_terms():
    views = part_views([ToolCall("s", "web_search", "{}"), ToolResult("s", "weather"), Text("Rain.")])
    assert [(each.kind, each.text) for each in views] == [("searching", ""), ("searched", "weather"), ("text", "Rain.")]


def test_sources_that_follow_each_other_are_one_list_without_repetition():
    a, b = Source("A", "https://a.example/x"), Source("", "https://b.example/")
    views = part_views([Text("Rain."), a, b, a, Text("Or not."), a])
    assert [each.kind for each in views] == ["text", "sources", "text", "sources"]
    assert [(each.title, each.url, each.host) for each in views[1].sources] == [
        ("A", "https://a.example/x", "a.example"),
        ("b.example", "https://b.example/", "b.example"),
    ]


def test_a_source_in_a_file_has_its_page_and_its_words():
    (shown,) = part_views([Source("report.pdf", file_id="f1", page=3, quote="It rained.")])
    assert shown.sources == [SourceView(title="report.pdf", page="3", quote="It rained.")]


@pytest.mark.parametrize(("is_verified", "is_unverified"), [(True, False), (False, True), (None, False)])
def test_a_quote_that_is_not_on_its_page_is_marked(is_verified: bool | None, is_unverified: bool):
    (shown,) = part_views([Source("report.pdf", page=3, quote="It rained.", is_verified=is_verified)])
    assert shown.sources[0].is_unverified is is_unverified


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "//a.example", "https://", "https://[a", "x" * 9]
)
def test_only_the_address_of_a_web_page_is_a_link(url: str):
    (shown,) = part_views([Source("A", url)])
    assert shown.sources == [SourceView(title="A")]


def test_a_text_that_was_continued_after_reasoning_is_shown_in_one_piece():
    views = part_views([Reasoning("Hm."), Text("Hel"), Reasoning("Oh."), Text("lo.", continues=True)])
    assert [each.text for each in views] == ["Hm.", "Oh.", "Hello."]


@pytest.mark.parametrize("size", [1, 2, 7])
def test_while_an_answer_is_written_its_parts_are_those_of_the_whole(size: int):
    pieces: list[Part] = [
        Reasoning("Two and two"),
        Text("Let me see. "),
        Data("sum", 4),
        ToolCall("s", "web_search", "{}"),
        ToolResult("s", "sum"),
        Reasoning("Clear."),
        Source("A", "https://a.example"),
        Source("B", "https://b.example"),
        Text("It is 4."),
    ]
    cut: list[Part] = []
    for piece in pieces:
        if isinstance(piece, GrowingPart):
            starts = range(0, len(growth(piece)), size)
            cut += [with_growth(piece, growth(piece)[at : at + size]) for at in starts]
        else:
            cut.append(piece)
    content, progress = Content(), AnswerProgress()
    for entry in entries(*events(*cut)):
        content.apply(entry.event)
        progress.add([entry])
        growing = [replace(progress.growing, text=str(progress.text))] if progress.growing else []
        shown = [replace(each, seconds="") for each in [*progress.settled, *growing]]
        assert shown == part_views(content.parts)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (["And now?", "", 1, None, "Why\nnot?"], ["And now?", "Why not?"]),
        (["x" * 1000] * 10, ["x" * 200] * 5),
        ("And now?", []),
        ({"a": "b"}, []),
        (None, []),
        (7, []),
    ],
)
def test_follow_ups_are_short_lines_below_the_answer(value: object, shown: list[str]):
    row = view(replace(ANSWER, parts=(Text("Four."), Data(FOLLOW_UPS, value))))
    assert (row.follow_ups, row.parts) == (shown, [PartView(kind="text", text="Four.")])


def test_the_end_of_a_text_sends_nothing_of_it_again():
    progress = AnswerProgress()
    *ended, more = entries(*events(Text("Fo"), Text("ur."), Data("sum", 4)))
    assert isinstance(ended[-1].event, PartEnded)
    for entry in ended:
        progress.add([entry])
    assert (progress.settled, str(progress.text)) == ([], "Four.")
    progress.add([more])
    assert (progress.settled, progress.growing) == (part_views([Text("Four."), Data("sum", 4)]), None)


def test_a_continued_answer_goes_on_in_its_last_text():
    begun = (Reasoning("Hm."), Text("Hel"))
    progress = AnswerProgress(begun)
    assert (str(progress.text), progress.settled) == ("Hel", part_views(begun[:1]))
    progress.add(entries(*events(Reasoning("Oh."), Text("lo."), begun=Content(begun))))
    assert [each.text for each in progress.settled] == ["Hm.", "Oh."]
    assert str(progress.text) == "Hello."
