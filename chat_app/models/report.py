"""How an answer went, for those who run the server."""

from dataclasses import dataclass

from chat_app.models.message import Status, Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One ended answer. There is nothing in it of what was asked or said.

    Attributes:
        error_code: That of ``chat_app.models.errors``, empty if nothing went wrong.
        first_token: Seconds from its beginning to the model's first word or thought; ``None`` if there was none.
        duration: Seconds from its beginning to its end.
        model: The model's own name for itself.
    """

    answer_id: str
    status: Status
    error_code: str
    first_token: float | None
    duration: float
    model: str
    usage: Usage | None

    @property
    def outcome(self) -> str:
        """In a word: ``complete``, ``stopped``, or the code of the error."""
        return self.error_code or self.status.value
