"""README's fenced blocks, for the tests that run them."""

import re
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).parents[1]
README = (CHECKOUT / "README.md").read_text("utf-8")

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block.

    Attributes:
        language: The info string of its opening fence.
        code: Its lines.
    """

    language: str
    code: str


BLOCKS = [Block(*found) for found in _FENCE.findall(README)]


def block(language: str, words: str) -> str:
    """Return the code of the only block in this language with these words."""
    (code,) = [each.code for each in BLOCKS if each.language == language and words in each.code]
    return code
