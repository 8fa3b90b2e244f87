"""A chat as NiceGUI's examples write it. ``/?earlier=100`` begins with that many messages."""

import os

import model
from nicegui import ui  # pyright: ignore[reportMissingImports] - not among the requirements


@ui.page("/")
def page(earlier: int = 0) -> None:
    async def send() -> None:
        question, box.value = box.value, ""
        messages.append({"role": "user", "content": question})
        with column:
            show(question, "user")
            reply = show("", "assistant")
        async for token in model.answer(messages):
            reply.content += token
            ui.run_javascript("window.scrollTo(0, document.body.scrollHeight)")
        messages.append({"role": "assistant", "content": reply.content})

    messages = model.earlier_messages(earlier)
    with ui.column().classes("w-full") as column:
        for message in messages:
            show(message["content"], message["role"])
    with ui.footer():
        box = ui.input(placeholder="Message").on("keydown.enter", send)


def show(text: str, role: str) -> ui.markdown:
    with ui.chat_message(sent=role == "user"):
        return ui.markdown(text)


ui.run(host="127.0.0.1", port=int(os.environ["NICEGUI_PORT"]), show=False, reload=False)
