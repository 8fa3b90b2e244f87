"""The models of several servers at ``/stream`` and under ``/v1``."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from openai import NotFoundError, OpenAI

from chat_app.model_servers import ModelServer
from chat_app.services.answering import model_directory
from tests.fake_upstream import FakeUpstream, Scenario
from tests.server import MODEL, PROGRAM_KEY, ApiServer
from tests.stream_client import StreamClient

Serve = Callable[..., ApiServer]


@pytest.fixture
def other() -> Iterator[FakeUpstream]:
    """Another model's server."""
    with FakeUpstream() as other:
        yield other


def names(server: ApiServer) -> list[str]:
    with OpenAI(base_url=f"{server.url}/v1", api_key=PROGRAM_KEY, max_retries=0) as client:
        return [model.id for model in client.models.list()]


def provider(other: FakeUpstream, **fields: Any) -> ModelServer:
    return ModelServer.model_validate({"name": "other", "base_url": other.base_url, **fields})


def test_the_models_of_all_servers_are_offered_and_each_is_asked_at_its_server(
    serve: Serve, upstream: FakeUpstream, other: FakeUpstream, connect: Callable[..., StreamClient]
):
    upstream.list_models(MODEL, "text-embedding-3-small", "second")
    other.list_models("llama", {"id": "mistral/large", "name": "Mistral Large"})
    server = serve(providers=[provider(other)])
    assert names(server) == [MODEL, "second", "other/llama", "other/mistral/large"]
    client = connect(server)
    for model in ("", "second"):
        assert client.get("Hi", model=model).text == "Hello from the fake upstream."
    assert [request.body["model"] for request in upstream.requests] == [MODEL, "second"]
    assert not other.calls
    assert client.get("Hi", model="other/mistral/large").done["status"] == "complete"
    assert [request.body["model"] for request in other.requests] == ["mistral/large"]


def test_openais_sdk_asks_a_model_of_another_server(serve: Serve, other: FakeUpstream):
    other.list_models("llama")
    server = serve(providers=[provider(other)])
    with OpenAI(base_url=f"{server.url}/v1", api_key=PROGRAM_KEY, max_retries=0) as client:
        assert client.models.retrieve("other/llama").id == "other/llama"
        question: Any = [{"role": "user", "content": "Hi"}]
        reply = client.chat.completions.create(model="other/llama", messages=question)
        assert reply.choices[0].message.content == "Hello from the fake upstream."
        with pytest.raises(NotFoundError):
            client.chat.completions.create(model="llama", messages=question)


def test_each_server_gets_its_own_key_and_version(serve: Serve, upstream: FakeUpstream, other: FakeUpstream):
    server = serve(providers=[provider(other, api_key="other-key", api_version="2025-04-01", models=["gpt"])])
    for model in (MODEL, "other/gpt"):
        reply = httpx.post(f"{server.url}/stream", json={"message": "Hi", "model": model}, trust_env=False)
        assert reply.status_code == 200
    assert other.requests[0].headers["api-key"] == "other-key"
    assert other.requests[0].target == "/v1/chat/completions?api-version=2025-04-01"
    assert "other-key" not in str(upstream.requests)


def test_chosen_models_are_offered_whatever_the_server_lists(serve: Serve, upstream: FakeUpstream):
    upstream.list_models("a", "b")
    server = serve(openai_models={MODEL: "The model", "not-listed": ""})
    assert names(server) == [MODEL, "not-listed"]


@pytest.mark.parametrize(
    "listing",
    [
        Scenario((b"{}",), 404),
        Scenario((b'{"data": [{"id": ',), headers={"Content-Type": "application/json"}),
        Scenario((b'{"data": [',) * 3, ending="reset"),
        Scenario(speaks=False, ending="reset"),
        Scenario((b"<html>",) * 10),
        Scenario((b" " * 1_000_000,) * 9),
        Scenario((b"[" * 100_000,)),
    ],
    ids=["none", "cut", "reset", "refused", "html", "large", "deep"],
)
def test_a_server_without_a_readable_list_serves_its_configured_model(
    serve: Serve, upstream: FakeUpstream, listing: Scenario, connect: Callable[..., StreamClient]
):
    upstream.model_list = listing
    server = serve()
    assert names(server) == [MODEL]
    assert connect(server).get("Hi").text == "Hello from the fake upstream."


def test_a_silent_list_does_not_keep_the_server_from_starting(serve: Serve, upstream: FakeUpstream):
    upstream.model_list = Scenario(speaks=False, ending="silence")
    assert names(serve()) == [MODEL]


def test_a_model_that_the_server_adds_later_answers_without_a_restart(
    serve: Serve, upstream: FakeUpstream, connect: Callable[..., StreamClient], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(model_directory, "FRESH", 0.0)
    upstream.list_models(MODEL)
    server = serve()
    upstream.list_models(MODEL, "pulled")
    assert connect(server).get("Hi", model="pulled").done["status"] == "complete"
    assert names(server) == [MODEL, "pulled"]


def test_the_error_for_an_unknown_model_names_the_first_known_ones(serve: Serve, upstream: FakeUpstream):
    upstream.list_models(*(f"model-{number}" for number in range(100)))
    reply = httpx.post(f"{serve().url}/stream", json={"message": "Hi", "model": "eco"}, trust_env=False)
    assert reply.status_code == 422
    assert "model-18, …" in reply.json()["error"]["message"]
