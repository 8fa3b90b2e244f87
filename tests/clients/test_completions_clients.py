"""Common clients of OpenAI's API: each asks ``/v1`` once."""

from collections.abc import Callable

import pytest

from tests.fake_upstream import FakeUpstream
from tests.server import MODEL, PROGRAM_KEY, ApiServer

pytestmark = pytest.mark.clients

ANSWER = "안녕하세요! This is **the answer**."


@pytest.fixture
def ask(server: ApiServer, run_client: Callable[..., str]) -> Callable[[str, str], str]:
    """Run a script with a question; returns its output."""
    return lambda script, question: run_client(script, f"{server.url}/v1", PROGRAM_KEY, MODEL, question)


@pytest.mark.parametrize(
    "script",
    [
        "ask_with_openai.py",
        "ask_with_langchain.py",
        "ask_with_pydantic_ai.py",
        "ask_with_openai_agents.py",
        "ask_with_litellm.py",
        "ask_with_llm.py",
        "ask_with_openai_node.mjs",
        "ask_with_ai_sdk.mjs",
    ],
)
def test_a_client_gets_the_answer(upstream: FakeUpstream, ask: Callable[[str, str], str], script: str):
    upstream.answer(ANSWER)
    assert ask(script, "Hello") == ANSWER
    assert upstream.requests[0].last_message.endswith("Hello")


def test_instructor_gets_an_object_out_of_markdown_and_is_told_that_there_are_no_tools(
    upstream: FakeUpstream, ask: Callable[[str, str], str]
):
    upstream.answer('```json\n{"name": "Ann"}\n```')
    name, refusal = ask("ask_with_instructor.py", "Who is it?").split("\n", 1)
    assert name == "Ann"
    assert "“tools” can’t be used" in refusal
    assert upstream.calls == 1


@pytest.mark.parametrize("script", ["ask_with_langchain.py", "ask_with_litellm.py"])
def test_a_client_knows_that_a_conversation_is_too_long(
    upstream: FakeUpstream, ask: Callable[[str, str], str], script: str
):
    assert ask(script, "x" * 40_000) == "too long"
    assert upstream.calls == 0
