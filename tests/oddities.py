"""What servers of models really send when something is wrong, and which error it has to become."""

from collections.abc import Callable

from tests.fake_upstream import FakeUpstream
from tests.server import KEY

Plan = Callable[[FakeUpstream], None]

HI = 'data: {"choices": [{"delta": {"content": "Hi"}}]}'
DONE = "data: [DONE]"

# The code of the error, and what comes after the text "Hi".
IN_THE_MIDDLE = [
    ("upstream", 'data: {"error": {"message": "secret detail"}}'),
    ("rate_limited", 'data: {"error": {"message": "secret detail", "code": 429}}'),
    ("upstream", 'data: {"choices": [], "x_groq": {"error": "secret detail"}}'),
    ("upstream", 'event: error\ndata: {"message": "secret detail"}'),
    ("upstream", "error: secret detail"),
    ("upstream", 'data: {"choices": [{"delta": secret detail'),
]


def status(code: int, kind: str = "", headers: dict[str, str] | None = None) -> Plan:
    body = {"error": {"message": f"secret detail, key {KEY}", "code": kind or None}}
    return lambda upstream: upstream.fail(code, body, headers)


def lines(*sent: str) -> Plan:
    return lambda upstream: upstream.raw_lines([*sent, ""])


def plain(body: object) -> Plan:
    return lambda upstream: upstream.plain_json(body)


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
    "reset": (lambda server: server.reset_after(0), "unreachable", 503),
}
