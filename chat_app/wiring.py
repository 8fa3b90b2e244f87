"""The one place where the parts are chosen and put together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache

from chat_app.infrastructure.config import Settings, settings
from chat_app.infrastructure.demo_provider import DemoProvider
from chat_app.infrastructure.memory_log import MemoryAnswerLog
from chat_app.infrastructure.openai_provider import OpenAIProvider
from chat_app.infrastructure.sql_store import SqlStore
from chat_app.services.ai_service import AIService
from chat_app.services.answers import Answers
from chat_app.services.conversations import Conversations
from chat_app.services.ports import Provider


@dataclass(frozen=True, slots=True)
class Services:
    """What the page and the API work with."""

    settings: Settings
    store: SqlStore
    answers: Answers
    conversations: Conversations


def build(config: Settings) -> Services:
    """Put the parts together; nothing is opened yet."""
    store = SqlStore(config.database_url)
    log = MemoryAnswerLog(retention=config.answer_retention)
    ai = AIService(_provider(config), timeout=config.answer_timeout, max_chars=config.max_answer_chars)
    answers = Answers(ai, log, store, max_running=config.max_running_answers, grace=config.abandoned_answer_grace)
    conversations = Conversations(
        store, answers, max_history=config.max_history_messages, max_history_chars=config.max_history_chars
    )
    return Services(config, store, answers, conversations)


@cache
def services() -> Services:
    """The parts of this process."""
    return build(settings())


@asynccontextmanager
async def lifespan() -> AsyncIterator[None]:
    """Open the storage at start; at the end interrupt what still runs, so that its text is saved."""
    parts = services()
    await parts.store.open()
    await parts.store.interrupt_streaming()
    try:
        yield
    finally:
        await parts.answers.close()
        await parts.store.close()


def _provider(config: Settings) -> Provider:
    if config.is_demo:
        return DemoProvider(pace=config.demo_pace)
    return OpenAIProvider(
        api_key=config.openai_api_key.get_secret_value(),
        base_url=config.openai_base_url or None,
        model=config.openai_model,
        system_prompt=config.system_prompt,
        max_tokens=config.max_tokens,
        first_token_timeout=config.first_token_timeout,
        gap_timeout=config.token_gap_timeout,
    )
