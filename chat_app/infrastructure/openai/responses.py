"""The dialect of the Responses API: https://platform.openai.com/docs/api-reference/responses/create"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from openai import APIStatusError

from chat_app.infrastructure.openai.chat_completions import ChatCompletions
from chat_app.infrastructure.openai.dialect import Dialect, Prompt
from chat_app.infrastructure.openai.response_events import ResponseReader
from chat_app.infrastructure.openai.turn_content import response_content
from chat_app.models.request import Options

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Responses:
    """The Responses API. Implements ``Dialect``.

    Attributes:
        summarizes: Whether the model is asked for summaries of its reasoning. Models that don't reason refuse that.
    """

    summarizes: bool = True

    path: ClassVar[str] = "/responses"
    parameters: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "temperature": ("temperature",),
        "top_p": ("top_p",),
        "reasoning_effort": ("reasoning.effort", "reasoning_effort"),
        "response_format": ("text.format",),
        "max_tokens": ("max_output_tokens",),
        "web_search": ("tools", "web_search"),
    }

    def body(self, prompt: Prompt, options: Options) -> dict[str, Any]:
        reasoning = {
            **({"effort": options.reasoning_effort} if options.reasoning_effort else {}),
            **({"summary": "auto"} if self.summarizes else {}),
        }
        chosen = {
            "instructions": prompt.system or None,
            "max_output_tokens": prompt.max_tokens,
            "temperature": options.temperature,
            "top_p": options.top_p,
            "reasoning": reasoning or None,
            "text": {"format": _text_format(options.response_format)} if options.response_format else None,
            "tools": [{"type": "web_search"}] if options.web_search else None,
        }
        return {
            "model": prompt.model,
            "input": [{"role": turn.role.value, "content": response_content(turn)} for turn in prompt.turns],
            "stream": True,
            "store": False,
            **{name: value for name, value in chosen.items() if value is not None},
        }

    def takes(self, options: Options) -> bool:
        # Its ``json_object`` requires the word "JSON" in the messages, apart from the instructions.
        is_json = (options.response_format or {}).get("type") == "json_object"
        return not (options.stop or options.seed is not None or is_json)

    def reader(self) -> ResponseReader:
        return ResponseReader()

    def adapted(self, error: APIStatusError, body: Mapping[str, Any]) -> Dialect | None:
        complaint = error.response.text
        if error.status_code in (404, 405, 501) and "model" not in complaint.lower():
            logger.warning("the model server has no Responses API; chat completions are used instead")
            return ChatCompletions()
        if error.status_code not in (400, 422) or "summary" not in body.get("reasoning", {}):
            return None
        is_about_reasoning = error.param in ("reasoning", "reasoning.summary") or "reasoning.summary" in complaint
        return replace(self, summarizes=False) if is_about_reasoning else None


def _text_format(response_format: Mapping[str, Any]) -> dict[str, Any]:
    """Return the ``response_format`` of chat completions in the form of the Responses API."""
    schema = response_format.get("json_schema")
    return {"type": response_format.get("type"), **(schema if isinstance(schema, Mapping) else {})}
