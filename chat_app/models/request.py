"""Requests for an answer, and the options of its generation."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from chat_app.models.message import Turn
from chat_app.models.principal import Caller

LEFT_OUT = "left_out"
"""Name of the ``Data`` whose value is the name of an option that the model doesn't support, or ``EARLIER_MESSAGES``."""

EARLIER_MESSAGES = "earlier_messages"
"""Value of a ``LEFT_OUT`` for the messages that didn't fit the model's context."""

WEB_SEARCH = "web_search"
"""Name of the tool with which a model searches the web."""

ReasoningEffort = Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]
REASONING_EFFORTS = get_args(ReasoningEffort)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Options of the generation under OpenAI's names. ``None`` and an empty ``stop`` mean the server's default.

    Attributes:
        temperature: Randomness, from 0 to 2.
        top_p: Nucleus sampling: the probability mass that tokens are drawn from, from 0 to 1.
        max_tokens: Upper bound on the tokens of reasoning and text, also known as ``max_completion_tokens``.
        stop: Stop sequences: the answer ends before the first one.
        seed: Seed of the sampling, for repeatable answers on servers that support it.
        reasoning_effort: How much a reasoning model reasons, one of ``REASONING_EFFORTS``.
        response_format: OpenAI's object for answers in JSON, with or without a schema.
        web_search: Whether the model may search the web.
        instructions: Added to the system prompt.
        are_optional: Whether to leave out options that the model doesn't support, instead of failing. The answer then
            begins with a ``Data`` named ``LEFT_OUT``, if this wasn't known before. The same goes for the earliest
            messages if the prompt is too long for the model; each answer without them says so.
    """

    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    stop: tuple[str, ...] = ()
    seed: int | None = None
    reasoning_effort: str | None = None
    response_format: Mapping[str, Any] | None = None
    web_search: bool = False
    instructions: str = ""
    are_optional: bool = False


DEFAULT_OPTIONS = Options()


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerRequest:
    """A request for one answer.

    Attributes:
        answer_id: The answer's id and idempotency key: the same id from the same caller is the same answer.
        messages: The prompt, oldest first; the question is the last.
        model: The agent's name; empty for the default agent.
    """

    answer_id: str
    caller: Caller
    messages: tuple[Turn, ...]
    model: str = ""
    options: Options = DEFAULT_OPTIONS
