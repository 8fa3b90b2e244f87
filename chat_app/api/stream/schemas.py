"""Request and response models of ``/stream``, and the checks against the configured limits."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from chat_app.agent import Agents
from chat_app.api.http.errors import InvalidField
from chat_app.config import Settings
from chat_app.models.message import ID_PATTERN, Role, Turn
from chat_app.models.request import Options, ReasoningEffort
from chat_app.services.conversations.settings import MAX_INSTRUCTION_CHARS, MAX_TEMPERATURE, MAX_TOKENS


def _without_surrogates(text: str) -> str:
    # JSON can escape half of a surrogate pair, which can't be stored or sent on.
    text.encode()
    return text


_OPTIONS = ("temperature", "top_p", "max_tokens", "reasoning_effort", "web_search", "instructions")
_OPTION = "As in OpenAI's API; only without conversation_id, since a conversation has its own settings."

Id = Annotated[str, Field(pattern=f"^{ID_PATTERN}$")]
Text = Annotated[str, AfterValidator(_without_surrogates)]


class HistoryMessage(BaseModel):
    """An earlier message of the conversation. No system role: the system prompt is the server's."""

    model_config = ConfigDict(strict=True, extra="forbid")

    role: Literal["user", "assistant"]
    content: Text = Field(min_length=1)


class StreamRequest(BaseModel):
    """A request for an answer: the fields common to GET and POST."""

    model_config = ConfigDict(strict=True)

    message: Text = Field(description="The question.")
    conversation_id: Id | None = Field(None, description="Ask in this conversation; only with a visitor cookie.")
    id: Id | None = Field(
        None,
        description="Idempotency key, preferably a random UUID: repeating a request with its id never asks twice.",
    )
    model: str | None = Field(None, description="An id of ``/v1/models``; the first of them by default.")
    # Options of the answer. Not strict, as the following fields: a URL has only strings.
    temperature: float | None = Field(None, strict=False, ge=0, le=MAX_TEMPERATURE, description=_OPTION)
    top_p: float | None = Field(None, strict=False, ge=0, le=1, description=_OPTION)
    max_tokens: int | None = Field(None, strict=False, ge=1, le=MAX_TOKENS, description=_OPTION)
    reasoning_effort: ReasoningEffort | None = Field(None, description=_OPTION)
    web_search: bool | None = Field(
        None, strict=False, description="Let the model search the web; only without conversation_id."
    )
    instructions: Text | None = Field(
        None, max_length=MAX_INSTRUCTION_CHARS, description="Added to the system prompt; only without conversation_id."
    )
    files: list[Id] = Field([], description="Ids of uploaded files that belong to the question.")
    reasoning: bool = Field(False, strict=False, description="Send the model's reasoning too.")
    parts: bool = Field(False, strict=False, description="Send parts other than text too, such as tool calls.")

    @property
    def options(self) -> Options:
        """The options of the answer."""
        return Options(
            temperature=self.temperature,
            top_p=self.top_p,
            max_tokens=self.max_tokens,
            reasoning_effort=self.reasoning_effort,
            web_search=self.web_search or False,
            instructions=self.instructions or "",
        )


class StreamQuery(StreamRequest):
    """The query string of ``GET /stream``."""

    ticket: str | None = Field(None, description="A ticket in place of an API key.")


class StreamBody(StreamRequest):
    """The request body of ``POST /stream``."""

    model_config = ConfigDict(strict=True, extra="forbid")

    history: list[HistoryMessage] = Field(
        [], description="Earlier messages, oldest first; not together with ``conversation_id``."
    )


class TicketResponse(BaseModel):
    """A ticket that lets a browser start one answer."""

    ticket: str = Field(description="For the query of ``GET /stream``.")
    expires_in: int = Field(description="Seconds until the answer has to be started.")


def ensure_valid(params: StreamRequest, settings: Settings, agents: Agents) -> None:
    """Check a request against the configured limits and models.

    Raises:
        InvalidField: It exceeds a limit, its model doesn't exist, or its conversation has what it has too.
    """
    if not params.message.strip() and not params.files:
        raise InvalidField("message", "blank")
    if len(params.message) > settings.max_message_chars:
        raise InvalidField("message", "too_long", max=settings.max_message_chars)
    if agents.get(params.model or "") is None:
        raise InvalidField("model", "other_model", model=agents.summary)
    if params.conversation_id and (own := [name for name in _OPTIONS if getattr(params, name) is not None]):
        raise InvalidField(own[0], "own_history")
    history = params.history if isinstance(params, StreamBody) else []
    if history and params.conversation_id:
        raise InvalidField("history", "own_history")
    if len(history) > settings.max_history_messages:
        raise InvalidField("history", "too_many", max=settings.max_history_messages)
    if sum(len(message.content) for message in history) > settings.max_history_chars:
        raise InvalidField("history", "too_long", max=settings.max_history_chars)


def history_of(params: StreamRequest) -> list[Turn]:
    """The earlier messages as the model gets them."""
    messages = params.history if isinstance(params, StreamBody) else []
    return [Turn(Role(message.role), message.content) for message in messages]
