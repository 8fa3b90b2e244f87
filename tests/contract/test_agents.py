"""A custom agent at ``/stream`` and under ``/v1``."""

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from openai import OpenAI

from tests.echo_agent import echo_agent
from tests.server import MODEL, PROGRAM_KEY, ApiServer
from tests.stream_client import StreamClient


@pytest.fixture
def server(serve: Callable[..., ApiServer], tmp_path: Path) -> Iterator[ApiServer]:
    with echo_agent(tmp_path):
        yield serve()


def test_an_agent_answers_at_stream_with_its_parts_in_order(server: ApiServer, connect: Callable[..., StreamClient]):
    reply = connect(server).get("Hi", model="echo", reasoning="true", parts="true")
    assert [frame.data for frame in reply.frames][:-1] == [
        {"reasoning": "They say something."},
        {"chunk": "You said: Hi"},
        {"part": {"kind": "data", "name": "length", "value": 2}},
        {"chunk": " Anything else?"},
    ]
    assert (reply.done["status"], reply.done["model"]) == ("complete", "echo")


def test_an_unknown_agent_is_refused_with_the_names_of_all(server: ApiServer):
    reply = httpx.post(f"{server.url}/stream", json={"message": "Hi", "model": "eco"}, trust_env=False)
    assert reply.status_code == 422
    assert f"{MODEL}, echo" in reply.json()["error"]["message"]


def test_openais_sdk_lists_and_asks_an_agent(server: ApiServer):
    with OpenAI(base_url=f"{server.url}/v1", api_key=PROGRAM_KEY, max_retries=0) as client:
        assert [model.id for model in client.models.list()] == [MODEL, "echo"]
        assert client.models.retrieve("echo").id == "echo"
        completion = client.chat.completions.create(model="echo", messages=[{"role": "user", "content": "Hi"}])
    assert completion.choices[0].message.content == "You said: Hi Anything else?"
