"""What an OpenAI-compatible client asks: https://platform.openai.com/docs/api-reference/chat/create"""

from typing import Any, Literal

from pydantic import BaseModel, Field

from chat_app.api.schemas import HistoryTurn, InvalidField, PostedQuestion, Text


class TextPart(BaseModel):
    """A part of a message; there are no others than text."""

    type: Literal["text"]
    text: Text


class ChatMessage(BaseModel):
    """A message. What the model is told first is the server's own; a system message becomes part of the question."""

    role: Literal["system", "developer", "user", "assistant"]
    content: Text | list[TextPart]

    @property
    def text(self) -> str:
        return self.content if isinstance(self.content, str) else "".join(part.text for part in self.content)


class StreamOptions(BaseModel):
    include_usage: bool = False


class Completion(BaseModel):
    """A request for a chat completion. How the model writes is the server's choice: other parameters don't count."""

    model: str
    messages: list[ChatMessage] = Field(min_length=1)
    stream: bool | None = False
    stream_options: StreamOptions | None = None
    # What would make the answer another kind of thing is refused rather than ignored.
    n: Literal[1] | None = 1
    tools: list[Any] | None = Field(None, max_length=0)
    functions: list[Any] | None = Field(None, max_length=0)
    response_format: dict[Literal["type"], Literal["text"]] | None = None

    @property
    def wants_usage(self) -> bool:
        return self.stream_options is not None and self.stream_options.include_usage

    def question(self) -> PostedQuestion:
        """The same, asked the way ``/stream`` is.

        Raises:
            InvalidField: The last message isn't the user's.
        """
        *history, last = self.messages
        if last.role != "user":
            raise InvalidField("messages", "the last one has to be the user's")
        turns = [
            HistoryTurn(role="assistant" if message.role == "assistant" else "user", content=message.text)
            for message in history
            if message.text
        ]
        return PostedQuestion.model_construct(message=last.text, history=turns)
