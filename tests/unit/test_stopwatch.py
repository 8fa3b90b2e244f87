"""How long an answer took, and how much of that the model spent on reasoning."""

import pytest

from chat_app.models.events import Chunk, Reasoning
from chat_app.services.stopwatch import Stopwatch


class Clock:
    """Stands still until it is told to go on."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


def run(clock: Clock, stopwatch: Stopwatch, *events: float | Chunk | Reasoning) -> tuple[float, float | None]:
    """What it shows after these pieces, with seconds between them."""
    for event in events:
        if isinstance(event, Chunk | Reasoning):
            stopwatch.note(event)
        else:
            clock.seconds += event
    return stopwatch.stop()


CHUNK, REASONING = Chunk("Hello."), Reasoning("Hm.")


@pytest.mark.parametrize(
    ("events", "times"),
    [
        ([], (0.0, None)),
        ([2.0, CHUNK, 1.0, CHUNK, 0.5], (3.5, None)),
        ([2.0, REASONING, 1.0, REASONING, 0.5, CHUNK, 4.0], (7.5, 1.5)),
        ([REASONING, 1.0, CHUNK, 2.0, REASONING, 4.0, CHUNK, 8.0], (15.0, 5.0)),
        ([REASONING, 1.0], (1.0, 1.0)),
        ([REASONING, CHUNK], (0.0, 0.0)),
        ([0.00049, REASONING, 1.23456], (1.235, 1.235)),
    ],
    ids=["nothing", "text", "reasoning and text", "in turns", "reasoning to the end", "no time at all", "milliseconds"],
)
def test_times_are_those_of_the_pieces(
    clock: Clock, events: list[float | Chunk | Reasoning], times: tuple[float, float | None]
):
    assert run(clock, Stopwatch(None, None, clock=clock), *events) == times


def test_what_was_taken_before_counts_too(clock: Clock):
    assert run(clock, Stopwatch(10.0, 5.0, clock=clock), 1.0, REASONING, 0.5, CHUNK) == (11.5, 5.5)
    assert run(clock, Stopwatch(10.0, 5.0, clock=clock), 1.0, CHUNK) == (11.0, 5.0)
    assert run(clock, Stopwatch(10.0, None, clock=clock), 1.0, CHUNK) == (11.0, None)


def test_the_piece_of_text_that_ends_reasoning_says_how_long_it_took(clock: Clock):
    stopwatch = Stopwatch(None, None, clock=clock)
    pieces = []
    for piece in (REASONING, CHUNK, CHUNK, REASONING, CHUNK):
        pieces.append(stopwatch.note(piece))
        clock.seconds += 1.0
    assert pieces == [REASONING, CHUNK, CHUNK, REASONING, CHUNK]
    assert [piece.reasoned for piece in pieces if isinstance(piece, Chunk)] == [1.0, None, 2.0]
