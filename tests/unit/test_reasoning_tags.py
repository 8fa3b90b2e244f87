"""Reasoning between tags in a model's text."""

import pytest

from chat_app.models.parts import Reasoning, Text
from chat_app.models.reasoning_tags import ReasoningSplitter, separate_reasoning, split_reasoning
from chat_app.state.conversation.answer_progress import AnswerProgress
from chat_app.state.conversation.part_view import PartView
from tests.messages import assistant_message, entries, events, user_message


def stream(text: str, size: int, *, inside: bool = False, is_whole: bool = True) -> tuple[str, str]:
    """The reasoning and the answer in ``text``, received in pieces of ``size`` characters."""
    splitter = ReasoningSplitter(inside=inside)
    pieces = [each for at in range(0, len(text), size) for each in splitter.feed(text[at : at + size])]
    pieces += splitter.end(is_whole=is_whole)
    assert all(piece.text for piece in pieces)
    thoughts = "".join(piece.text for piece in pieces if isinstance(piece, Reasoning))
    return thoughts, "".join(piece.text for piece in pieces if isinstance(piece, Text))


THOUGHT = [
    (
        "<think>\nThe user asks for 2+2. Let me think step by step.\n\n1. Add.\n</think>\n\nIt is **4**.\n",
        "The user asks for 2+2. Let me think step by step.\n\n1. Add.",
        "It is **4**.\n",
    ),
    ("<think>\nTwo and two.\n\n1. Add.\n</think>\n\nIt is **4**.\n", "Two and two.\n\n1. Add.", "It is **4**.\n"),
    ("\n <think>음, 둘 더하기 둘…</think>정답은 **4**예요.", "음, 둘 더하기 둘…", "정답은 **4**예요."),
    ("<think>\n\n</think>\n\nHello", "", "Hello"),
    ("<think>One.</think>\n<think>Two.</think>\n\nDone.", "One.\n\nTwo.", "Done."),
    ("<thinking>Hm.</thinking> Yes.", "Hm.", "Yes."),
    ("<thinking>Hm.</think>Yes.", "Hm.", "Yes."),
    ("<think>Hm.</thought>\n\nYes.", "Hm.", "Yes."),
    ("[THINK]Hm.[/THINK]Yes.", "Hm.", "Yes."),
    ("◁think▷Hm.◁/think▷Yes.", "Hm.", "Yes."),
    ("<think>a < b, so </thin air>, <think> again </think>Yes.", "a < b, so </thin air>, <think> again", "Yes."),
    ("<think>Cut in the mid", "Cut in the mid", ""),
    ("<think>Hm.</think>Then `<think>` and </think> are text.", "Hm.", "Then `<think>` and </think> are text."),
]

TEXT = [
    "Hello there.",
    "  indented",
    "<thead> is a tag of tables.",
    "<thi",
    "[1] a note",
    "Models write `<think>` and `</think>`.",
    "Use <think>…</think> for thoughts.",
    "```html\n<think>\nHm.\n</think>\n```\nThat is how.",
    "~~~\n</think>\n~~~",
    "`</think>` ends them.",
    "The tag </think> ends them.",
    "```\n<think>\n```",
    "",
]

CLOSING_ALONE = [
    ("Two and two.\n\n1. Add.\n</think>\n\nIt is **4**.", "Two and two.\n\n1. Add.", "It is **4**."),
    ("음, 생각해 보자.</think>정답은 **4**예요.", "음, 생각해 보자.", "정답은 **4**예요."),
    ("```python\nx = 1\n```\nGood.\n</think>\n\nYes, `</think>`.", "```python\nx = 1\n```\nGood.", "Yes, `</think>`."),
    ("Hm.[/THINK]Yes.", "Hm.", "Yes."),
]


@pytest.mark.parametrize("size", [1, 2, 3, 5, 1000])
class TestStreaming:
    @pytest.mark.parametrize(("text", "thoughts", "said"), THOUGHT)
    def test_thoughts_at_the_beginning_are_reasoning(self, text: str, thoughts: str, said: str, size: int):
        assert stream(text, size) == (thoughts, said)

    @pytest.mark.parametrize("text", TEXT)
    def test_other_tags_than_those_of_reasoning_are_text(self, text: str, size: int):
        assert stream(text, size) == ("", text)

    @pytest.mark.parametrize(("text", "thoughts", "said"), CLOSING_ALONE)
    def test_an_answer_expected_to_begin_within_thoughts_does(self, text: str, thoughts: str, said: str, size: int):
        assert stream(text, size, inside=True) == (thoughts, said)

    @pytest.mark.parametrize(("text", "thoughts", "said"), THOUGHT[:1])
    def test_an_answer_expected_to_begin_within_thoughts_may_have_an_opening_tag(
        self, text: str, thoughts: str, said: str, size: int
    ):
        assert stream(text, size, inside=True) == (thoughts, said)

    def test_expected_thoughts_without_a_closing_tag_are_the_answer_too(self, size: int):
        assert stream("It is **4**.", size, inside=True) == ("It is **4**.", "It is **4**.")

    def test_thoughts_that_are_cut_are_no_answer(self, size: int):
        assert stream("Two and", size, inside=True, is_whole=False) == ("Two and", "")


def test_thoughts_come_as_they_are_thought():
    splitter = ReasoningSplitter()
    assert splitter.feed("<think>Two ") == [Reasoning("Two")]
    assert splitter.feed("and two.</th") == [Reasoning(" and two.")]
    assert splitter.feed("ink>It") == [Text("It")]
    assert splitter.feed(" is 4.") == [Text(" is 4.")]


def test_white_space_is_not_held_back_for_ever():
    splitter = ReasoningSplitter()
    assert splitter.feed(" " * 5_000) == [Text(" " * 5_000)]
    splitter = ReasoningSplitter(inside=True)
    splitter.feed("Hm.")
    assert sum(len(piece.text) for piece in splitter.feed(" " * 5_000)) > 3_000


@pytest.mark.parametrize(("text", "thoughts", "said"), [*THOUGHT, *CLOSING_ALONE])
def test_a_whole_text_is_split_in_the_same_way(text: str, thoughts: str, said: str):
    assert split_reasoning(text) == (thoughts, said)


@pytest.mark.parametrize("text", TEXT)
def test_a_whole_text_without_thoughts_stays_as_it_is(text: str):
    assert split_reasoning(text) == ("", text)


@pytest.mark.parametrize(
    ("text", "inside", "begins_inside"),
    [(text, inside, True) for text, _, _ in CLOSING_ALONE for inside in (False, True)]
    + [(text, inside, False) for text, _, _ in THOUGHT[:2] for inside in (False, True)]
    + [(text, inside, False) for text in TEXT for inside in (False, True) if not (inside and "</think>" in text)],
)
def test_an_answer_tells_whether_the_next_one_begins_within_thoughts(text: str, inside: bool, begins_inside: bool):
    splitter = ReasoningSplitter(inside=inside)
    splitter.feed(text)
    splitter.end(is_whole=True)
    assert splitter.begins_inside is begins_inside


def test_thoughts_are_separated_in_a_stored_answer_and_not_in_a_question():
    stored = assistant_message("Hm.</think>Yes.", "Before.")
    assert separate_reasoning(stored).parts == (Reasoning("Before."), Reasoning("Hm."), Text("Yes."))
    asked = user_message("<think>Hm.</think>Yes?")
    assert separate_reasoning(asked) == asked


@pytest.mark.parametrize("size", [1, 4, 1000])
def test_the_page_separates_thoughts_as_soon_as_the_closing_tag_is_there(size: int):
    progress = AnswerProgress()
    text = "Two and two.\n</think>\n\nIt is `</think>`."
    progress.add(entries(*events(*(Text(text[at : at + size]) for at in range(0, len(text), size)))))
    assert progress.settled == [PartView(kind="reasoning", text="Two and two.")]
    assert str(progress.text) == "It is `</think>`."
