"""The content of a message: text, and pictures as data URLs.

Formats: https://platform.openai.com/docs/guides/images-vision
"""

from base64 import b64encode
from typing import Any

from chat_app.models.file_content import Picture
from chat_app.models.message import Turn


def chat_content(turn: Turn) -> str | list[dict[str, Any]]:
    """Return a turn's content for chat completions: a string where it can be one, since some servers take no list."""
    if not turn.pictures:
        return turn.text_with_documents
    pictures = [{"type": "image_url", "image_url": {"url": _data_url(picture)}} for picture in turn.pictures]
    return [{"type": "text", "text": turn.text_with_documents}, *pictures]


def response_content(turn: Turn) -> str | list[dict[str, Any]]:
    """Return a turn's content for the Responses API."""
    if not turn.pictures:
        return turn.text_with_documents
    pictures = [{"type": "input_image", "image_url": _data_url(picture)} for picture in turn.pictures]
    return [{"type": "input_text", "text": turn.text_with_documents}, *pictures]


def _data_url(picture: Picture) -> str:
    return f"data:{picture.media_type};base64,{b64encode(picture.content).decode()}"
