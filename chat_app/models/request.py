"""Requests for an answer, and sampling options."""

from dataclasses import dataclass

from chat_app.models.message import Turn
from chat_app.models.principal import Caller


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Sampling options under OpenAI's names. ``None`` and an empty ``stop`` mean the server's default.

    Attributes:
        temperature: Randomness, from 0 to 2.
        top_p: Nucleus sampling: the probability mass that tokens are drawn from, from 0 to 1.
        max_tokens: Upper bound on the tokens of reasoning and text, also known as ``max_completion_tokens``.
        stop: Stop sequences: the answer ends before the first one.
        seed: Seed of the sampling, for repeatable answers on servers that support it.
    """

    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    stop: tuple[str, ...] = ()
    seed: int | None = None


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
