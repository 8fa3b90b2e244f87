"""Odd and faulty responses of real model servers, with the expected answer or error."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.fake_upstream import FakeUpstream, Scenario
from tests.server import KEY

Plan = Callable[[FakeUpstream], None]

HI = 'data: {"choices": [{"delta": {"content": "Hi"}}]}'
DONE = "data: [DONE]"


def delta(content: Any, reason: str | None = None) -> str:
    """A chunk as one event, without its line end."""
    return "data: " + json.dumps({"choices": [{"index": 0, "delta": {"content": content}, "finish_reason": reason}]})


@dataclass(frozen=True)
class Odd:
    """A stream that is odd but whole.

    Attributes:
        sent: Its pieces, each a line or several, whose last end with an empty line; the last has no end at all where
            it is ``cut``.
        reason: The ``finish_reason`` at the end, and whether the answer can be continued.
        usage: Tokens of the prompt, of the answer, and in all.
    """

    sent: tuple[str, ...]
    text: str
    reasoning: str = ""
    reason: str = "stop"
    usage: tuple[int, int, int] | None = None
    delay: float = 0.0
    cut: bool = False

    def plan(self, upstream: FakeUpstream) -> None:
        ends = ["\n\n"] * (len(self.sent) - 1) + ["" if self.cut else "\n\n"]
        pieces = (f"{piece}{end}".encode() for piece, end in zip(self.sent, ends, strict=True))
        upstream.plan(Scenario(tuple(pieces), delay=self.delay))


def _usage(**fields: Any) -> str:
    return "data: " + json.dumps({"choices": [], "usage": fields})


def _choice(**fields: Any) -> str:
    return "data: " + json.dumps({"choices": [{"index": 0, **fields}]})


_WORDS = tuple(f"{word} " for word in ["One", "two", "three", "four", "five", "six", "seven", "eight"])
_THOUGHT = [{"type": "thinking", "thinking": [{"type": "text", "text": "Let me see."}]}]

ODD_BUT_WHOLE = {
    "a finish reason in every chunk": Odd(
        (*(delta(word, "stop") for word in _WORDS), DONE), "".join(_WORDS), delay=0.2
    ),
    "a finish reason called null in every chunk": Odd(
        (*(delta(word, "null") for word in _WORDS), delta("", "stop"), DONE), "".join(_WORDS)
    ),
    "a finish reason well before the text": Odd(
        (delta("", "stop"), f"{delta('Hello ')}\n\n{delta('there.')}\n\n{DONE}"), "Hello there.", delay=2.0
    ),
    "a finish reason alone at the end": Odd((delta("Hi"), delta("", "stop")), "Hi"),
    "a content of parts": Odd(
        (delta([{"type": "text", "text": "Hello "}]), delta("there", "stop"), DONE), "Hello there"
    ),
    "parts without a type, and unknown ones": Odd(
        (delta([{"text": "Hello "}, {"type": "image_url", "image_url": {"url": "x"}}, "there"], "stop"), DONE),
        "Hello there",
    ),
    "thoughts among the parts": Odd(
        (delta(_THOUGHT), delta([{"type": "text", "text": "Yes."}], "stop"), DONE), "Yes.", "Let me see."
    ),
    "details of reasoning": Odd(
        (
            _choice(delta={"reasoning_details": [{"type": "reasoning.text", "text": "Hm."}]}),
            delta("Yes.", "stop"),
            DONE,
        ),
        "Yes.",
        "Hm.",
    ),
    "an event without data": Odd(
        (delta("Hello "), "data:", "data: ", "data: null", delta("there.", "stop"), DONE), "Hello there."
    ),
    "signs of life": Odd(
        (": ping", "event: ping\ndata: ping", delta("Hi"), "event: keep-alive\ndata:", delta("", "stop"), DONE), "Hi"
    ),
    "a last line without a line end": Odd((delta("Hello "), delta("there", "stop")), "Hello there", cut=True),
    "an end mark without a line end": Odd((delta("Hi"), DONE), "Hi", cut=True),
    "an emoji cut in two": Odd(
        (
            _choice(delta={"reasoning_content": "Hm \ud83d"}),
            _choice(delta={"reasoning_content": "\udca1"}),
            delta("Hi \ud83d"),
            delta("\ude00 there \ud83d\ude00 \ud83d"),
            delta("\ude00", "stop"),
            DONE,
        ),
        "Hi \U0001f600 there \U0001f600 \U0001f600",
        "Hm \U0001f4a1",
    ),
    "half an emoji": Odd((delta("Hi"), delta("\ud83d", "stop"), DONE), "Hi"),
    "an error after the end": Odd((delta("Hi", "stop"), f'{DONE}\n\ndata: {{"error": "x"}}'), "Hi"),
    "codes of success": Odd(
        (
            'data: {"error": {"code": 0, "message": "ok"}, "choices": [{"delta": {"content": "Hi"}}]}',
            delta("", "stop"),
            'data: {"code": 0, "message": "Success", "usage": {"prompt_tokens": 11, "completion_tokens": 7}}',
            DONE,
        ),
        "Hi",
        usage=(11, 7, 18),
    ),
    "floats": Odd(
        (delta("Hi", "stop"), _usage(prompt_tokens=11.0, completion_tokens=7.0, total_tokens=18.0), DONE),
        "Hi",
        usage=(11, 7, 18),
    ),
    "strings": Odd(
        (delta("Hi", "stop"), _usage(prompt_tokens="11", completion_tokens="7"), DONE), "Hi", usage=(11, 7, 18)
    ),
    "other names": Odd((delta("Hi", "stop"), _usage(input_tokens=11, output_tokens=7), DONE), "Hi", usage=(11, 7, 18)),
    "a zero usage last": Odd(
        (
            delta("Hi", "stop"),
            _usage(prompt_tokens=11, completion_tokens=7),
            _usage(prompt_tokens=0, total_tokens=0),
            DONE,
        ),
        "Hi",
        usage=(11, 7, 18),
    ),
    "no numbers": Odd(
        (delta("Hi", "stop"), _usage(prompt_tokens="many", completion_tokens=float("nan"), total_tokens=None), DONE),
        "Hi",
        usage=(0, 0, 0),
    ),
    "the whole message at the end": Odd(
        (delta("Hello "), delta("there"), _choice(message={"content": "Hello there"}, finish_reason="stop"), DONE),
        "Hello there",
    ),
    "the whole message beside the last delta": Odd(
        (delta("Hi"), _choice(delta={}, message={"content": "Hi"}, finish_reason="stop"), DONE), "Hi"
    ),
    "the whole message alone": Odd(
        (_choice(delta={}, message={"content": "Hi", "reasoning_content": "Hm."}, finish_reason="stop"), DONE),
        "Hi",
        "Hm.",
    ),
    "the limit under another name": Odd(
        (delta("Half an ans"), delta("", "max_tokens"), DONE), "Half an ans", reason="length"
    ),
    "the limit of the context": Odd(
        (delta("Half an ans"), delta("", "model_context_window_exceeded"), DONE), "Half an ans", reason="length"
    ),
    "a reason nobody knows": Odd((delta("Hi"), delta("", "eos_token\u001b[31m\n"), DONE), "Hi"),
}

# The code of the error, and what comes after the text "Hi".
IN_THE_MIDDLE = [
    ("upstream", 'data: {"error": {"message": "secret detail"}}'),
    ("rate_limited", 'data: {"error": {"message": "secret detail", "code": 429}}'),
    ("upstream", 'data: {"choices": [], "x_groq": {"error": "secret detail"}}'),
    ("upstream", 'event: error\ndata: {"message": "secret detail"}'),
    ("upstream", "error: secret detail"),
    ("upstream", 'data: {"choices": [{"delta": secret detail'),
    ("upstream", 'data: {"object": "error", "message": "secret detail", "code": 500}'),
    ("upstream", 'data: {"text": "secret detail", "error_code": 50001}'),
    ("upstream", 'data: {"detail": "secret detail"}'),
    ("upstream", 'data: {"type": "error", "error": {"type": "overloaded_error", "message": "secret detail"}}'),
    ("upstream", f"data: {'[' * 100_000}"),
    ("upstream", f'data: {{"error": {{"message": "secret detail {"x" * 32_000}"}}}}'),
    ("upstream", f"data: secret detail {'x' * 32_000}"),
    ("upstream", f'data: {{"error": {{"message": "secret detail {"exceed " * 10_000}"}}}}'),
    ("rate_limited", 'data: {"error": {"type": "throttling_error", "code": "429"}}'),
    ("rate_limited", 'data: {"error": {"status": "RESOURCE_EXHAUSTED"}}'),
    ("rate_limited", 'data: {"error": "Rate limit exceeded: secret detail"}'),
    ("too_long", 'data: {"error": "Trying to keep the first 9 tokens when context the overflows. secret detail"}'),
    ("truncated", delta("", "network_error")),
    ("truncated", delta("", "insufficient_system_resource")),
    ("upstream", _choice(delta={}, finish_reason="error", error={"message": "secret detail"})),
]


def status(code: int, kind: str = "", headers: dict[str, str] | None = None) -> Plan:
    body = {"error": {"message": f"secret detail, key {KEY}", "code": kind or None}}
    return lambda upstream: upstream.fail(code, body, headers)


def lines(*sent: str) -> Plan:
    return lambda upstream: upstream.raw_lines([*sent, ""])


def plain(body: object) -> Plan:
    return lambda upstream: upstream.plain_json(body)


def body(code: int, said: object, headers: dict[str, str] | None = None) -> Plan:
    return lambda upstream: upstream.fail(code, said, headers)


_GOOGLE_KEY = [{"error": {"code": 400, "message": "API key not valid, secret detail", "status": "INVALID_ARGUMENT"}}]
_LITELLM_LONG = {
    "error": {
        "message": "litellm.BadRequestError: litellm.ContextWindowExceededError: secret detail",
        "type": None,
        "code": "400",
    }
}
_LITELLM_MODEL = {"error": {"message": "/chat/completions: Invalid model name passed in model=secret", "code": "400"}}

# What the model's server does, its error's code and the status that a POST gets.
BEFORE_THE_FIRST_WORD: dict[str, tuple[Plan, str, int]] = {
    "status 401": (status(401), "misconfigured", 502),
    "status 403": (status(403), "misconfigured", 502),
    "status 404": (status(404), "misconfigured", 502),
    "no credit": (status(429, "insufficient_quota"), "quota", 502),
    "status 429": (status(429), "rate_limited", 429),
    "too long": (status(400, "context_length_exceeded"), "too_long", 413),
    "filtered": (status(400, "content_filter"), "blocked", 422),
    "filtered in the stream": (lambda server: server.answer("", finish_reason="content_filter"), "blocked", 422),
    "status 400": (status(400), "upstream", 502),
    "status 500": (status(500), "upstream", 502),
    "plain error": (plain({"error": {"message": "secret detail"}}), "upstream", 502),
    "plain without choices": (plain({"choices": []}), "upstream", 502),
    "plain nothing": (plain({}), "upstream", 502),
    "error object": (lines('data: {"error": {"message": "secret detail"}}'), "upstream", 502),
    "error event": (lines("event: error", "data: secret detail"), "upstream", 502),
    "error line": (lines("error: secret detail"), "upstream", 502),
    "broken JSON": (lines("data: {secret detail"), "upstream", 502),
    "only the end": (lines(DONE), "upstream", 502),
    "only a finish reason": (lambda server: server.answer(""), "upstream", 502),
    "no bytes": (lambda server: server.raw_bytes([]), "upstream", 502),
    "a long error": (body(400, {"error": {"message": f"bad input, secret detail: {'x' * 32_000}"}}), "upstream", 502),
    "a long error of stars": (body(400, "secret detail " + "a-" * 16_000 + "**"), "upstream", 502),
    "exceedingly long": (body(400, {"error": {"message": "exceed " * 10_000}}), "upstream", 502),
    "an error of 5 MB": (body(500, f"secret detail {'x' * 5_000_000}"), "upstream", 502),
    "a deep error": (body(500, "[" * 100_000), "upstream", 502),
    "deep JSON": (lines(f"data: {'[' * 100_000}"), "upstream", 502),
    "LM Studio's context": (
        body(400, {"error": "Trying to keep the first 9 tokens when context the overflows. secret detail"}),
        "too_long",
        413,
    ),
    "LiteLLM's context": (body(400, _LITELLM_LONG), "too_long", 413),
    "Anthropic's context": (body(400, {"error": {"message": "prompt is too long: 9 tokens > 8"}}), "too_long", 413),
    "Google's key": (body(400, _GOOGLE_KEY), "misconfigured", 502),
    "LiteLLM's model": (body(400, _LITELLM_MODEL), "misconfigured", 502),
    "a key in words": (body(500, "Incorrect API key provided: secret detail"), "misconfigured", 502),
    "a moment": (body(429, "slow down", {"x-ratelimit-reset-requests": "1796000000"}), "rate_limited", 429),
    "a limit by name": (body(400, {"code": "Throttling.RateQuota", "message": "secret detail"}), "rate_limited", 429),
    "no balance": (body(400, {"error": {"message": "Insufficient Balance, secret detail"}}), "quota", 502),
    "reset": (lambda server: server.reset_after(0), "unreachable", 503),
}
