"""A chat as Gradio's documentation writes it. ``/?earlier=100`` begins with that many messages."""

from collections.abc import AsyncIterator
from typing import Any

import gradio as gr  # pyright: ignore[reportMissingImports] - not among the requirements
import model


async def answer(question: str, history: list[dict[str, Any]]) -> AsyncIterator[str]:
    text = ""
    async for token in model.answer([*history, {"role": "user", "content": question}]):
        text += token
        yield text


def earlier(request: gr.Request) -> list[dict[str, Any]]:
    return model.earlier_messages(int(request.query_params.get("earlier", "0")))


with gr.ChatInterface(answer) as chat:
    chat.load(earlier, outputs=chat.chatbot_value)

chat.launch()
