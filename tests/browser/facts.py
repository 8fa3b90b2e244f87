"""A long conversation, there at once."""

from dataclasses import replace

import httpx

from chat_app.models.conversation import Conversation
from chat_app.models.message import Message
from chat_app.models.principal import Principal
from chat_app.services.transfer.archive import ConversationTree, dump
from tests.browser.chat_page import ChatPage
from tests.messages import assistant_message, user_message


def import_facts(chat: ChatPage, exchanges: int) -> None:
    """Give the visitor a conversation, titled Facts, in which number after number is said to be small."""
    conversation = Conversation(owner=Principal(""), title="Facts")
    messages: list[Message] = []
    for number in range(exchanges):
        parent_id = messages[-1].id if messages else None
        asked = user_message("What else?", conversation_id=conversation.id, parent_id=parent_id)
        fact = f"Fact number {number} is **small**."
        messages += [asked, assistant_message(fact, conversation_id=conversation.id, parent_id=asked.id)]
    conversation = replace(conversation, latest_id=messages[-1].id)
    archive = dump([ConversationTree(conversation, messages)])
    cookies = {chat.cookie["name"]: chat.cookie["value"]}
    httpx.post(
        f"{chat.url}/archive",
        content=archive,
        headers={"Content-Type": "application/json"},
        cookies=cookies,
        trust_env=False,
    ).raise_for_status()
