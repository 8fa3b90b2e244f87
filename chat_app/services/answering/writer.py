"""Writing of one answer's log: events of the model are folded into parts, timed and appended."""

from collections.abc import Sequence

from chat_app.models.content import Content
from chat_app.models.events import AnswerEvent, ModelEvent, PartEvent, StepEnded
from chat_app.models.message import Message, Outcome, Status, Usage
from chat_app.services.answering.replay import part_events
from chat_app.services.answering.stopwatch import Stopwatch
from chat_app.services.ports import AnswerLog


class AnswerWriter:
    """The only writer of an answer's log.

    Args:
        message: The stored message that the answer continues; its parts come first.

    Attributes:
        content: The parts so far.
    """

    def __init__(self, answer_id: str, log: AnswerLog, message: Message | None) -> None:
        self._id = answer_id
        self._log = log
        self._stopwatch = Stopwatch(message.outcome.duration if message and message.outcome else None)
        self._step = StepEnded("")
        self._usage: Usage | None = None
        self.content = Content(message.parts if message else ())

    @property
    def first_token(self) -> float | None:
        """Seconds to the model's first piece; ``None`` before it."""
        return self._stopwatch.first_token

    async def begin(self) -> None:
        """Append the parts of the message that the answer continues."""
        for event in part_events(self.content.parts, is_open=True):
            await self.append(event)

    async def write(self, event: ModelEvent) -> None:
        """Append the events that one event of the model adds to the answer."""
        if not isinstance(event, StepEnded):
            await self._append_parts(self.content.write(event))
            return
        await self.close()
        self._step = event
        self._usage = event.usage if self._usage is None else self._usage + event.usage
        if self.content.count:
            await self.append(event)

    async def close(self) -> None:
        """End the last part."""
        await self._append_parts(self.content.close())

    async def append(self, event: AnswerEvent) -> None:
        """Append an event unchanged."""
        await self._log.append(self._id, event)

    def outcome(self, status: Status, error_code: str = "") -> Outcome:
        """The outcome of the answer if it ends now."""
        return Outcome(
            status,
            finish=self._step.finish,
            model=self._step.model,
            usage=self._usage,
            error_code=error_code,
            duration=self._stopwatch.duration,
        )

    async def _append_parts(self, events: Sequence[PartEvent]) -> None:
        for untimed in events:
            event = self._stopwatch.note(untimed)
            self.content.apply(event)
            await self._log.append(self._id, event)
