"""What an OpenAI-compatible server says about an error, as one of ours."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from openai import APIStatusError

from chat_app.infrastructure.openai_retry_after import retry_after
from chat_app.models.errors import (
    Blocked,
    Misconfigured,
    ModelError,
    ModelTimeout,
    QuotaExceeded,
    RateLimited,
    TooLong,
    UpstreamFailed,
)

_MAX_DETAIL = 500

# By ``code`` or ``type`` of the error, or by HTTP status (OpenRouter gives it as the code). The first match counts:
# what a server says about an error tells more than its status does, except that Groq calls a request larger than the
# whole limit (413) a rate limit.
_KINDS: dict[str | int, type[ModelError]] = {
    "insufficient_quota": QuotaExceeded,
    "billing_hard_limit_reached": QuotaExceeded,
    "context_length_exceeded": TooLong,  # OpenAI, Azure, Groq
    "exceed_context_size_error": TooLong,  # llama.cpp
    "content_filter": Blocked,
    "content_policy_violation": Blocked,
    "invalid_api_key": Misconfigured,
    "model_not_found": Misconfigured,
    413: TooLong,
    "rate_limit_exceeded": RateLimited,
    429: RateLimited,
    401: Misconfigured,
    402: QuotaExceeded,  # DeepSeek, OpenRouter
    403: Misconfigured,
    404: Misconfigured,
    405: Misconfigured,
    408: ModelTimeout,
    504: ModelTimeout,
}

# vLLM and others have no code of their own for a conversation that is too long.
_TOO_LONG = re.compile(r"(maximum|exceeds?\b.*) context (length|size|window)", re.IGNORECASE)

# Keys by their usual prefixes, whatever follows "Bearer", and keys that are partly masked already.
_SECRETS = re.compile(r"\b(sk|gsk|xai|key)[-_][\w*-]+|(?<=Bearer )\S+|[\w-]*\*{3,}[\w-]*")


def status_error(error: APIStatusError) -> ModelError:
    """The error behind an HTTP status of 400 or more."""
    detail = f"{error.message} {error.body if isinstance(error.body, str) else ''}"
    return _kind(error.body, error.status_code)(detail, retry_after=retry_after(error.response.headers))


def reported_error(error: object) -> ModelError:
    """The error a server reports in the middle of a stream, given as JSON."""
    return _kind(error)(f"reported in the stream: {error}")


@contextmanager
def redacted(key: str) -> Iterator[None]:
    """Take ``key``, and whatever looks like one, out of the detail of any ``ModelError``; keep it to one short line."""
    try:
        yield
    except ModelError as error:
        text = " ".join(str(error).split())
        text = text.replace(key, "[key]") if key else text
        error.args = (_SECRETS.sub("[key]", text)[:_MAX_DETAIL],)
        raise


def _kind(error: object, status: int | None = None) -> type[ModelError]:
    fields = error if isinstance(error, dict) else {"message": error}
    facts = {fact for fact in (fields.get("code"), fields.get("type"), status) if isinstance(fact, str | int)}
    if status in (400, None) and _TOO_LONG.search(str(fields.get("message"))):
        facts.add("context_length_exceeded")
    return next((kind for fact, kind in _KINDS.items() if fact in facts), UpstreamFailed)
