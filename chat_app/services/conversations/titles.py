"""Titles of conversations: the beginning of the first message, until the model has found a better one."""

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

_EXCERPT_CHARS = 1000  # of the question and of the answer; more would not make a better title
_DECORATION = " \t\"'`*“”‘’«»「」『』《》.。"
_LABEL = re.compile(r"^(title|제목)\W*:", re.IGNORECASE)


class Titles:
    """Asks the model for a title, once for each conversation, without anybody waiting for it.

    Args:
        ai: With limits that suit a few words.
    """

    def __init__(self, ai: AIService, store: Store, changes: Changes) -> None:
        self._ai = ai
        self._store = store
        self._changes = changes
        self._running: dict[str, asyncio.Task[None]] = {}

    def suggest(self, conversation: Conversation, question: Message, answer_id: str) -> None:
        """Title the conversation after its first good answer, in the background; a title that was chosen stays."""
        if not conversation.is_titled and conversation.id not in self._running:
            suggesting = asyncio.create_task(self._suggest(conversation, question, answer_id))
            self._running[conversation.id] = suggesting
            suggesting.add_done_callback(lambda _: self._running.pop(conversation.id))

    async def close(self) -> None:
        """Give up what has no title yet."""
        suggesting = list(self._running.values())
        for each in suggesting:
            each.cancel()
        await asyncio.gather(*suggesting, return_exceptions=True)

    async def _suggest(self, conversation: Conversation, question: Message, answer_id: str) -> None:
        try:
            if await self._is_untitled(conversation) and (answer := await self._good_answer(conversation, answer_id)):
                title = await self._title_of(question, answer) or conversation.title
                if await self._store.suggest_title(conversation.owner, conversation.id, title):
                    self._changes.notify(conversation.owner)
        except Exception:
            logger.exception("conversation %s could not be titled", conversation.id)

    async def _is_untitled(self, conversation: Conversation) -> bool:
        """Whether it still is, however long ago it was read."""
        current = await self._store.conversation(conversation.owner, conversation.id)
        return current is not None and not current.is_titled

    async def _good_answer(self, conversation: Conversation, answer_id: str) -> Message | None:
        answer = await self._store.message(conversation.owner, answer_id)
        answer = answer and separate_reasoning(answer)
        return answer if answer and answer.text and answer.status is Status.COMPLETE else None

    async def _title_of(self, question: Message, answer: Message) -> str:
        """The model's, or nothing if it has none to offer."""
        prompt = TITLE.format(question=question.text[:_EXCERPT_CHARS], answer=answer.text[:_EXCERPT_CHARS])
        try:
            return title_in(split_reasoning(await self._reply(prompt))[1])
        except ChatError as error:
            logger.info("no title for conversation %s: %s", question.conversation_id, error.code)
            return ""

    async def _reply(self, prompt: str) -> str:
        """The whole of it; nothing if it was cut off."""
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
    """The first line of ``text``, shortened where it is too long for a title."""
    line = " ".join(next(iter(text.strip().splitlines()), "").split())
    return line if len(line) <= TITLE_CHARS else shortened(line, TITLE_CHARS)


def title_in(reply: str) -> str:
    """The title in a model's reply, without what models put around it although they are told not to.

    It is in the last line: some think aloud before. A line too long for a title is none.
    """
    line = next(reversed(reply.strip().splitlines()), "")
    title = _LABEL.sub("", line.replace("**", "").lstrip("# ").strip(_DECORATION)).strip(_DECORATION)
    return title if len(title) <= TITLE_CHARS else ""
