"""Where an event is in the log of its answer."""

from chat_app.models.events import END, TEXT_STEP, Chunk, Done, Failure, Finish, Reasoning, advance
from chat_app.models.message import Status

DONE = Done(Status.COMPLETE, Finish("stop"))


def test_characters_count_whatever_they_take_elsewhere():
    for text in ("abc", "안녕!", "😀😀😀", "e\u0301\u200d"):
        assert advance(0, Chunk(text)) == 3 * TEXT_STEP
        assert advance(0, Reasoning(text)) == 3


def test_positions_do_not_depend_on_how_an_answer_was_cut():
    assert advance(advance(7, Chunk("Hel")), Chunk("lo.")) == advance(7, Chunk("Hello."))


def test_text_and_reasoning_count_apart():
    position = advance(advance(advance(0, Chunk("Hel")), Reasoning("Hm.")), Chunk("lo."))
    assert divmod(position, TEXT_STEP) == (6, 3)


def test_error_and_end_are_at_the_very_end():
    for position in (0, advance(0, Chunk("Hello."))):
        assert advance(position, Failure("timeout", True)) == END - 1
        assert advance(position, DONE) == END


def test_the_end_is_past_the_longest_answer_and_exact_in_javascript():
    assert advance(TEXT_STEP - 1, Chunk("x" * TEXT_STEP)) < END - 1
    assert float(END) == END
    assert float(END + 2) != END + 2
