"""Decoding of the list of models, ``GET /models``: https://platform.openai.com/docs/api-reference/models/list

Servers list all their models, for chats or not. OpenAI's list has only names; others say what a model is for in fields
of their own, of which any may be missing or of another type.
"""

import re
from collections.abc import Iterator
from typing import Any

from chat_app.infrastructure.openai.fields import as_list, as_object
from chat_app.models.errors import UpstreamFailed
from chat_app.models.listed_model import Abilities, ListedModel
from chat_app.models.text import one_line

MAX_MODELS = 1000
MAX_CONTEXT = 10**9  # tokens
_MAX_NAME = 150  # an archive has names of up to 200 characters, with the prefix of a server

# Words in the names of models that can't chat, for lists that say nothing else: OpenAI's, and Ollama's embeddings.
_NO_CHAT = re.compile(
    r"(?<![a-z])(embed(ding)?|whisper|tts|dall-e|image|moderation|realtime|transcribe|audio|sora|davinci|babbage"
    r"|gpt-3\.5-turbo-instruct|rerank(er)?|bge|minilm)(?![a-z])",
    re.IGNORECASE,
)


def listed_models(listing: object) -> list[ListedModel]:
    """Return the models for chats in a list, at most ``MAX_MODELS``.

    Raises:
        UpstreamFailed: It isn't a list of models.
    """
    # Together sends the list alone.
    entries = listing.get("data") if isinstance(listing, dict) else listing
    if not isinstance(entries, list):
        raise UpstreamFailed("not a list of models")
    found: dict[str, ListedModel] = {}
    for model in _models(entries):
        found.setdefault(model.name, model)
        if len(found) == MAX_MODELS:
            break
    return list(found.values())


def _models(entries: list[Any]) -> Iterator[ListedModel]:
    for entry in entries:
        name = entry.get("id") if isinstance(entry, dict) else None
        # Without names that can't be shown in one line of the menu.
        if isinstance(name, str) and name and name == one_line(name, _MAX_NAME) and _can_chat(name, entry):
            title = entry.get("name")
            yield ListedModel(name, one_line(title, _MAX_NAME) if isinstance(title, str) else "", _abilities(entry))


def _abilities(entry: dict[str, Any]) -> Abilities:
    """Return what the list says about a model; servers say it in different fields, or not at all."""
    said = Abilities(context=_context(entry))
    match entry:
        case {"capabilities": {"completion_chat": bool()} as known}:  # Mistral
            said = said.or_else(Abilities(_flag(known, "vision"), _flag(known, "function_calling")))
        case {"capabilities": ["completion" | "multimodal", *_] as known}:  # Ollama, llama.cpp
            images = "vision" in known or "multimodal" in known
            said = said.or_else(Abilities(images, "tools" in known, "thinking" in known))
        case {"supports_image_input": bool(images)}:  # Fireworks
            said = said.or_else(Abilities(images, _flag(entry, "supports_tools")))
        case {"type": "vlm" | "llm" as kind}:  # LM Studio
            said = said.or_else(Abilities(kind == "vlm", "tool_use" in as_list(entry.get("capabilities")) or None))
    architecture = as_object(entry.get("architecture"))
    if isinstance(modalities := architecture.get("input_modalities") or entry.get("input_modalities"), list):
        said = said.or_else(Abilities("image" in modalities))  # OpenRouter, xAI
    if isinstance(parameters := entry.get("supported_parameters"), list):  # OpenRouter
        said = said.or_else(Abilities(tools="tools" in parameters, reasoning="reasoning" in parameters))
    return said


def _context(entry: dict[str, Any]) -> int | None:
    """Return the length of a model's context."""
    names = ("context_length", "max_model_len", "context_window", "max_context_length")
    lengths = (*(entry.get(name) for name in names), as_object(entry.get("meta")).get("n_ctx"))  # the last: llama.cpp
    return next((int(each) for each in lengths if isinstance(each, int | float) and 0 < each < MAX_CONTEXT), None)


def _flag(fields: dict[str, Any], name: str) -> bool | None:
    return value if isinstance(value := fields.get(name), bool) else None


def _can_chat(name: str, entry: dict[str, Any]) -> bool:
    """Return True unless the server says that the model isn't for chats, or its name does."""
    match entry:
        case {"capabilities": {"completion_chat": bool(can_chat)}}:  # Mistral
            return can_chat
        case {"architecture": {"output_modalities": list(modalities)}}:  # OpenRouter
            return "text" in modalities
        case {"type": "embeddings" | "embedding" | "rerank" | "image" | "moderation" | "audio"}:  # LM Studio, Together
            return False
        case {"type": "chat" | "llm" | "vlm"}:
            return True
    return not _NO_CHAT.search(name)
