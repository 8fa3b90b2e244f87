"""Abilities of Ollama's models, which its list of models doesn't have: https://docs.ollama.com/api/show"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from openai import APIError

from chat_app.infrastructure.openai.fields import as_list, as_object
from chat_app.infrastructure.openai.model_list import MAX_CONTEXT
from chat_app.models.errors import ModelError
from chat_app.models.listed_model import Abilities, ListedModel

_AT_ONCE = 4
_SECONDS = 5.0
_MAX_MODELS = 100

Show = Callable[[str], Awaitable[Any]]


def is_ollama(listing: object) -> bool:
    """Return True if the list of models is Ollama's: its models are owned by their namespace."""
    entries = as_list(as_object(listing).get("data"))
    return any(as_object(each).get("owned_by") == "library" for each in entries)


class OllamaAbilities:
    """Asks for the abilities of each model once.

    Args:
        show: Returns the JSON that Ollama has about the model with this name.
    """

    def __init__(self, show: Show) -> None:
        self._show = show
        self._known: dict[str, Abilities] = {}

    async def added_to(self, models: Sequence[ListedModel]) -> list[ListedModel]:
        """Return ``models`` with their abilities, as far as they are known within a few seconds."""
        slots = asyncio.Semaphore(_AT_ONCE)
        missing = [each.name for each in models if each.name not in self._known]
        with suppress(TimeoutError):
            async with asyncio.timeout(_SECONDS):
                await asyncio.gather(*(self._ask(name, slots) for name in missing[:_MAX_MODELS]))
        return [
            replace(each, abilities=each.abilities.or_else(self._known.get(each.name, Abilities()))) for each in models
        ]

    async def _ask(self, name: str, slots: asyncio.Semaphore) -> None:
        with suppress(APIError, ModelError):
            async with slots:
                self._known[name] = _abilities(as_object(await self._show(name)))


def _abilities(shown: dict[str, Any]) -> Abilities:
    if not (known := as_list(shown.get("capabilities"))):  # an older version
        return Abilities()
    lengths = (value for name, value in as_object(shown.get("model_info")).items() if name.endswith(".context_length"))
    context = next((each for each in lengths if isinstance(each, int) and 0 < each < MAX_CONTEXT), None)
    return Abilities("vision" in known, "tools" in known, "thinking" in known, context=context)
