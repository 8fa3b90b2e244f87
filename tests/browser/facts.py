"""A long conversation, there at once."""

from dataclasses import replace

import httpx

from chat_app.models.conversation import Conversation
from chat_app.models.message import Message, Role
from chat_app.services.archive import Talk, dump
from tests.browser.chat_page import ChatPage


def import_facts(chat: ChatPage, exchanges: int) -> None:
    """Give the visitor a conversation, titled Facts, in which number after number is said to be small."""
    conversation = Conversation(owner="", title="Facts")
    messages: list[Message] = []
    for number in range(exchanges):
        for role, text in [(Role.USER, "What else?"), (Role.ASSISTANT, f"Fact number {number} is **small**.")]:
            parent_id = messages[-1].id if messages else None
            messages.append(Message(conversation_id=conversation.id, parent_id=parent_id, role=role, text=text))
    conversation = replace(conversation, latest_id=messages[-1].id)
    archive = dump([Talk(conversation, messages)])
    cookies = {chat.cookie["name"]: chat.cookie["value"]}
    httpx.post(
        f"{chat.url}/archive",
        content=archive,
        headers={"Content-Type": "application/json"},
        cookies=cookies,
        trust_env=False,
    ).raise_for_status()
