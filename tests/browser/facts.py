"""Conversations imported for a visitor, which is quicker than asking for every answer."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
from playwright.sync_api import expect

from chat_app.models.conversation import Conversation
from chat_app.models.message import Message
from chat_app.models.principal import Principal
from chat_app.services.transfer.archive import ConversationTree, dump
from tests.browser.chat_page import ChatPage
from tests.messages import assistant_message, user_message


def import_facts(chat: ChatPage, exchanges: int) -> None:
    """Import a conversation titled Facts, with an answer "Fact number n is small." for each exchange."""
    conversation = Conversation(owner=Principal(""), title="Facts")
    messages: list[Message] = []
    for number in range(exchanges):
        parent_id = messages[-1].id if messages else None
        asked = user_message("What else?", conversation_id=conversation.id, parent_id=parent_id)
        fact = f"Fact number {number} is **small**."
        messages += [asked, assistant_message(fact, conversation_id=conversation.id, parent_id=asked.id)]
    _import(chat, [ConversationTree(replace(conversation, latest_id=messages[-1].id), messages)])


def import_conversations(chat: ChatPage, *questions: str) -> None:
    """Import a conversation for each question, with it as the title, the newest last, and open the list."""
    trees: list[ConversationTree] = []
    for number, question in enumerate(questions):
        used_at = datetime.now(UTC) + timedelta(seconds=number - len(questions))
        conversation = Conversation(owner=Principal(""), title=question, created_at=used_at, updated_at=used_at)
        asked = user_message(question, conversation_id=conversation.id)
        answer = assistant_message("Hello from the fake upstream.", conversation_id=conversation.id, parent_id=asked.id)
        trees.append(ConversationTree(replace(conversation, latest_id=answer.id), [asked, answer]))
    _import(chat, trees)
    chat.open_list()
    expect(chat.conversation_link(questions[-1])).to_be_visible()


def _import(chat: ChatPage, trees: list[ConversationTree]) -> None:
    cookies = {chat.cookie["name"]: chat.cookie["value"]}
    httpx.post(
        f"{chat.url}/archive",
        content=dump(trees),
        headers={"Content-Type": "application/json"},
        cookies=cookies,
        trust_env=False,
    ).raise_for_status()
