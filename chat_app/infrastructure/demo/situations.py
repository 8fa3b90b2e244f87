"""The demo model's situations: an entry here for each, and a Markdown file for each language in its folder.

A file has front matter if visitors can ask for it: ``say``, the words in the menu; ``shows``, the menu's description;
``words``, other names of it; ``then``, the questions suggested after the answer. In the body, reasoning comes before
``<!-- answer -->``, and the answer ends early at ``<!-- cut -->``, after which comes its continuation.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from chat_app.models.errors import ModelError, QuotaExceeded, RateLimited, Truncated, UpstreamFailed

Language = Literal["english", "korean"]

LANGUAGES: tuple[Language, ...] = ("english", "korean")


@dataclass(frozen=True, slots=True)
class Situation:
    """A situation that can be asked for, and the course of its answer.

    Attributes:
        name: The name of its files.
        has_topic: Whether it can be about something, as in "a table of rivers".
        first_pause: Seconds until the first token, at the natural pace.
        finish_reason: Of an answer without ``error``.
        error: The error that ends the answer.
        retry_after: Seconds, with ``error``.
    """

    name: str
    has_topic: bool = False
    first_pause: float = 0.4
    finish_reason: str = "stop"
    error: type[ModelError] | None = None
    retry_after: float | None = None


SAMPLES = (
    Situation("table", has_topic=True),
    Situation("code", has_topic=True),
    Situation("maths", has_topic=True),
    Situation("diagram", has_topic=True),
    Situation("list", has_topic=True),
    Situation("formatting"),
    Situation("language"),
    Situation("reasoning"),
    Situation("unsafe"),
    Situation("unicode"),
    Situation("wide", has_topic=True),
    Situation("long", has_topic=True),
)
TROUBLES = (
    Situation("slow", first_pause=8),
    Situation("cut", finish_reason="length"),
    Situation("drop", error=Truncated),
    Situation("fail", error=UpstreamFailed),
    Situation("rate_limit", error=RateLimited, retry_after=20),
    Situation("no_credit", error=QuotaExceeded),
)
TALK = (
    Situation("recall"),
    Situation("settings"),
    Situation("continue"),
    Situation("thanks"),
    Situation("setup"),
    Situation("help"),
)
SITUATIONS = (*TALK, *TROUBLES, *SAMPLES)
"""All situations. If a message asks for several, the first in this order wins."""


@dataclass(frozen=True, slots=True)
class Script:
    """The content of a file.

    Attributes:
        rest: The continuation of an answer that ends early.
    """

    say: str
    shows: str
    words: tuple[str, ...]
    then: tuple[str, ...]
    reasoning: str
    text: str
    rest: str


@cache
def script(name: str, language: Language) -> Script:
    """Read the file ``name`` in ``language``."""
    content = (Path(__file__).parent / language / f"{name}.md").read_text("utf-8").strip()
    front_matter, body = content[4:].split("\n---", 1) if content.startswith("---\n") else ("", content)
    header = dict(line.split(": ", 1) for line in front_matter.splitlines())
    reasoning, _, answer = body.rpartition("<!-- answer -->")
    text, _, rest = answer.lstrip().partition("<!-- cut -->")
    words, then = (tuple(filter(None, header.get(key, "").split(", "))) for key in ("words", "then"))
    return Script(header.get("say", ""), header.get("shows", ""), words, then, reasoning.strip(), text, rest)


@cache
def menu(language: Language) -> str:
    """The list of all situations, as Markdown."""
    groups = {"samples": SAMPLES, "troubles": TROUBLES, "talk": TALK}
    items = {name: "\n".join(_item(situation, language) for situation in group) for name, group in groups.items()}
    return script("menu", language).text.format(**items)


def _item(situation: Situation, language: Language) -> str:
    entry = script(situation.name, language)
    return f"- **{entry.say}**: {entry.shows}"
