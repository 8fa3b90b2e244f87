"""A trial: questions asked while faults happen, and the comparison of what readers and storage have."""

import asyncio
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from chat_app.models.message import Message
from tests.faults.ground import Ground
from tests.faults.reader import Question, Reader

_WORD = re.compile(r"\S+-(\d+) ")
_ENDS = ("complete", "interrupted")


@dataclass
class Result:
    """A line of the table.

    Attributes:
        sent: Questions.
        received: Answers whose end all of their readers have.
        lost: Words that storage or another reader has, and a reader hasn't, or the other way round.
        duplicated: Words that a reader has twice.
        billed_twice: Calls of the model for a question after the first.
        slowest: Seconds from a fault, or from its end, to the next frame of a reader.
        errors: What readers were told, or met, beside the answers.
        problems: What went wrong, in words.
    """

    fault: str
    sent: int = 0
    received: int = 0
    complete: int = 0
    interrupted: int = 0
    lost: int = 0
    duplicated: int = 0
    billed_twice: int = 0
    slowest: float = 0.0
    errors: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)

    @property
    def is_sound(self) -> bool:
        """Return True if nothing was lost, duplicated or billed twice, and all else was as it should be."""
        return self.received == self.sent and not (self.lost or self.duplicated or self.billed_twice or self.problems)


@dataclass
class _Asked:
    question: Question
    readers: list[Reader]


class Trial:
    """Asks questions, and counts.

    Args:
        words: The number of words in an answer.
        patience: Seconds after which a reader without an end counts as lost.
    """

    def __init__(self, ground: Ground, fault: str, *, words: int = 60, patience: float = 90.0) -> None:
        self.ground = ground
        self.result = Result(fault)
        self._words = words
        self._patience = patience
        self._asked: list[_Asked] = []
        self._marks: list[float] = []

    @property
    def begun(self) -> int:
        """The number of answers that have begun."""
        return sum(asked.readers[0].started.is_set() for asked in self._asked)

    @property
    def interrupted(self) -> list[Question]:
        """Questions whose answers were interrupted."""
        return [asked.question for asked in self._asked if asked.readers[0].status == "interrupted"]

    @property
    def errors(self) -> Counter[str]:
        """What readers were told, or met, beside the answers."""
        return sum((reader.errors for asked in self._asked for reader in asked.readers), Counter[str]())

    def mark(self) -> None:
        """Measure recovery from now on."""
        self._marks.append(asyncio.get_running_loop().time())

    def expect(self, is_fulfilled: object, otherwise: str) -> None:
        """Note a problem unless something is as it should be."""
        if not is_fulfilled:
            self.result.problems.append(otherwise)

    async def ask_all(self, count: int, *, at_once: int) -> None:
        """Ask ``count`` questions, at most ``at_once`` at the same time, and read the answers to their ends."""
        await self._each(count, at_once, lambda question, number: self.ask(question, first=number))

    async def ask(self, question: Question, *, first: int = 0) -> None:
        """Ask one worker; another reader begins at the next worker, once the first has something."""
        reader, other = self.ground.reader(question, first), self.ground.reader(question, first + 1, late=True)
        self._asked.append(_Asked(question, [reader, other]))

        async def read_late() -> None:
            await reader.started.wait()
            await other.run()

        await self._finish(question, reader.run(), read_late())

    async def ask_twice(self, count: int, *, at_once: int) -> None:
        """Ask several workers at the same moment with the same id; break off, and ask both once more."""

        async def ask(question: Question, number: int) -> None:
            readers = [self.ground.reader(question, number), self.ground.reader(question, number + 1)]
            self._asked.append(_Asked(question, readers))
            await self._finish(question, *(reader.run(forget_after=3 * each) for each, reader in enumerate(readers)))

        await self._each(count, at_once, ask)

    async def count(self) -> Result:
        """Compare the readers with each other, with storage and with the model."""
        self.result.sent, self.result.errors = len(self._asked), self.errors
        for asked in self._asked:
            await self._count_one(asked)
        self.result.slowest = max((self._slowest(asked) for asked in self._asked), default=0.0)
        return self.result

    async def _each(self, count: int, at_once: int, ask: Callable[[Question, int], Awaitable[None]]) -> None:
        # All conversations beforehand, as storage may be away later. Every fourth question is in none: in Redis only.
        questions = [await self.ground.new_question(self._words, stored=number % 4 != 0) for number in range(count)]
        places = asyncio.Semaphore(at_once)

        async def ask_in_turn(question: Question, number: int) -> None:
            async with places:
                await ask(question, number)

        await asyncio.gather(*(ask_in_turn(question, number) for number, question in enumerate(questions)))

    async def _finish(self, question: Question, *reading: Coroutine[Any, Any, None]) -> None:
        tasks = [asyncio.create_task(each) for each in reading]
        _, left = await asyncio.wait(tasks, timeout=self._patience)
        for task in left:
            task.cancel()
            self.result.problems.append(f"{question.name}: a reader has no end after {self._patience} s")
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _count_one(self, asked: _Asked) -> None:
        question, result = asked.question, self.result
        message = await self.ground.stored(question) if question.conversation_id else None
        statuses = {reader.status for reader in asked.readers} | ({_status(message)} if message else set())
        result.received += all(reader.status for reader in asked.readers)
        result.complete += statuses == {"complete"}
        result.interrupted += statuses == {"interrupted"}
        self.expect(len(statuses) == 1 and statuses <= set(_ENDS), f"{question.name}: ends as {sorted(statuses)}")
        self.expect(message or not question.conversation_id, f"{question.name}: not stored")
        result.billed_twice += max(self.ground.model.calls[question.name] - 1, 0)
        texts = [reader.text for reader in asked.readers] + ([message.text] if message else [])
        longest = max((*texts, question.answer if statuses == {"complete"} else ""), key=len)
        for text in texts:
            self._compare(question, text, longest)

    def _compare(self, question: Question, text: str, whole: str) -> None:
        numbers = _WORD.findall(text)
        duplicated, lost = len(numbers) - len(set(numbers)), len(set(_WORD.findall(whole)) - set(numbers))
        self.result.duplicated += duplicated
        self.result.lost += lost
        # Exactly, as words may be cut.
        if text != whole or not question.answer.startswith(text):
            self.result.problems.append(f"{question.name}: {lost} words lost, {duplicated} duplicated")

    def _slowest(self, asked: _Asked) -> float:
        waits = [
            next((moment for moment in reader.moments if moment >= mark), mark) - mark
            for reader in asked.readers
            for mark in self._marks
            if reader.began < mark
        ]
        return max(waits, default=0.0)


def _status(message: Message) -> str:
    return message.outcome.status.value if message.outcome else ""
