"""Titles of conversations: the first line of the first message, until the model has suggested one."""

import asyncio
import logging
import re
from contextlib import aclosing

from chat_app.models.conversation import Conversation
from chat_app.models.errors import ChatError
from chat_app.models.events import StepEnded
from chat_app.models.message import Message, Status
from chat_app.models.parts import Text
from chat_app.models.reasoning_tags import separate_reasoning, split_reasoning
from chat_app.services.answering.ai_service import AIService
from chat_app.services.conversations.changes import Changes
from chat_app.services.conversations.excerpt import shortened
from chat_app.services.ports import Store

TITLE = """\
Write a title for the conversation below: two to six words in the language of the question, on one line, without \
quotation marks or a full stop. Reply with the title alone.

Question: {question}

Answer: {answer}"""

logger = logging.getLogger(__name__)

TITLE_CHARS = 60

_EXCERPT_CHARS = 1000  # of the question and of the answer: enough for a title
_DECORATION = " \t\"'`*“”‘’«»「」『』《》.。"
_LABEL = re.compile(r"^(title|제목)\W*:", re.IGNORECASE)


class Titles:
    """Background tasks that ask the model for a title, one for each conversation.

    Args:
        ai: A service with limits that suit a few words.
    """

    def __init__(self, ai: AIService, store: Store, changes: Changes) -> None:
        self._ai = ai
        self._store = store
        self._changes = changes
        self._running: dict[str, asyncio.Task[None]] = {}

    def suggest(self, conversation: Conversation, question: Message, answer_id: str) -> None:
        """Start suggesting a title from a question and its answer, unless the conversation has a title already.

        Only an answer that is complete and has text is used; without one the next answer's call tries again.
        """
        if not conversation.is_titled and conversation.id not in self._running:
            suggesting = asyncio.create_task(self._suggest(conversation, question, answer_id))
            self._running[conversation.id] = suggesting
            suggesting.add_done_callback(lambda _: self._running.pop(conversation.id))

    async def close(self) -> None:
        """Cancel the running suggestions."""
        suggesting = list(self._running.values())
        for each in suggesting:
            each.cancel()
        await asyncio.gather(*suggesting, return_exceptions=True)

    async def _suggest(self, conversation: Conversation, question: Message, answer_id: str) -> None:
        try:
            # ``conversation`` may have been read before its owner set a title.
            current = await self._store.conversation(conversation.owner, conversation.id)
            if current is None or current.is_titled:
                return
            if answer := await self._complete_answer(conversation, answer_id):
                title = await self._title_of(question, answer) or conversation.title
                if await self._store.suggest_title(conversation.owner, conversation.id, title):
                    self._changes.notify(conversation.owner)
        except Exception:
            logger.exception("conversation %s could not be titled", conversation.id)

    async def _complete_answer(self, conversation: Conversation, answer_id: str) -> Message | None:
        answer = await self._store.message(conversation.owner, answer_id)
        answer = answer and separate_reasoning(answer)
        return answer if answer and answer.text and answer.status is Status.COMPLETE else None

    async def _title_of(self, question: Message, answer: Message) -> str:
        """Return the model's title; empty if it fails or replies with none."""
        prompt = TITLE.format(question=question.text[:_EXCERPT_CHARS], answer=answer.text[:_EXCERPT_CHARS])
        try:
            return title_in(split_reasoning(await self._reply(prompt))[1])
        except ChatError as error:
            logger.info("no title for conversation %s: %s", question.conversation_id, error.code)
            return ""

    async def _reply(self, prompt: str) -> str:
        """Return the model's whole reply; empty if it was cut off."""
        text = ""
        async with aclosing(self._ai.stream_chat(prompt)) as events:
            async for event in events:
                match event:
                    case Text(piece):
                        text += piece
                    case StepEnded(finish="length"):
                        return ""
        return text


def title_from(text: str) -> str:
    """Return the first line of ``text`` as a title, shortened to ``TITLE_CHARS``."""
    line = " ".join(next(iter(text.strip().splitlines()), "").split())
    return line if len(line) <= TITLE_CHARS else shortened(line, TITLE_CHARS)


def title_in(reply: str) -> str:
    """Extract the title from a model's reply, without the labels, quotes and Markdown that models add.

    The last line is used, since some models reason aloud before it.

    Returns:
        The title; empty if the line is longer than ``TITLE_CHARS``.
    """
    line = next(reversed(reply.strip().splitlines()), "")
    title = _LABEL.sub("", line.replace("**", "").lstrip("# ").strip(_DECORATION)).strip(_DECORATION)
    return title if len(title) <= TITLE_CHARS else ""
