"""Request body of ``POST /v1/chat/completions``: https://platform.openai.com/docs/api-reference/chat/create

OpenAI's parameters are of three kinds. Sampling options reach the model. Metadata is accepted and has no effect. The
others ask for kinds of answers that the server doesn't support: only their values without effect are accepted. Fields
that aren't listed here are refused, so that no parameter is ignored silently.
"""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, WithJsonSchema
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from chat_app.api.http.errors import InvalidField
from chat_app.api.stream.schemas import HistoryMessage, StreamBody, Text
from chat_app.models.request import REASONING_EFFORTS, Options

MAX_STOP_SEQUENCES = 4  # OpenAI's limit

_INT64 = 2**63


class Only:
    """Annotation of a field that accepts only these values, and ``null`` unless it is required."""

    def __init__(self, *values: object, required: bool = False) -> None:
        self._values = values if required else (None, *values)

    def __get_pydantic_core_schema__(self, *_: object) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self._check)

    def __get_pydantic_json_schema__(self, *_: object) -> dict[str, Any]:
        return {"enum": [*self._values]}

    def _check(self, value: object) -> object:
        # ``True == 1`` in Python, but not in JSON.
        if any(value == known and isinstance(value, bool) is isinstance(known, bool) for known in self._values):
            return value
        named = [str(known) for known in self._values if known is not None and known != []]
        if named:
            raise PydanticCustomError("unsupported_value", "only {allowed}", {"allowed": ", ".join(named)})
        raise PydanticCustomError("unsupported", "unsupported")


Unsupported = Annotated[Any, Only()]
Metadata = Annotated[Any, Field(description="Accepted, without effect.")]


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")


class TextPart(_Strict):
    """A text part of a message; other parts aren't supported."""

    type: Annotated[Literal["text"], Only("text", required=True)]
    text: Text
    prompt_cache_breakpoint: Metadata = None


def _kind_of_content(content: object) -> str:
    return "<parts>" if isinstance(content, list) else "<text>"


Content = Annotated[
    Annotated[Text, Tag("<text>")] | Annotated[list[TextPart], Tag("<parts>")], Discriminator(_kind_of_content)
]


class ChatMessage(_Strict):
    """A message. The system prompt is the server's; a system message becomes part of the question."""

    role: Annotated[
        Literal["system", "developer", "user", "assistant"],
        Only("system", "developer", "user", "assistant", required=True),
    ]
    content: Content
    name: Unsupported = None
    # Fields of answers: clients send an answer back in the history as they received it.
    reasoning_content: Metadata = None
    refusal: Unsupported = None
    annotations: Annotated[Any, Only([])] = None
    audio: Unsupported = None
    function_call: Unsupported = None
    tool_calls: Annotated[Any, Only([])] = None

    @property
    def text(self) -> str:
        """The text of all parts."""
        return self.content if isinstance(self.content, str) else "".join(part.text for part in self.content)


class StreamOptions(_Strict):
    """Options of a stream."""

    include_usage: bool | None = False
    include_obfuscation: Annotated[Any, Only(False)] = None


def _as_list(stop: object) -> object:
    return [stop] if isinstance(stop, str) else stop


Stop = Annotated[
    list[Annotated[Text, Field(min_length=1)]],
    Field(max_length=MAX_STOP_SEQUENCES),
    BeforeValidator(_as_list),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "maxItems": 4}]}),
]
_FORMATS = ("text", "json_object", "json_schema")


def _known_format(value: dict[str, Any]) -> dict[str, Any]:
    if value.get("type") not in _FORMATS:
        raise PydanticCustomError("unsupported_value", "only {allowed}", {"allowed": ", ".join(_FORMATS)})
    return value


ResponseFormat = Annotated[dict[str, Any], AfterValidator(_known_format)]
Tokens = Annotated[int, Field(ge=1, lt=_INT64)]


class CompletionRequest(_Strict):
    """A request for a chat completion."""

    model: str
    messages: list[ChatMessage] = Field(min_length=1)
    stream: bool | None = False
    stream_options: StreamOptions | None = None

    # Options of the generation: passed on to the model.
    temperature: float | None = Field(None, ge=0, le=2, allow_inf_nan=False)
    top_p: float | None = Field(None, ge=0, le=1, allow_inf_nan=False)
    max_completion_tokens: Tokens | None = None
    max_tokens: Tokens | None = Field(None, description="Deprecated name of max_completion_tokens.")
    stop: Stop | None = None
    seed: int | None = Field(None, ge=-_INT64, lt=_INT64)
    reasoning_effort: Annotated[str | None, Only(*REASONING_EFFORTS)] = None
    response_format: ResponseFormat | None = Field(None, description="An answer in JSON: passed on as it is.")

    # Metadata: bookkeeping, caching and billing at OpenAI.
    user: Metadata = None
    safety_identifier: Metadata = None
    metadata: Metadata = None
    prompt_cache_key: Metadata = None
    prompt_cache_retention: Metadata = None
    prompt_cache_options: Metadata = None
    service_tier: Annotated[Any, Only("auto", "default")] = None
    store: Annotated[Any, Only(False)] = None

    # Unsupported kinds of answers: only the values without effect.
    n: Annotated[Any, Only(1)] = None
    tools: Annotated[Any, Only([])] = None
    tool_choice: Annotated[Any, Only("none", "auto")] = None
    parallel_tool_calls: Annotated[Any, Only(True, False)] = None
    functions: Annotated[Any, Only([])] = None
    function_call: Annotated[Any, Only("none", "auto")] = None
    modalities: Annotated[Any, Only(["text"])] = None
    audio: Unsupported = None
    logprobs: Annotated[Any, Only(False)] = None
    top_logprobs: Annotated[Any, Only(0)] = None
    logit_bias: Annotated[Any, Only({})] = None
    frequency_penalty: Annotated[Any, Only(0)] = None
    presence_penalty: Annotated[Any, Only(0)] = None
    verbosity: Unsupported = None
    prediction: Unsupported = None
    moderation: Unsupported = None
    web_search_options: Unsupported = None

    @property
    def wants_usage(self) -> bool:
        """Return True if a stream shall end with a chunk of usage."""
        return bool(self.stream_options and self.stream_options.include_usage)

    def options(self) -> Options:
        """The options of the generation.

        Raises:
            InvalidField: Both names of the token limit are given.
        """
        if None not in (self.max_tokens, self.max_completion_tokens):
            raise InvalidField("max_completion_tokens", "both_limits")
        return Options(
            temperature=self.temperature,
            top_p=self.top_p,
            max_tokens=self.max_completion_tokens or self.max_tokens,
            stop=tuple(self.stop or ()),
            seed=self.seed,
            reasoning_effort=self.reasoning_effort,
            response_format=None if self.response_format == {"type": "text"} else self.response_format,
        )

    def stream_body(self) -> StreamBody:
        """The same request as a body for ``/stream``.

        Raises:
            InvalidField: The last message is the assistant's.
        """
        *history, last = self.messages
        if last.role == "assistant":
            raise InvalidField("messages", "last_is_an_answer")
        return StreamBody.model_construct(message=last.text, history=_history(history), model=self.model)


def _history(messages: Sequence[ChatMessage]) -> list[HistoryMessage]:
    return [
        HistoryMessage(role="assistant" if message.role == "assistant" else "user", content=message.text)
        for message in messages
        if message.text
    ]
