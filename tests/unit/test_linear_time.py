"""Linear time of all regular expressions over untrusted text (ReDoS).

Each is given its worst case at two sizes. Linear work takes four times as long for four times the length, quadratic
work sixteen times; expressions that take next to no time even at the larger size pass.
"""

import gc
import importlib
import pkgutil
import re
import time
from collections.abc import Callable, Iterator

import httpx2
import pytest
from openai import InternalServerError

import chat_app
from chat_app.infrastructure.demo.requests import named_language, requested, written_in
from chat_app.infrastructure.openai.errors import redacted, reported_error, status_error
from chat_app.infrastructure.openai.retry_after import retry_after
from chat_app.infrastructure.openai.sse import EventDecoder
from chat_app.infrastructure.security.identity import COOKIE, signed_values, visitor
from chat_app.models.errors import UpstreamFailed
from chat_app.models.file_content import Page
from chat_app.models.parts import Data, Part, Text
from chat_app.services.answering.passages import find_passages
from chat_app.services.answering.quotes import QuotedFile, quoted_sources
from chat_app.services.answering.replay import part_events
from chat_app.services.conversations.excerpt import excerpt, shortened
from chat_app.services.conversations.titles import title_from, title_in
from chat_app.state.conversation.answer_progress import AnswerProgress
from chat_app.state.conversation.part_view import part_views
from tests.messages import entries

SMALL, LARGE = 750, 3_000
NO_TIME = 0.004
TOO_STEEP = 9.0
MEASUREMENTS = 5

# Texts to repeat: those that repetitions of the expressions begin with, or stop at.
SEEDS = [
    *" a-_*~`.:;/1!=&\"'\\[<\n\r\t가",
    "a-",
    "1.",
    "```\n",
    "~~~ ",
    "//",
    "key-",
    "sk-",
    "key=",
    "Bearer ",
    "title",
    "exceed ",
    "maximum ",
    "a*",
    "!가",
    f"{COOKIE}=",
    "; ",
]
ENDS = ["", "!", "가", "\n"]


def seconds(work: Callable[[str], object], text: str) -> float:
    """CPU time, without the garbage collection that other tests' objects make longer."""
    gc.disable()
    try:
        began = time.thread_time()
        work(text)
        return time.thread_time() - began
    finally:
        gc.enable()


def assert_linear(name: str, work: Callable[[str], object], seed: str, end: str = "") -> None:
    small, large = seed * (SMALL // len(seed)) + end, seed * (LARGE // len(seed)) + end
    least_small = least_large = float("inf")
    for _ in range(MEASUREMENTS):
        least_large = min(least_large, seconds(work, large))
        if least_large <= NO_TIME:
            return
        # The least of several, as of the large one: one that comes out too long would hide a steep one.
        least_small = min(least_small, seconds(work, small))
    assert least_large < TOO_STEEP * least_small, (
        f"{name}: {least_small:.4f} s, {least_large:.4f} s with {seed!r}, {end!r}"
    )


def expressions() -> Iterator[tuple[str, re.Pattern[str]]]:
    """All compiled expressions of a module of the app, by name."""
    for module in pkgutil.walk_packages(chat_app.__path__, "chat_app."):
        if module.name.endswith((".env", ".__main__", ".chat_app")):
            continue
        for name, value in vars(importlib.import_module(module.name)).items():
            for number, each in enumerate(value.values() if isinstance(value, dict) else [value]):
                if isinstance(each, re.Pattern):
                    yield f"{module.name}.{name}.{number}", each


EXPRESSIONS = dict(expressions())


def fails(text: str) -> None:
    with pytest.raises(UpstreamFailed), redacted("a-key-of-ones-own"):
        raise UpstreamFailed(text)


def fails_with(text: str) -> None:
    request = httpx2.Request("POST", "http://localhost")
    response = httpx2.Response(500, text=text, request=request)
    status_error(InternalServerError("failed", response=response, body=text))


def decode(text: str) -> None:
    decoder = EventDecoder()
    for at in range(0, len(text), 16):
        decoder.feed(text[at : at + 16].encode())
    decoder.end()


def many_parts(text: str) -> list[Part]:
    """Short parts, as an archive may have them."""
    return [part for char in text[::6] for part in (Text(char, continues=True), Data(char, None))]


FUNCTIONS: dict[str, Callable[[str], object]] = {
    "visitor": visitor,
    "signed_values": signed_values,
    "requested": requested,
    "named_language": named_language,
    "written_in": lambda text: written_in([text]),
    "redacted": fails,
    "status_error": fails_with,
    "reported_error": lambda text: reported_error({"error": {"message": text}}, text),
    "retry-after": lambda text: retry_after({"retry-after": text}),
    "x-ratelimit-reset-requests": lambda text: retry_after({"x-ratelimit-reset-requests": text}),
    "server-sent events": decode,
    "excerpt": lambda text: excerpt(text, "ab"),
    "shortened": lambda text: shortened(text, 100),
    "title_from": title_from,
    "title_in": title_in,
    "part_views": lambda text: part_views(many_parts(text)),
    "quoted_sources": lambda text: quoted_sources(f'"{text}" (a)', [QuotedFile("f", "a", [Page(1, text)])]),
    "find_passages": lambda text: find_passages(text, {"a": [Page(1, text)]}, len(text)),
    "AnswerProgress": lambda text: AnswerProgress().add(entries(*part_events(many_parts(text)))),
}


def test_the_apps_expressions_are_found():
    assert "chat_app.infrastructure.openai.errors._KEYS.0" in EXPRESSIONS


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_an_expression_takes_linear_time(name: str):
    expression = EXPRESSIONS[name]
    for seed in SEEDS:
        for end in ENDS:
            assert_linear(name, lambda text: (expression.search(text), expression.findall(text)), seed, end)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_over_foreign_text_takes_linear_time(name: str):
    for seed in SEEDS:
        assert_linear(name, FUNCTIONS[name], seed, "!")


def test_the_measure_finds_an_expression_that_is_quadratic():
    quadratic = re.compile(r"[\w-]*\*{3,}")
    with pytest.raises(AssertionError, match="quadratic"):
        assert_linear("quadratic", quadratic.search, "a")
