"""The model and the earlier messages of every peer's chat."""

import json
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import openai

client = openai.AsyncOpenAI()


def earlier_messages(count: int) -> list[dict[str, Any]]:
    """The first ``count`` messages of the file that the variable ``MESSAGES`` names."""
    texts = json.loads(Path(os.environ["MESSAGES"]).read_text())[:count]
    return [{"role": ("user", "assistant")[number % 2], "content": text} for number, text in enumerate(texts)]


async def answer(messages: list[Any]) -> AsyncIterator[str]:
    """Stream the model's answer, token by token."""
    stream = await client.chat.completions.create(model="fake", messages=messages, stream=True)
    async for chunk in stream:
        if chunk.choices and (text := chunk.choices[0].delta.content):
            yield text
