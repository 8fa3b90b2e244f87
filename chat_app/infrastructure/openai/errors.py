"""Errors of OpenAI-compatible servers, translated to ours.

Servers agree neither on the fields in which an error has its code, type and message, nor on their values. So all likely
fields are read, and an error that isn't recognised is ``UpstreamFailed``. The log gets the server's text, redacted.
"""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import islice

from openai import APIStatusError

from chat_app.infrastructure.openai.retry_after import retry_after
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
from chat_app.models.text import one_line

_MAX_DETAIL = 500
# Characters of a server's text that are read: it may echo a question of any length.
_MAX_READ = 4000
_MAX_DEPTH, _MAX_FIELDS = 6, 100

# Our errors by the server's code or type, in lower case without punctuation, or by HTTP status, which some servers send
# as the code. The first match counts. Codes are more specific than the status, except that Groq calls a request larger
# than the whole limit (413) a rate limit.
_KINDS: tuple[tuple[type[ModelError], set[str | int]], ...] = (
    (
        QuotaExceeded,
        {
            "insufficientquota",
            "billinghardlimitreached",
            "billingnotactive",
            "insufficientbalance",  # Moonshot, DeepSeek
            "insufficientuserquota",  # one-api
            "arrearage",  # Alibaba
        },
    ),
    (
        TooLong,
        {
            "contextlengthexceeded",  # OpenAI, Azure, Groq
            "exceedcontextsizeerror",  # llama.cpp
            "contextwindowexceedederror",  # LiteLLM
            "requesttoolarge",  # Anthropic
        },
    ),
    (
        Blocked,
        {
            "contentfilter",
            "contentpolicyviolation",
            "contentpolicyviolationerror",  # LiteLLM
            "responsibleaipolicyviolation",  # Azure
            "datainspectionfailed",  # Alibaba
            "invalidprompt",  # OpenAI's Responses API, as the following ones
            "biopolicy",
            "misalignmentpolicyviolation",
            "imagecontentpolicyviolation",
        },
    ),
    (
        Misconfigured,
        {
            "invalidapikey",
            "apikeyinvalid",  # Google
            "modelnotfound",
            "modelnotsupported",
            "authenticationerror",
            "invalidauthenticationerror",
            "unauthenticated",
            "nodbconnection",  # LiteLLM without a database, of a key that it doesn't know
            "permissiondenied",
            "permissionerror",
        },
    ),
    (TooLong, {413}),
    (
        RateLimited,
        {
            "ratelimitexceeded",
            "ratelimiterror",  # Anthropic
            "ratelimitreachederror",  # Moonshot
            "toomanyrequests",
            "resourceexhausted",  # Google
            "throttling",  # Alibaba
            "throttlingerror",
            "throttlingexception",  # Bedrock
            "throttlingratequota",
            429,
        },
    ),
    (Misconfigured, {401, 403, 404, 405}),
    (QuotaExceeded, {402}),  # DeepSeek, OpenRouter
    (ModelTimeout, {408, 504, "deadlineexceeded", "timeout"}),
)

# Our errors by phrases of the message, in lower case: one phrase of each group has to be in it. Used where no code is
# known: vLLM, LM Studio and others have none for a conversation that is too long.
_EXCESS = ("exceed", "maximum", "overflow", "too long", "too large", "longer than", "larger than", "greater than")
_PHRASES: tuple[tuple[type[ModelError], tuple[tuple[str, ...], ...]], ...] = (
    (TooLong, (("context length", "context size", "context window", "context the ", "n_ctx"), _EXCESS)),
    (TooLong, (("contextwindowexceeded", "prompt is too long", "prompt too long", "input is too long"),)),
    (TooLong, (("number of tokens", "token count", "inputs tokens", "input length", "input tokens"), _EXCESS)),
    (TooLong, (("reduce the length of the messages", "range of input length"),)),
    (Blocked, (("content management policy", "contentpolicyviolation", "inappropriate content"),)),
    (Misconfigured, (("invalid", "incorrect", "not valid", "missing", "no api key"), ("api key", "api_key", "apikey"))),
    (Misconfigured, (("model",), ("does not exist", "not exist", "invalid model", "unknown model", "no such model"))),
    (Misconfigured, (("not a valid model", "model not found", "no models loaded", "not supported by any provider"),)),
    (QuotaExceeded, (("insufficient",), ("balance", "credit", "funds", "quota"))),
    (RateLimited, (("rate limit", "too many requests", "rate_limit"),)),
)

# Codes that some servers send with every chunk.
_SUCCESS = (0, "0")
_ERROR_MESSAGES = ("message", "msg", "error_message")

_CODES = {"code", "type", "status", "reason", "error_code", "status_code", "statuscode", "error_type"}
_MESSAGES = {"message", "msg", "detail", "error", "text", "raw", "status_msg", "error_message", "description"}

# Secrets: keys with the usual prefixes and partly masked ones; values called a key, a token or a password; credentials
# in an address. Each expression takes linear time: a repetition that could begin within itself is possessive, and
# begins at its first character only.
_KEYS = re.compile(
    r"\b(?:sk|gsk|xai|key|hf|nvapi|pplx|r8|ghp|glpat)[-_][\w*-]+|\bAIza[\w-]+|(?<![\w*-])[\w-]*+\*{3,}[\w*-]*"
)
_NAMED_SECRETS = re.compile(
    r"((?i:bearer) |(?i:key|token|password|secret)[\"']?[=:] ?[\"']?|://(?=[^\s/@\"']{1,200}@))([^\s&\"',@]+)"
)


@dataclass(slots=True)
class _Facts:
    """The codes of an error, and its messages as one text in lower case."""

    codes: set[str | int] = field(default_factory=set)
    message: str = ""


def status_error(error: APIStatusError) -> ModelError:
    """Translate a response with an HTTP status of 400 or more."""
    text = error.response.text
    reported = _parsed(text)
    kind = _kind(text if reported is None else reported, error.status_code)
    return kind(
        f"status {error.status_code}: {_shown(text, reported)}", retry_after=retry_after(error.response.headers)
    )


def reported_error(reported: object, text: str) -> ModelError:
    """Translate an error that a server reports in the middle of a stream.

    Args:
        reported: The JSON value of the event; ``None`` if it isn't JSON.
        text: The text of the event.
    """
    return _kind(text if reported is None else reported)(f"reported in the stream: {_shown(text, reported)}")


def is_error(data: Mapping[str, object]) -> bool:
    """Return True if ``data`` is an error in place of a chunk, in one of the forms that servers use."""
    error = data.get("error")
    if data.get("choices") and isinstance(error, Mapping) and error.get("code") in _SUCCESS:
        error = None
    if error or data.get("errors") or data.get("error_code"):
        return True
    if data.get("choices") is not None:
        return False
    base = data.get("base_resp")
    return (
        data.get("object") == "error"
        or data.get("type") == "error"
        or bool(data.get("detail"))
        or (data.get("code") not in _SUCCESS and any(isinstance(data.get(name), str) for name in _ERROR_MESSAGES))
        or (isinstance(base, Mapping) and bool(base.get("status_code")))
    )


@contextmanager
def redacted(key: str) -> Iterator[None]:
    """Redact ``key`` and likely secrets in the text of a ``ModelError``, and shorten it to one line."""
    try:
        yield
    except ModelError as error:
        error.args = (_without_secrets(str(error), key),)
        raise


def _without_secrets(text: str, key: str) -> str:
    line = one_line(text, _MAX_READ)
    is_cut = len(text) > _MAX_READ
    line = _KEYS.sub("[key]", line.replace(key, "[key]") if key else line)
    line = _NAMED_SECRETS.sub(r"\1[key]", line)
    # The text was cut, maybe within the key, of which the part at the end isn't recognised.
    return line[: len(line) - len(key) if is_cut else None][:_MAX_DETAIL]


def _kind(error: object, status: int | None = None) -> type[ModelError]:
    facts = _facts(error)
    codes = facts.codes | ({status} if status else set())
    by_code = (kind for kind, known in _KINDS if codes & known)
    by_message = (
        kind for kind, groups in _PHRASES if all(any(phrase in facts.message for phrase in group) for group in groups)
    )
    return next(by_code, None) or next(by_message, UpstreamFailed)


def _facts(error: object) -> _Facts:
    """Collect the codes and messages in ``error``, at any depth up to ``_MAX_DEPTH``."""
    facts, messages = _Facts(), list[str]()
    inner: list[tuple[str, object, int]] = [("message", error, 0)]
    for name, value, depth in inner:
        room = _MAX_FIELDS - len(inner) if depth < _MAX_DEPTH else 0
        if isinstance(value, Mapping):
            inner += [(str(key).lower(), each, depth + 1) for key, each in islice(value.items(), room)]
        elif isinstance(value, list):
            inner += [(name, each, depth + 1) for each in value[:room]]
        elif isinstance(value, str | int) and name in _CODES:
            facts.codes.add(_code(value))
        elif isinstance(value, str) and name in _MESSAGES:
            messages.append(value[:_MAX_READ])
    facts.message = " ".join(messages)[: 2 * _MAX_READ].lower()
    return facts


def _code(value: str | int) -> str | int:
    """Normalise a code to the form in ``_KINDS``."""
    if isinstance(value, int):
        return value
    name = "".join(filter(str.isalnum, value[:100])).lower()
    return int(name) if re.fullmatch("[0-9]{1,5}", name) else name


def _parsed(text: str) -> object:
    with suppress(ValueError, RecursionError):
        return json.loads(text)
    return None


def _shown(text: str, reported: object) -> str:
    """Return the server's text, with JSON's escapes decoded."""
    with suppress(ValueError, RecursionError):
        return text if reported is None else json.dumps(reported, ensure_ascii=False)
    return text
