"""Odd and faulty streams of servers with the Responses API, with the expected answer or error."""

import json
from collections.abc import Mapping
from typing import Any

from tests.fake_upstream import USAGE, response, response_usage
from tests.oddities import Odd


def named(kind: str, **fields: Any) -> str:
    """An event as the API sends it, without its line end."""
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **fields})}"


def unnamed(kind: str, **fields: Any) -> str:
    """An event without a name, as some servers send it."""
    return "data: " + json.dumps({"type": kind, **fields})


def text(delta: Any) -> str:
    return named("response.output_text.delta", delta=delta)


def summary(delta: Any) -> str:
    return named("response.reasoning_summary_text.delta", delta=delta)


def item(kind: str, **fields: Any) -> str:
    return named("response.output_item.added", item={"type": kind, **fields})


def message(*content: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "message", "role": "assistant", "content": list(content)}


def output_text(said: str) -> dict[str, Any]:
    return {"type": "output_text", "text": said, "annotations": []}


def completed(*output: Mapping[str, Any], **fields: Any) -> str:
    return named("response.completed", response=response(output, **fields))


def incomplete(reason: object) -> str:
    return named("response.incomplete", response=response(status="incomplete", incomplete_details={"reason": reason}))


HELLO = text("Hi")
COMPLETED = completed(message(output_text("Hi")))
_THOUGHT = {"type": "reasoning", "summary": [{"type": "summary_text", "text": "Hm."}]}
_RAW_THOUGHT = {"type": "reasoning", "summary": [], "content": [{"type": "reasoning_text", "text": "Hm."}]}

ODD_RESPONSES = {
    "all that OpenAI sends": Odd(
        (
            named("response.created", response=response(status="in_progress", output=[], usage=None)),
            named("response.in_progress", response=response(status="in_progress")),
            item("reasoning", id="rs_1", summary=[]),
            named("response.reasoning_summary_part.added", summary_index=0),
            summary("Let me see."),
            named("response.reasoning_summary_text.done", text="Let me see."),
            named("response.reasoning_summary_part.done", part={"type": "summary_text", "text": "Let me see."}),
            named("response.output_item.done", item={"type": "reasoning", "encrypted_content": "x" * 5000}),
            item("message", content=[]),
            named("response.content_part.added", part=output_text("")),
            text("Hel"),
            text("lo"),
            named("response.output_text.done", text="Hello"),
            named("response.content_part.done", part=output_text("Hello")),
            named("response.output_item.done", item=message(output_text("Hello"))),
            completed(_THOUGHT, message(output_text("Hello"))),
        ),
        "Hello",
        "Let me see.",
        usage=(11, 7, 18),
    ),
    "several paragraphs of reasoning": Odd(
        (
            item("reasoning"),
            named("response.reasoning_summary_part.added", summary_index=0),
            summary("One"),
            named("response.reasoning_summary_part.added", summary_index=1),
            summary("Two"),
            item("reasoning"),
            summary("Three"),
            item("message"),
            text("Yes."),
            COMPLETED,
        ),
        "Yes.",
        "One\n\nTwo\n\nThree",
    ),
    "reasoning of an open model": Odd(
        (named("response.reasoning_text.delta", delta="Hm."), text("Yes."), COMPLETED), "Yes.", "Hm."
    ),
    "two messages": Odd(
        (item("message"), text("I look it up."), item("message"), text("It is 4."), COMPLETED),
        "I look it up.\n\nIt is 4.",
    ),
    "events without names": Odd(
        (
            unnamed("response.created", response=response()),
            unnamed("response.output_text.delta", delta="Hi"),
            unnamed("response.output_text.done", text="Hi"),
            unnamed("response.completed", response=response()),
        ),
        "Hi",
    ),
    "names without types": Odd(
        (
            'event: response.output_text.delta\ndata: {"delta": "Hi"}',
            f"event: response.completed\ndata: {json.dumps({'response': response()})}",
        ),
        "Hi",
    ),
    "unknown events": Odd(
        (named("keepalive"), named("response.something_new", delta="no"), HELLO, "event: ping\ndata: ping", COMPLETED),
        "Hi",
    ),
    "deltas that are none": Odd((text(None), text(7), text(""), text(["Hi"]), HELLO, COMPLETED), "Hi"),
    "types that are none": Odd((unnamed("", type=["response.output_text.delta"]), HELLO, COMPLETED), "Hi"),
    "an end mark after the end": Odd((HELLO, COMPLETED, "data: [DONE]"), "Hi"),
    "an error after the end": Odd((HELLO, COMPLETED, named("error", message="x")), "Hi"),
    "a last event without a line end": Odd((HELLO, COMPLETED), "Hi", cut=True),
    "the whole text in the last event alone": Odd((completed(_THOUGHT, message(output_text("Hi"))),), "Hi", "Hm."),
    "raw reasoning in the last event alone": Odd(
        (HELLO, completed(_RAW_THOUGHT, message(output_text("Hi")))), "Hi", "Hm."
    ),
    "a refusal": Odd((named("response.refusal.delta", delta="I can't."), completed()), "I can't."),
    "a refusal in the last event alone": Odd(
        (completed(message({"type": "refusal", "refusal": "I can't."})),), "I can't."
    ),
    "an emoji cut in two": Odd((text("Hi \ud83d"), text("\ude00"), COMPLETED), "Hi \U0001f600"),
    "no usage": Odd((HELLO, completed(usage=None, model=None)), "Hi"),
    "odd usage": Odd((HELLO, completed(usage={"input_tokens": "11", "output_tokens": 7.0})), "Hi", usage=(11, 7, 18)),
    "the limit of tokens": Odd((HELLO, incomplete("max_output_tokens")), "Hi", reason="length"),
    "another limit": Odd((HELLO, incomplete(None)), "Hi", reason="length"),
    "a limit in a completed response": Odd((HELLO, completed(status="incomplete")), "Hi", reason="length"),
    "a content filter in the middle": Odd((HELLO, incomplete("content_filter")), "Hi", reason="content_filter"),
    "reasoning between tags": Odd((text("<think>Hm.</th"), text("ink>Yes."), COMPLETED), "Yes.", "Hm."),
    "no stream": Odd(
        (json.dumps(response([_THOUGHT, message(output_text("Hi"))], usage=response_usage(USAGE))),),
        "Hi",
        "Hm.",
        usage=(11, 7, 18),
    ),
}


def _failed(**error: Any) -> str:
    return named("response.failed", response=response(status="failed", error=error))


# The code of the error, and what comes after the text "Hi".
FAILED_RESPONSES = [
    ("upstream", named("error", code="server_error", message="secret detail", param=None, sequence_number=3)),
    ("upstream", unnamed("error", code=None, message="secret detail")),
    ("upstream", "event: error\ndata: secret detail"),
    ("too_long", named("error", error={"code": "context_length_exceeded", "message": "secret detail"})),
    ("rate_limited", named("error", code="rate_limit_exceeded", message="secret detail")),
    ("upstream", _failed(code="server_error", message="secret detail")),
    ("rate_limited", _failed(code="rate_limit_exceeded", message="secret detail")),
    ("blocked", _failed(code="invalid_prompt", message="flagged, secret detail")),
    ("blocked", _failed(code="bio_policy", message="secret detail")),
    ("quota", _failed(code="insufficient_quota", message="secret detail")),
    ("upstream", named("response.failed", response=None)),
    ("upstream", completed(status="failed", error={"message": "secret detail"})),
    ("truncated", named("response.cancelled", response=response(status="cancelled"))),
    ("truncated", completed(status="cancelled")),
    ("truncated", named("response.output_text.done", text="Hi")),
    ("upstream", 'data: {"error": {"message": "secret detail"}}'),
    ("upstream", 'data: {"detail": "secret detail"}'),
    ("upstream", "data: {secret detail"),
    ("upstream", 'event: response.output_text.delta\ndata: {"delta": secret detail'),
    ("upstream", f"data: {'[' * 100_000}"),
]
