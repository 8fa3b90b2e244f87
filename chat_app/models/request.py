"""What an agent is asked."""

from dataclasses import dataclass

from chat_app.models.caller import Caller
from chat_app.models.message import Turn
from chat_app.models.options import DEFAULT_OPTIONS, Options


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerRequest:
    """A request for one answer.

    Attributes:
        answer_id: The id that the answer gets; the same id from the same caller is the same answer.
        messages: The conversation, oldest first; the question is the last.
        model: The name of the agent that is to answer; the default one if empty.
    """

    answer_id: str
    caller: Caller
    messages: tuple[Turn, ...]
    model: str = ""
    options: Options = DEFAULT_OPTIONS
