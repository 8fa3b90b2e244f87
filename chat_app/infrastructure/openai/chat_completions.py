"""The dialect of chat completions: https://platform.openai.com/docs/api-reference/chat/create"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from openai import APIStatusError

from chat_app.infrastructure.openai.chunks import ChunkReader
from chat_app.infrastructure.openai.dialect import Prompt
from chat_app.infrastructure.openai.turn_content import chat_content
from chat_app.models.request import Options


@dataclass(frozen=True, slots=True)
class ChatCompletions:
    """Chat completions, as nearly all servers have them. Implements ``Dialect``.

    Attributes:
        limit: The server's name of the limit of tokens.
        counts_tokens: Whether it can be asked for usage.
    """

    limit: str = "max_tokens"
    counts_tokens: bool = True

    path: ClassVar[str] = "/chat/completions"
    parameters: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "temperature": ("temperature",),
        "top_p": ("top_p",),
        "stop": ("stop",),
        "seed": ("seed",),
        "reasoning_effort": ("reasoning_effort",),
        "response_format": ("response_format",),
        "max_tokens": ("max_tokens", "max_completion_tokens"),
    }

    def body(self, prompt: Prompt, options: Options) -> dict[str, Any]:
        system = [{"role": "system", "content": prompt.system}] if prompt.system else []
        chosen = {
            self.limit: prompt.max_tokens,
            "temperature": options.temperature,
            "top_p": options.top_p,
            "stop": list(options.stop) or None,
            "seed": options.seed,
            "reasoning_effort": options.reasoning_effort,
            "response_format": options.response_format,
            "stream_options": {"include_usage": True} if self.counts_tokens else None,
        }
        return {
            "model": prompt.model,
            "messages": [*system, *({"role": turn.role.value, "content": chat_content(turn)} for turn in prompt.turns)],
            "stream": True,
            **{name: value for name, value in chosen.items() if value is not None},
        }

    def takes(self, options: Options) -> bool:
        return True

    def reader(self) -> ChunkReader:
        return ChunkReader()

    def adapted(self, error: APIStatusError, body: Mapping[str, Any]) -> "ChatCompletions | None":
        if error.status_code not in (400, 422):
            return None
        complaint = error.response.text
        if "stream_options" in complaint and "stream_options" in body:
            return replace(self, counts_tokens=False)
        # OpenAI's newer models know only this name, most other servers only the older one.
        if "max_completion_tokens" in complaint and "max_tokens" in body:
            return replace(self, limit="max_completion_tokens")
        return None
