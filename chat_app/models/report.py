"""How an answer went, for those who run the server."""

from dataclasses import dataclass

from chat_app.models.message import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One ended answer. There is nothing in it of what was asked or said.

    Attributes:
        first_token: Seconds from its beginning to the first piece of the model's; ``None`` if there was none.
    """

    answer_id: str
    outcome: Outcome
    first_token: float | None

    @property
    def result(self) -> str:
        """In a word: ``complete``, ``stopped``, or the code of the error."""
        return self.outcome.error_code or self.outcome.status.value
