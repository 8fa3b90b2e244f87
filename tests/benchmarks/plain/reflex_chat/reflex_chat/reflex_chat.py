"""Baseline: a chat as in Reflex's own template, with each token appended to the last message and sent.

``/?earlier=100`` begins with that many messages of the file that the variable ``MESSAGES`` names.
"""

import json
import os
from pathlib import Path
from typing import Any, TypedDict
from urllib.parse import parse_qs

import openai
import reflex as rx

client = openai.AsyncOpenAI()


class Message(TypedDict):
    role: str
    content: str


class State(rx.State):
    messages: rx.Field[list[Message]] = rx.field(default_factory=list)

    @rx.event
    def load(self):
        earlier = int(parse_qs(self.router.url.query).get("earlier", ["0"])[0])
        texts = json.loads(Path(os.environ["MESSAGES"]).read_text())[:earlier]
        self.messages = [Message(role=("user", "assistant")[n % 2], content=text) for n, text in enumerate(texts)]

    @rx.event
    async def send(self, form: dict[str, Any]):
        self.messages.append(Message(role="user", content=form["question"]))
        yield
        turns: list[Any] = list(self.messages)
        stream = await client.chat.completions.create(model="fake", messages=turns, stream=True)
        self.messages.append(Message(role="assistant", content=""))
        async for chunk in stream:
            if chunk.choices and (text := chunk.choices[0].delta.content):
                self.messages[-1]["content"] += text
                self.messages = self.messages
                yield


def row(message: rx.vars.ObjectVar[Message]) -> rx.Component:
    return rx.el.article(rx.markdown(message["content"]))


@rx.page(route="/", on_load=State.load)
def index() -> rx.Component:
    return rx.el.main(
        rx.auto_scroll(rx.foreach(State.messages, row), height="80vh"),
        rx.el.form(
            rx.el.input(name="question", aria_label="Message"),
            rx.el.button("Send"),
            on_submit=State.send,
            reset_on_submit=True,
        ),
    )


app = rx.App()
