"""Translation of model servers' errors, and their redaction for the log."""

import httpx2
import pytest
from openai import APIStatusError

from chat_app.infrastructure.openai.errors import redacted, reported_error, status_error
from chat_app.models.errors import (
    Blocked,
    Misconfigured,
    ModelError,
    QuotaExceeded,
    RateLimited,
    TooLong,
    UpstreamFailed,
)

KEY = "0123456789abcdefghij"

LLAMA_TOO_LONG = (
    '{"error":{"code":400,"message":"request (6018 tokens) exceeds the available context size (512 tokens), try '
    'increasing it","type":"exceed_context_size_error","n_prompt_tokens":6018,"n_ctx":512}}'
)
LLAMA_LOADING = '{"error":{"message":"Loading model","type":"unavailable_error","code":503}}'
LITELLM_TOO_LONG = (
    '{"error":{"message":"litellm.ContextWindowExceededError: litellm.BadRequestError: ContextWindowExceededError: '
    "OpenAIException - request (6018 tokens) exceeds the available context size (512 tokens), try increasing it"
    '\\nmodel=tiny. context_window_fallbacks=None. fallbacks=None.","type":"invalid_request_error","param":null,'
    '"code":"400"}}'
)
LITELLM_NO_MODEL = (
    '{"error":{"message":"/chat/completions: Invalid model name passed in model=nope. Call `/v1/models` to view '
    'available models for your key.","type":"invalid_request_error","param":null,"code":"400"}}'
)


def detail(said: str, key: str = KEY) -> str:
    """The text for the log, made from ``said``."""
    with pytest.raises(UpstreamFailed) as caught, redacted(key):
        raise UpstreamFailed(said)
    return str(caught.value)


def status(code: int, said: str) -> ModelError:
    response = httpx2.Response(code, text=said, request=httpx2.Request("POST", "http://localhost"))
    return status_error(APIStatusError("failed", response=response, body=None))


@pytest.mark.parametrize(
    ("code", "said", "kind"),
    [
        (400, '{"error": {"message": "This model\'s maximum context length is 8 tokens."}}', TooLong),
        (400, '{"error": {"message": "the request exceeds the available context size"}}', TooLong),
        (500, '{"error": {"message": "Requested tokens (9) exceed context window of 8"}}', TooLong),
        (422, '{"error": "`inputs tokens` + `max_new_tokens` must be <= 8, too long"}', TooLong),
        (400, '{"error": {"message": "The input token count (9) exceeds the maximum number of tokens"}}', TooLong),
        (400, '{"message": "Input is too long for requested model."}', TooLong),
        (400, '{"object": "error", "message": "Range of input length should be [1, 8]"}', TooLong),
        (400, '{"error": {"message": "Model Not Exist", "type": "invalid_request_error"}}', Misconfigured),
        (400, '{"error": {"message": "x is not a valid model ID", "code": 400}}', Misconfigured),
        (400, '{"error": {"details": [{"reason": "API_KEY_INVALID"}]}}', Misconfigured),
        (500, '{"error": {"type": "AuthenticationError"}}', Misconfigured),
        (400, '{"code": "Arrearage", "message": "Access denied"}', QuotaExceeded),
        (429, '{"error": {"type": "insufficient_quota"}}', QuotaExceeded),
        (400, '{"error": {"code": "data_inspection_failed"}}', Blocked),
        (400, '{"error": {"innererror": {"code": "ResponsibleAIPolicyViolation"}}}', Blocked),
        (400, '{"error": {"message": "filtered due to Azure\'s content management policy"}}', Blocked),
        (503, '{"detail": {"error": {"code": "rate_limit_exceeded"}}}', RateLimited),
        (400, '{"error": {"code": "429"}}', RateLimited),
        # As llama.cpp's server and LiteLLM's proxy really said:
        (400, LLAMA_TOO_LONG, TooLong),
        (503, LLAMA_LOADING, UpstreamFailed),
        (400, LITELLM_TOO_LONG, TooLong),
        (400, LITELLM_NO_MODEL, Misconfigured),
        (
            400,
            '{"error":{"message":"No connected db.","type":"no_db_connection","param":null,"code":"400"}}',
            Misconfigured,
        ),
        (400, '{"error": {"message": "max_tokens must be positive"}}', UpstreamFailed),
        (400, '{"error": {"message": "exceed"}}', UpstreamFailed),
        (500, "[" * 100_000, UpstreamFailed),
        (500, '{"error": ' * 100 + '"context length exceeded"' + "}" * 100, UpstreamFailed),
        (500, "", UpstreamFailed),
    ],
)
def test_an_error_response_becomes_the_error_that_it_describes(code: int, said: str, kind: type[ModelError]):
    assert type(status(code, said)) is kind


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ({"error": {"message": "slow down", "code": "429"}}, RateLimited),
        ({"object": "error", "message": "engine died", "code": 500}, UpstreamFailed),
        ({"base_resp": {"status_code": 1008, "status_msg": "insufficient balance"}}, QuotaExceeded),
        (["context size exceeded"], TooLong),
        (None, UpstreamFailed),
    ],
)
def test_an_error_in_a_stream_becomes_the_error_that_it_describes(said: object, kind: type[ModelError]):
    assert type(reported_error(said, "as text")) is kind


def test_the_log_has_what_the_server_said_in_its_own_characters():
    assert str(
        status(400, '[{"error": {"message": "\\ubaa8\\ub378\\uc774 \\uc5c6\\uc5b4\\uc694", "status": "X"}}]')
    ) == ('status 400: [{"error": {"message": "모델이 없어요", "status": "X"}}]')


@pytest.mark.parametrize(
    "said",
    [
        f"key {KEY} is wrong",
        "Incorrect API key provided: sk-abcdef********wxyz.",
        "project: abcd****wxyz",
        "AIzaSyD-wxyz is not valid",
        "Authorization: Bearer wxyz",
        "authorization: bearer wxyz",
        '{"api_key": "wxyz", "n": 1}',
        "https://host/v1?key=wxyz&alt=sse",
        "postgresql://user:wxyz@host/database",
        "password=wxyz",
    ],
)
def test_the_log_has_no_secret(said: str):
    assert "wxyz" not in detail(said)
    assert KEY not in detail(said)


def test_a_key_at_the_end_of_what_is_read_is_not_there_in_part():
    for shift in range(len(KEY)):
        said = f"{'sk-' + 'a' * 100} " * 38 + "b" * shift + f" {KEY}" * 20
        assert KEY[:6] not in detail(said)


@pytest.mark.parametrize("control", ["\n", "\r\n", "\x85", "\u2028", "\x1b[2K", "\x00", "\u202e", "\x08"])
def test_the_log_has_one_printable_line(control: str):
    said = detail(f"first{control}12:00:00 INFO forged")
    assert said.isprintable()
    assert len(said.splitlines()) == 1


def test_the_log_has_a_short_line():
    assert len(detail("word " * 100_000)) <= 500
