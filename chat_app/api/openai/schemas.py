"""Request body of ``POST /v1/chat/completions``: https://platform.openai.com/docs/api-reference/chat/create

A parameter of OpenAI's is of one of three kinds. Some reach the model. Metadata is accepted and changes nothing. The
others ask for a kind of answer that the server can't give: of these only the values are accepted that change nothing.
Unlisted fields are refused too, so that no parameter is ignored silently.
"""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, WithJsonSchema
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from chat_app.api.stream.schemas import HistoryTurn, InvalidField, PostedQuestion, Text
from chat_app.models.request import Options

MAX_STOP_SEQUENCES = 4  # as OpenAI has it

_INT64 = 2**63


class Only:
    """Annotation of a field that supports only these values, and ``null`` unless the field is required."""

    def __init__(self, *values: object, required: bool = False) -> None:
        self._values = values if required else (None, *values)

    def __get_pydantic_core_schema__(self, *_: object) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self._check)

    def __get_pydantic_json_schema__(self, *_: object) -> dict[str, Any]:
        return {"enum": [*self._values]}

    def _check(self, value: object) -> object:
        # In Python True is 1, in JSON it isn't.
        if any(value == known and isinstance(value, bool) is isinstance(known, bool) for known in self._values):
            return value
        named = [str(known) for known in self._values if known is not None and known != []]
        if named:
            raise PydanticCustomError("unsupported_value", "only {allowed}", {"allowed": ", ".join(named)})
        raise PydanticCustomError("unsupported", "unsupported")


Unsupported = Annotated[Any, Only()]
Metadata = Annotated[Any, Field(description="Accepted; it changes nothing.")]


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")


class TextPart(_Part):
    """A part of a message; parts other than text are refused."""

    type: Annotated[Literal["text"], Only("text", required=True)]
    text: Text
    prompt_cache_breakpoint: Metadata = None


def _kind_of_content(content: object) -> str:
    return "<parts>" if isinstance(content, list) else "<text>"


Content = Annotated[
    Annotated[Text, Tag("<text>")] | Annotated[list[TextPart], Tag("<parts>")], Discriminator(_kind_of_content)
]


class ChatMessage(_Part):
    """A message. The server has a system prompt of its own; a system message becomes part of the question."""

    role: Annotated[
        Literal["system", "developer", "user", "assistant"],
        Only("system", "developer", "user", "assistant", required=True),
    ]
    content: Content
    name: Unsupported = None
    # Fields of OpenAI's and of this server's answers, which programs send back as they got them.
    reasoning_content: Metadata = None
    refusal: Unsupported = None
    annotations: Annotated[Any, Only([])] = None
    audio: Unsupported = None
    function_call: Unsupported = None
    tool_calls: Annotated[Any, Only([])] = None

    @property
    def text(self) -> str:
        return self.content if isinstance(self.content, str) else "".join(part.text for part in self.content)


class StreamOptions(_Part):
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
Tokens = Annotated[int, Field(ge=1, lt=_INT64)]


class Completion(_Part):
    """A request for a chat completion."""

    model: str
    messages: list[ChatMessage] = Field(min_length=1)
    stream: bool | None = False
    stream_options: StreamOptions | None = None

    # Sampling options, which reach the model.
    temperature: float | None = Field(None, ge=0, le=2, allow_inf_nan=False)
    top_p: float | None = Field(None, ge=0, le=1, allow_inf_nan=False)
    max_completion_tokens: Tokens | None = None
    max_tokens: Tokens | None = Field(None, description="The older name of max_completion_tokens.")
    stop: Stop | None = None
    seed: int | None = Field(None, ge=-_INT64, lt=_INT64)

    # Metadata: OpenAI uses it for bookkeeping, caching and billing, so no answer depends on it.
    user: Metadata = None
    safety_identifier: Metadata = None
    metadata: Metadata = None
    prompt_cache_key: Metadata = None
    prompt_cache_retention: Metadata = None
    prompt_cache_options: Metadata = None
    service_tier: Annotated[Any, Only("auto", "default")] = None
    store: Annotated[Any, Only(False)] = None

    # Parameters for other kinds of answers: only the values that change nothing.
    n: Annotated[Any, Only(1)] = None
    tools: Annotated[Any, Only([])] = None
    tool_choice: Annotated[Any, Only("none", "auto")] = None
    parallel_tool_calls: Annotated[Any, Only(True, False)] = None
    functions: Annotated[Any, Only([])] = None
    function_call: Annotated[Any, Only("none", "auto")] = None
    response_format: Annotated[Any, Only({"type": "text"})] = None
    modalities: Annotated[Any, Only(["text"])] = None
    audio: Unsupported = None
    logprobs: Annotated[Any, Only(False)] = None
    top_logprobs: Annotated[Any, Only(0)] = None
    logit_bias: Annotated[Any, Only({})] = None
    frequency_penalty: Annotated[Any, Only(0)] = None
    presence_penalty: Annotated[Any, Only(0)] = None
    reasoning_effort: Unsupported = None
    verbosity: Unsupported = None
    prediction: Unsupported = None
    moderation: Unsupported = None
    web_search_options: Unsupported = None

    @property
    def wants_usage(self) -> bool:
        return bool(self.stream_options and self.stream_options.include_usage)

    def options(self) -> Options:
        """The sampling options.

        Raises:
            InvalidField: The limit of tokens is given under both of its names.
        """
        if None not in (self.max_tokens, self.max_completion_tokens):
            raise InvalidField("max_completion_tokens", "both_limits")
        return Options(
            temperature=self.temperature,
            top_p=self.top_p,
            max_tokens=self.max_completion_tokens or self.max_tokens,
            stop=tuple(self.stop or ()),
            seed=self.seed,
        )

    def question(self) -> PostedQuestion:
        """The question in the form of ``/stream``.

        Raises:
            InvalidField: The last message is an answer.
        """
        *history, last = self.messages
        if last.role == "assistant":
            raise InvalidField("messages", "last_is_an_answer")
        return PostedQuestion.model_construct(message=last.text, history=_turns(history), model=self.model)


def _turns(messages: Sequence[ChatMessage]) -> list[HistoryTurn]:
    return [
        HistoryTurn(role="assistant" if message.role == "assistant" else "user", content=message.text)
        for message in messages
        if message.text
    ]
