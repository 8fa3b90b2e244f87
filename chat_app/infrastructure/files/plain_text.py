"""Text in any usual encoding: notes, code, Markdown, CSV, JSON."""

import re
import unicodedata
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, BOM_UTF32_BE, BOM_UTF32_LE
from pathlib import PurePath

from chat_app.models.text import encodable

# The marks of UTF-32 begin with those of UTF-16.
_MARKS = {
    BOM_UTF8: "utf-8-sig",
    BOM_UTF32_LE: "utf-32",
    BOM_UTF32_BE: "utf-32",
    BOM_UTF16_LE: "utf-16",
    BOM_UTF16_BE: "utf-16",
}
_SAMPLE = 50_000  # bytes to guess an encoding from, and characters to tell text from binary data
_KOREAN_SHARE = 0.9  # of the characters outside ASCII
_CONTROL_SHARE = 0.01
_LINE_END = re.compile(r"\r\n?")
_NO_TEXT = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f-\x9f\ufffe\uffff]")
_MEDIA_TYPES = {
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".md": "text/markdown",
    ".markdown": "text/markdown",
    ".json": "application/json",
}


def media_type_of(name: str) -> str:
    """Return the media type of a text by its name. Never one that a browser executes, such as HTML or SVG."""
    return _MEDIA_TYPES.get(PurePath(name).suffix.lower(), "text/plain")


def decode(content: bytes) -> str | None:
    """Decode text; ``None`` if it is none, or in an encoding that can't be recognised."""
    mark = next((mark for mark in _MARKS if content.startswith(mark)), None)
    if mark:
        text = content.decode(_MARKS[mark], "replace")
    elif b"\0" in content:
        return None
    else:
        text = _decode_unmarked(content)
    return clean(text) if text is not None and _is_text(text) else None


def clean(text: str) -> str:
    """Return text with line feeds, composed characters (NFC), and without control characters."""
    text = _NO_TEXT.sub("", encodable(_LINE_END.sub("\n", text)))
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def _is_text(text: str) -> bool:
    sample = text[:_SAMPLE]
    return "\0" not in sample and len(_NO_TEXT.findall(sample)) <= len(sample) * _CONTROL_SHARE


def _decode_unmarked(content: bytes) -> str | None:
    for encoding in ("utf-8", "cp949"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        # Nearly any bytes are valid in cp949, but Hangul only where they are Korean.
        if encoding == "utf-8" or _korean_share(text[:_SAMPLE]) > _KOREAN_SHARE:
            return text
    # Imported here: the worker starts faster without it, and most texts are UTF-8.
    from charset_normalizer import from_bytes  # noqa: PLC0415

    guess = from_bytes(content[:_SAMPLE]).best()
    return content.decode(guess.encoding, "replace") if guess else None


def _korean_share(text: str) -> float:
    others = [char for char in text if char > "\x7f"]
    korean = sum(1 for char in others if "가" <= char <= "힣" or "\u3000" <= char <= "\u318f")
    return korean / len(others) if others else 0.0
