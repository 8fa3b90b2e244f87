"""Decoding of servers' lists of models."""

from typing import Any

import pytest

from chat_app.infrastructure.openai.model_list import MAX_MODELS, listed_models
from chat_app.models.errors import UpstreamFailed
from chat_app.models.listed_model import Abilities, ListedModel


def names(*entries: Any) -> list[str]:
    return [model.name for model in listed_models({"object": "list", "data": list(entries)})]


def test_models_keep_the_servers_order_and_titles():
    entries = [{"id": "b", "name": "B the great"}, {"id": "a"}]
    assert listed_models({"data": entries}) == [ListedModel("b", "B the great"), ListedModel("a")]


def test_a_list_without_an_object_around_it_is_read_too():
    assert listed_models([{"id": "a"}]) == [ListedModel("a")]


@pytest.mark.parametrize(
    "name",
    [
        "text-embedding-3-large",
        "nomic-embed-text:latest",
        "bge-m3",
        "all-minilm:22m",
        "whisper-1",
        "gpt-4o-mini-tts",
        "tts-1-hd",
        "dall-e-3",
        "gpt-image-1",
        "omni-moderation-latest",
        "gpt-4o-realtime-preview",
        "gpt-4o-transcribe",
        "gpt-audio",
        "sora-2",
        "davinci-002",
        "babbage-002",
        "gpt-3.5-turbo-instruct",
    ],
)
def test_models_that_cannot_chat_are_left_out_by_their_names(name: str):
    assert names({"id": name}, {"id": "gpt-5-mini"}) == ["gpt-5-mini"]


@pytest.mark.parametrize(
    "name",
    ["gpt-5-mini", "o4-mini", "llama3.2:latest", "imagination-7b", "mistral-7b-instruct", "attsum", "공손한-모델"],
)
def test_chat_models_with_names_similar_to_those_are_kept(name: str):
    assert names({"id": name}) == [name]


@pytest.mark.parametrize(
    ("fields", "can_chat"),
    [
        ({"capabilities": {"completion_chat": False}}, False),  # Mistral
        ({"capabilities": {"completion_chat": True}}, True),
        ({"architecture": {"output_modalities": ["image"]}}, False),  # OpenRouter
        ({"architecture": {"output_modalities": ["text", "image"]}}, True),
        ({"type": "embeddings"}, False),  # LM Studio
        ({"type": "vlm"}, True),
        ({"type": "chat"}, True),  # Together
        ({"type": "rerank"}, False),
        ({"capabilities": ["completion"]}, True),  # Ollama: not an object
        ({"architecture": None, "type": 3, "name": 5}, True),
    ],
)
def test_fields_of_an_entry_decide_whether_a_model_can_chat(fields: dict[str, Any], can_chat: bool):
    assert bool(names({"id": "m", **fields})) == can_chat


_OPENROUTER = {
    "architecture": {"input_modalities": ["text", "image"], "output_modalities": ["text"]},
    "supported_parameters": ["temperature", "tools", "reasoning", "include_reasoning"],
    "context_length": 200_000,
}


@pytest.mark.parametrize(
    ("fields", "abilities"),
    [
        ({}, Abilities()),
        (_OPENROUTER, Abilities(images=True, tools=True, reasoning=True, context=200_000)),
        (
            {"architecture": {"input_modalities": ["text"]}, "supported_parameters": ["top_p"]},
            Abilities(images=False, tools=False, reasoning=False),
        ),
        (
            {
                "capabilities": {"completion_chat": True, "function_calling": True, "vision": False},
                "max_context_length": 131_072,
            },
            Abilities(images=False, tools=True, context=131_072),
        ),
        (
            {"type": "vlm", "capabilities": ["tool_use"], "max_context_length": 4096},
            Abilities(True, True, context=4096),
        ),
        ({"type": "llm"}, Abilities(images=False)),
        ({"capabilities": ["completion", "vision", "tools"]}, Abilities(True, True, False)),
        ({"capabilities": ["completion", "thinking"]}, Abilities(False, False, True)),
        ({"capabilities": ["multimodal"]}, Abilities(True, False, False)),
        ({"supports_image_input": True, "supports_tools": False, "supports_chat": True}, Abilities(True, False)),
        ({"input_modalities": ["text", "image"]}, Abilities(images=True)),
        ({"max_model_len": 32_768, "object": "model"}, Abilities(context=32_768)),
        ({"context_window": 8192.0}, Abilities(context=8192)),
        ({"meta": {"n_ctx": 4096, "n_ctx_train": 131_072}}, Abilities(context=4096)),
        ({"meta": {"n_ctx_train": 131_072}}, Abilities()),
        (
            {
                "capabilities": {"vision": "yes"},
                "architecture": [],
                "supported_parameters": {"tools": 1},
                "context_length": "long",
            },
            Abilities(),
        ),
        ({"capabilities": {"completion_chat": True, "vision": 1}, "context_length": -1}, Abilities()),
        ({"context_length": 10**30, "capabilities": [None, {}]}, Abilities()),
    ],
    ids=[
        "nothing",
        "OpenRouter",
        "OpenRouter, text only",
        "Mistral",
        "LM Studio, vision",
        "LM Studio",
        "Ollama, vision",
        "Ollama, thinking",
        "llama.cpp",
        "Fireworks",
        "xAI",
        "vLLM",
        "Groq",
        "llama.cpp, context",
        "llama.cpp, context of the training only",
        "other types",
        "other values",
        "other numbers",
    ],
)
def test_the_fields_of_an_entry_say_what_a_model_can_take(fields: dict[str, Any], abilities: Abilities):
    (model,) = listed_models([{"id": "m", **fields}])
    assert model.abilities == abilities


def test_abilities_that_are_unknown_come_from_elsewhere():
    configured, listed = Abilities(images=False), Abilities(images=True, tools=True, context=9)
    assert configured.or_else(listed) == Abilities(images=False, tools=True, context=9)


def test_the_field_for_chats_counts_before_the_name():
    assert names({"id": "image-whisper", "type": "chat"}) == ["image-whisper"]


@pytest.mark.parametrize(
    "entry", [None, 1, "a", [], {}, {"id": None}, {"id": ""}, {"id": 3}, {"id": "a\nb"}, {"id": "\x1b[2J"}]
)
def test_entries_without_a_name_that_can_be_shown_are_left_out(entry: object):
    assert names(entry, {"id": "m"}) == ["m"]


def test_a_model_that_is_listed_twice_is_offered_once():
    assert names({"id": "m"}, {"id": "m"}) == ["m"]


def test_the_number_of_listed_models_is_bounded():
    assert len(names(*({"id": f"m{number}"} for number in range(MAX_MODELS + 5)))) == MAX_MODELS


@pytest.mark.parametrize("listing", [None, {}, {"data": None}, {"data": {}}, "models", 5, {"error": {"message": "no"}}])
def test_json_that_is_not_a_list_of_models_is_a_failure_of_the_server(listing: object):
    with pytest.raises(UpstreamFailed):
        listed_models(listing)
