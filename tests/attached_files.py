"""Files of turns in a prompt, without storage."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from chat_app.models.errors import NotFound
from chat_app.models.file_content import AttachedFile, FileContent, Page, Picture

Value = TypeVar("Value")


def later(value: Value | Exception) -> Callable[[], Awaitable[Value]]:
    async def load() -> Value:
        if isinstance(value, Exception):
            raise value
        return value

    return load


def file(
    name: str, *texts: str, picture: Picture | None = None, rendered: list[Picture] | Exception | None = None
) -> AttachedFile:
    """A file with a page for each text, or a picture.

    Args:
        rendered: Its pictures for a model, or the error of rendering them.
    """
    content = FileContent("x/y", tuple(Page(number, text) for number, text in enumerate(texts, 1)), picture)
    return AttachedFile(
        f"id of {name}",
        name,
        "x/y",
        1,
        load=later(b""),
        load_content=later(content),
        load_pictures=later(rendered or []),
    )


def deleted(name: str) -> AttachedFile:
    return AttachedFile(
        "gone", name, "x/y", 1, load=later(NotFound()), load_content=later(NotFound()), load_pictures=later(NotFound())
    )
