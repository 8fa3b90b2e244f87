"""The demo model's reply to a conversation."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from html import unescape
from textwrap import shorten

from chat_app.infrastructure.demo.requests import named_language, requested, written_in
from chat_app.infrastructure.demo.situations import LANGUAGES, Language, Situation, menu, script
from chat_app.models.message import Role, Turn
from chat_app.models.request import DEFAULT_OPTIONS, Options
from chat_app.services.asking.questions import CONTINUE

THINKING_MODEL = "demo-thinking"
"""The name of the demo model that reasons before each answer."""

# Names of ``Options``, and the values that mean the default.
_SETTINGS = ("instructions", "temperature", "top_p", "max_tokens", "reasoning_effort", "stop", "seed")
_UNSET = ("", None, ())

_QUOTE_CHARS = 80

# Characters that would format a quotation or end it: https://spec.commonmark.org/0.31.2/#backslash-escapes
_MARKUP = re.compile(r"[\\`*_\[\]<>~$&|]")

# A line of a document with nothing that Markdown or a quotation would change, and the number of its page. Remarks about
# the document are in parentheses.
_PLAIN_LINE = re.compile(r"^(?!\()[^\\`*_\[\]<>~$&|\"“”\n]{12,}$", re.MULTILINE)
_PAGE = re.compile(r'<page number="([0-9]+)"')


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer before it is streamed.

    Attributes:
        situation: How it begins and ends.
        rest: The text after ``text`` where that ends early.
        then: The questions suggested after the answer.
    """

    situation: Situation
    text: str
    reasoning: str = ""
    rest: str = ""
    then: tuple[str, ...] = ()


def reply(turns: Sequence[Turn], model: str = "demo", options: Options = DEFAULT_OPTIONS) -> Reply:
    """Return the answer to the last of ``turns``; the same request always gets the same one.

    Args:
        model: The model's name; ``THINKING_MODEL`` reasons before each answer.
    """
    answer = _reply(turns, model, options)
    if model != THINKING_MODEL or answer.reasoning or not answer.text:
        return answer
    return replace(answer, reasoning=script("thoughts", _language(turns)).text)


def _reply(turns: Sequence[Turn], model: str, options: Options) -> Reply:
    message, history = turns[-1].text, turns[:-1]
    language = _language(turns)
    if message == CONTINUE:
        return _continuation(history, language)
    # A question that got no answer comes again, as a paragraph before the next one.
    situation = requested(message.rpartition("\n\n")[2]) or requested(message)
    if situation is None:
        return _received(turns[-1], language) if turns[-1].files else _unknown(message, history, language)
    language = named_language(message) or language
    content = script(situation.name, language)
    match situation.name:
        case "help" | "settings":
            filled = content.text.format(menu=menu(language), settings=_settings(model, options))
            return Reply(situation, filled, then=content.then)
        case "recall":
            return Reply(situation, _recalled(history, language))
        case "continue":
            return Reply(situation, _rest_of_last_answer(history) or content.text)
        case _:
            return Reply(situation, content.text, content.reasoning, content.rest, content.then)


def _continuation(history: Sequence[Turn], language: Language) -> Reply:
    """Continue the last answer, or reply that there is nothing to continue."""
    return Reply(Situation("continue"), _rest_of_last_answer(history) or f"\n\n{script('continue', language).text}")


def _unknown(message: str, history: Sequence[Turn], language: Language) -> Reply:
    has_menu = any(menu(known) in turn.text for turn in history for known in LANGUAGES)
    template = script("unknown_again" if has_menu else "unknown", language).text
    return Reply(Situation("unknown"), template.format(message=_quoted(message), menu=menu(language)))


def _recalled(history: Sequence[Turn], language: Language) -> str:
    said = [f"{number}. “{_quoted(text)}”" for number, text in enumerate(_user_messages(history), 1)]
    if not said:
        return script("recall_nothing", language).text
    return script("recall", language).text.format(said="\n".join(said))


def _received(turn: Turn, language: Language) -> Reply:
    """Describe the files of a message, and quote one of them."""
    documents = turn.documents[: len(turn.files)]
    text = script("files", language).text.format(files="\n".join(map(_described, documents)))
    names = (file.name for file in turn.files)
    quotes = next(filter(None, (_quotes(*each, language) for each in zip(names, documents, strict=False))), "")
    return Reply(Situation("files"), f"{text}\n\n{quotes}".rstrip())


def _quotes(name: str, document: str, language: Language) -> str:
    """Quote a line of a document, and words that aren't there; empty without a line that can be quoted as it is."""
    if not (line := _PLAIN_LINE.search(document)):
        return ""
    pages = _PAGE.findall(document[: line.start()])
    reference = f"({name}, p. {pages[-1]})" if pages else f"({name})"
    quote = shorten(line[0], _QUOTE_CHARS, placeholder=" …")
    return script("quotes", language).text.format(quote=quote, reference=reference)


def _described(document: str) -> str:
    """A file as an entry of a list: its name, and the beginning of its text."""
    name, _, text = document.removeprefix('<file name="').removesuffix("\n</file>").partition('">\n')
    return f"- **{_quoted(unescape(name))}**: {_quoted(text)}"


def _settings(model: str, options: Options) -> str:
    """The request's settings as a list, without those that have the default value."""
    values = {"model": model} | {name: getattr(options, name) for name in _SETTINGS}
    return "\n".join(f"- `{name}`: {_quoted(str(value))}" for name, value in values.items() if value not in _UNSET)


def _rest_of_last_answer(history: Sequence[Turn]) -> str:
    """Return the rest of the last answer. No state is needed: the same turns always get the same answer."""
    match history:
        case [*earlier, Turn(Role.ASSISTANT, text)] if earlier:
            previous = reply(earlier)
            # Clients may trim the texts that they send back, and a continuation begins with a space.
            whole, said = (previous.text + previous.rest).lstrip(), text.lstrip()
            return whole.removeprefix(said) if whole.startswith(said) else ""
        case _:
            return ""


def _language(turns: Sequence[Turn]) -> Language:
    return written_in(_user_messages(reversed(turns)))


def _user_messages(turns: Iterable[Turn]) -> list[str]:
    return [turn.text for turn in turns if turn.role is Role.USER and turn.text != CONTINUE]


def _quoted(text: str) -> str:
    """The first words of ``text``; a single word too long for that is left out, as a cut might split a character."""
    return _MARKUP.sub(r"\\\g<0>", shorten(text, _QUOTE_CHARS, placeholder=" …"))
