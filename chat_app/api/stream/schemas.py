"""What ``/stream`` is asked, checked before anything happens."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from chat_app.agent import Agents
from chat_app.config import Settings
from chat_app.models.errors import InvalidRequest
from chat_app.models.message import ID_PATTERN, Role, Turn


def _whole(text: str) -> str:
    # JSON can escape half of a surrogate pair, which can't be stored or sent on.
    text.encode()
    return text


Id = Annotated[str, Field(pattern=f"^{ID_PATTERN}$")]
Text = Annotated[str, AfterValidator(_whole)]


class InvalidField(InvalidRequest):
    """A field's value can't be used. The response names the field and the problem.

    Args:
        field: Its path in the request, such as ``messages[0].content``.
        problem: A key of ``Catalogue.problems``; or a sentence in English, where a library has found the problem.
        status: The HTTP status, where it says more than that of the error's code.
        values: For the placeholders of the sentence.
    """

    def __init__(self, field: str, problem: str, *, status: int | None = None, **values: object) -> None:
        super().__init__(f"{field}: {problem} {values or ''}".rstrip())
        self.field = field
        self.problem = problem
        self.status = status
        self.values = values


class HistoryTurn(BaseModel):
    """An earlier message. There is no system role: what the model is told first is the server's own."""

    model_config = ConfigDict(strict=True, extra="forbid")

    role: Literal["user", "assistant"]
    content: Text = Field(min_length=1)


class Question(BaseModel):
    """A question, as far as it is the same however it is asked."""

    model_config = ConfigDict(strict=True)

    message: Text = Field(description="What to answer.")
    conversation_id: Id | None = Field(None, description="Ask in this conversation of the visitor's.")
    id: Id | None = Field(
        None, description="Made up by the client, best a random UUID: the same question with the same id is asked once."
    )
    model: str | None = Field(None, description="One of ``/v1/models``; the first of them by default.")
    # A URL has only strings.
    reasoning: bool = Field(False, strict=False, description="Whether to send what the model thinks, too.")
    parts: bool = Field(False, strict=False, description="Whether to send parts that are no text, such as tool calls.")


class QuestionInUrl(Question):
    """A question in a URL."""

    ticket: str | None = Field(None, description="In place of a key.")


class PostedQuestion(Question):
    """A question in a request's body."""

    model_config = ConfigDict(strict=True, extra="forbid")

    history: list[HistoryTurn] = Field([], description="Earlier messages, oldest first; not in a conversation.")


class NewTicket(BaseModel):
    """A ticket."""

    ticket: str = Field(description="To be passed on to a browser.")
    expires_in: int = Field(description="Seconds in which it has to start its answer.")


def ensure_allowed(question: Question, settings: Settings, agents: Agents) -> None:
    """Raises:
    InvalidField: The question is outside the configured limits, or asks for what there isn't.
    """
    if not question.message.strip():
        raise InvalidField("message", "blank")
    if len(question.message) > settings.max_message_chars:
        raise InvalidField("message", "too_long", max=settings.max_message_chars)
    if agents.get(question.model or "") is None:
        raise InvalidField("model", "other_model", model=", ".join(each.name for each in agents))
    if isinstance(question, PostedQuestion):
        _ensure_history_allowed(question, settings)


def _ensure_history_allowed(question: PostedQuestion, settings: Settings) -> None:
    if question.history and question.conversation_id:
        raise InvalidField("history", "own_history")
    if len(question.history) > settings.max_history_messages:
        raise InvalidField("history", "too_many", max=settings.max_history_messages)
    if sum(len(turn.content) for turn in question.history) > settings.max_history_chars:
        raise InvalidField("history", "too_long", max=settings.max_history_chars)


def history_of(question: Question) -> list[Turn]:
    """The earlier messages as the model sees them."""
    turns = question.history if isinstance(question, PostedQuestion) else []
    return [Turn(Role(turn.role), turn.content) for turn in turns]
