"""Durations of an answer and of its reasoning."""

import pytest

from chat_app.models.content import Content
from chat_app.models.parts import Reasoning, Text
from chat_app.services.answering.stopwatch import Stopwatch
from tests.clock import Clock


def run(clock: Clock, stopwatch: Stopwatch, *happened: float | Text | Reasoning) -> tuple[float, list[float | None]]:
    """The duration of an answer of these pieces, with seconds between them, and that of each reasoning in it."""
    content = Content()
    for each in (*happened, None):
        if isinstance(each, float | int):
            clock.now += each
            continue
        for event in map(stopwatch.note, content.write(each) if each else content.close()):
            content.apply(event)
    return stopwatch.duration, [part.seconds for part in content.parts if isinstance(part, Reasoning)]


TEXT, REASONING = Text("Hello."), Reasoning("Hm.")


@pytest.mark.parametrize(
    ("happened", "times"),
    [
        ([], (0.0, [])),
        ([2.0, TEXT, 1.0, TEXT, 0.5], (3.5, [])),
        ([2.0, REASONING, 1.0, REASONING, 0.5, TEXT, 4.0], (7.5, [1.5])),
        ([REASONING, 1.0, TEXT, 2.0, REASONING, 4.0, TEXT, 8.0], (15.0, [1.0, 4.0])),
        ([REASONING, 1.0], (1.0, [1.0])),
        ([REASONING, TEXT], (0.0, [0.0])),
        ([0.00049, REASONING, 1.23456], (1.235, [1.235])),
    ],
    ids=["nothing", "text", "reasoning and text", "in turns", "reasoning to the end", "no time at all", "milliseconds"],
)
def test_measured_times_are_those_of_the_pieces(
    clock: Clock, happened: list[float | Text | Reasoning], times: tuple[float, list[float | None]]
):
    assert run(clock, Stopwatch(None, clock=clock), *happened) == times


def test_time_taken_before_an_answer_is_continued_counts_too(clock: Clock):
    assert run(clock, Stopwatch(10.0, clock=clock), 1.0, REASONING, 0.5, TEXT) == (11.5, [0.5])


def test_the_first_token_is_the_first_piece(clock: Clock):
    stopwatch = Stopwatch(10.0, clock=clock)
    assert stopwatch.first_token is None
    run(clock, stopwatch, 1.5, REASONING, 1.0, TEXT)
    assert stopwatch.first_token == 1.5
