"""Unknown paths and methods of the API: 404 and 405 in JSON, never a page."""

from typing import Any

import httpx
import openai
import pytest
from openai import OpenAI

from tests.server import PROGRAM_KEY, ApiServer


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1"),
        ("GET", "/v1/"),
        ("POST", "/v1/embeddings"),
        ("POST", "/v1/responses"),
        ("GET", "/v1/files/a%2Fb"),
        ("DELETE", "/v1/chat/completions/some-id"),
        ("POST", "/chat/completions"),
    ],
)
def test_an_unknown_path_of_openais_is_refused_in_openais_form(server: ApiServer, method: str, path: str):
    response = httpx.request(method, server.url + path)
    assert (response.status_code, response.json()["error"]["code"]) == (404, "unknown_url")
    assert response.json()["error"].keys() >= {"message", "type", "param", "code"}


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [("GET", "/v1/chat/completions", "POST"), ("POST", "/v1/models", "GET"), ("PROPFIND", "/v1/models", "GET")],
)
def test_a_wrong_method_of_openais_is_refused_in_openais_form(server: ApiServer, method: str, path: str, allowed: str):
    response = httpx.request(method, server.url + path)
    assert (response.status_code, response.headers["allow"]) == (405, allowed)
    assert response.json()["error"]["code"] == "method_not_allowed"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/health", 404),
        ("GET", "/health/unknown", 404),
        ("GET", "/archive/unknown", 404),
        ("GET", "/metrics/unknown", 404),
        ("POST", "/stream/tickets/unknown", 404),
        ("PUT", "/stream", 405),
        ("GET", "/archive", 405),
        ("POST", "/metrics", 405),
        ("POST", "/health/live", 405),
    ],
)
def test_unknown_paths_and_methods_outside_v1_are_refused_in_json(
    server: ApiServer, method: str, path: str, status: int
):
    response = httpx.request(method, server.url + path)
    assert response.status_code == status
    assert response.json()["error"]["retryable"] is False
    assert ("allow" in response.headers) is (status == 405)


def test_the_sdk_without_v1_in_its_address_is_told_where_the_api_is(server: ApiServer):
    messages: Any = [{"role": "user", "content": "Hello"}]
    with (
        OpenAI(api_key=PROGRAM_KEY, base_url=server.url, max_retries=0) as client,
        pytest.raises(openai.NotFoundError, match="/v1/chat/completions"),
    ):
        client.chat.completions.create(model="any", messages=messages)
