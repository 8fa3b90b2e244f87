"""A chat as Chainlit's documentation writes it. ``/?earlier=100`` begins with that many messages."""

from urllib.parse import parse_qs, urlsplit

import chainlit as cl  # pyright: ignore[reportMissingImports] - not among the requirements
import model


@cl.on_chat_start
async def begin() -> None:
    messages = model.earlier_messages(_earlier())
    cl.user_session.set("messages", messages)
    for message in messages:
        await cl.Message(message["content"], type=f"{message['role']}_message").send()


@cl.on_message
async def answer(question: cl.Message) -> None:
    messages = cl.user_session.get("messages")
    messages.append({"role": "user", "content": question.content})
    reply = cl.Message("")
    async for token in model.answer(messages):
        await reply.stream_token(token)
    await reply.update()
    messages.append({"role": "assistant", "content": reply.content})


def _earlier() -> int:
    # The page's address is known only from the referrer of the socket's first request.
    address = cl.context.session.environ.get("HTTP_REFERER", "")
    return int(parse_qs(urlsplit(address).query).get("earlier", ["0"])[0])
