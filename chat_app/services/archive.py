"""Conversations as JSON: the form in which they are exported, and in which they come back.

    {"format": "chat", "version": 1, "conversations": [
        {"id": "5f0c…", "title": "Blue sky", "is_titled": true, "is_pinned": false, "latest_id": "c91d…",
         "created_at": "2025-06-01T12:00:00+00:00", "updated_at": "2025-06-01T12:00:05+00:00", "messages": [
            {"id": "77ab…", "parent_id": null, "role": "user", "text": "Why is the sky blue?", …},
            {"id": "c91d…", "parent_id": "77ab…", "role": "assistant", "text": "It scatters…", "reasoning": "",
             "status": "complete", "finish_reason": "stop", "model": "gpt-5-mini",
             "usage": {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}, "error_code": "",
             "duration": 2.5, "reasoning_duration": null, "rating": 1, "comment": "Nice.",
             "created_at": "2025-06-01T12:00:05+00:00"}]}]}

The fields are those of ``Conversation`` and ``Message`` in ``chat_app.models``, which say what they mean; none is left
out. Times have their offset from UTC (RFC 3339), durations are seconds. ``messages`` has those of all branches, each
after the one it replies to: a question replies to an answer or to nothing, an answer to a question. What was being
written when it was exported is ``interrupted``. A change that earlier readers would misunderstand is a new version.
"""

import json
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from io import SEEK_END
from typing import Annotated, Any, BinaryIO, Literal, NamedTuple, Self

import ijson
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

from chat_app.models.conversation import Conversation
from chat_app.models.errors import Interrupted, InvalidArchive
from chat_app.models.events import TEXT_STEP
from chat_app.models.message import ID_PATTERN, Message, Rating, Role, Status, Usage
from chat_app.services.conversations import MAX_TITLE_CHARS
from chat_app.services.feedback import MAX_COMMENT_CHARS

FORMAT, VERSION = "chat", 1

_ZONES = timedelta(days=2)  # no moment's date differs more between two time zones
_PLACE_CHARS = 200  # a name of a field that there isn't may be of any length
_WORD_CHARS = 20
_CONVERSATION_DEPTH = 2
_MAX_DEPTH = 20  # an archive has 6
_MAX_SIZE = 1_000_000  # keys and values in one conversation: those of 20,000 messages

_STARTS, _ENDS = ("start_map", "start_array"), ("end_map", "end_array")

_HEADER = {"format": FORMAT, "version": VERSION, "conversations": "start_array"}

# Fields by which the exports of other programs are known.
_OTHER_PROGRAMS = {"mapping": "ChatGPT", "chat_messages": "Claude"}


class Talk(NamedTuple):
    """A conversation with the messages of all its branches, each after the one it replies to."""

    conversation: Conversation
    messages: list[Message]


def dump(talks: Iterable[Talk]) -> str:
    """The archive of these conversations; whose they are is not in it."""
    conversations = [_conversation_values(talk) for talk in talks]
    document = {"format": FORMAT, "version": VERSION, "conversations": conversations}
    return json.dumps(document, ensure_ascii=False, indent=2, default=datetime.isoformat)


def load(file: BinaryIO, owner: str) -> Iterator[Talk]:
    """Read the conversations of an archive, as this owner's, one at a time: all of them may not fit into memory.

    Args:
        file: The archive in UTF-8, with or without a byte order mark.

    Raises:
        InvalidArchive: It is no archive, or damaged. The error's text says where, without quoting what people wrote.
    """
    file.seek(0)
    start = len(BOM_UTF8) if file.read(len(BOM_UTF8)) == BOM_UTF8 else 0
    file.seek(start)
    try:
        _ensure_archive(file)
        file.seek(start)
        for index, values in enumerate(ijson.items(file, "conversations.item", use_float=True)):
            yield _restored(values, index, owner)
    except ijson.JSONError:
        raise InvalidArchive("not_json" if file.seek(0, SEEK_END) > start else "empty") from None


def _ensure_archive(file: BinaryIO) -> None:
    """Read the file once, to check the header and the bounds on memory.

    Raises:
        InvalidArchive: It isn't an archive.
    """
    header: dict[str, object] = {}
    depth, size, key = 0, 0, ""
    for event, value in ijson.basic_parse(file, use_float=True):
        size = size + 1 if depth > _CONVERSATION_DEPTH else 0
        if event in _ENDS:
            depth -= 1
            continue
        if event == "map_key":
            if value in _OTHER_PROGRAMS and "format" not in header:
                raise InvalidArchive("other_program", program=_OTHER_PROGRAMS[value])
            if depth == 1:
                key = value
        elif depth == 1 and key:
            header[key] = event if event in _STARTS else value
            _ensure_header(header)
        depth += event in _STARTS
        # ``ijson.items`` keeps paths that grow with the square of the depth.
        if depth > _MAX_DEPTH or size > _MAX_SIZE:
            raise InvalidArchive("no_archive")
    if header.keys() != _HEADER.keys():
        raise InvalidArchive("no_archive")


def _ensure_header(header: Mapping[str, object]) -> None:
    version = header.get("version", VERSION)
    if header.get("format", FORMAT) == FORMAT and (version != VERSION or not isinstance(version, int)):
        raise InvalidArchive("other_version", version=str(version)[:_WORD_CHARS])
    if any(_HEADER.get(name) != value for name, value in header.items()):
        raise InvalidArchive("no_archive")


def _restored(values: object, index: int, owner: str) -> Talk:
    try:
        # As JSON: only in that mode pydantic accepts a time as text, but refuses a number as text.
        return _Conversation.model_validate_json(json.dumps(values, ensure_ascii=False)).restored(owner)
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False, include_context=False)[0]
        place = ".".join(map(str, ("conversations", index, *problem["loc"])))[:_PLACE_CHARS]
        raise InvalidArchive("damaged", place=place, found=problem["msg"]) from None


def _conversation_values(talk: Talk) -> dict[str, Any]:
    values = asdict(talk.conversation)
    del values["owner"]
    return values | {"messages": [_message_values(message) for message in talk.messages]}


def _message_values(message: Message) -> dict[str, Any]:
    if message.status is Status.STREAMING:
        message = replace(message, status=Status.INTERRUPTED, error_code=Interrupted.code)
    values = asdict(message)
    del values["conversation_id"]
    return values


def _in_utc(moment: datetime) -> datetime:
    try:
        _ = moment - _ZONES, moment + _ZONES
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("outside the calendar") from None


# No id that the app gives is shorter. A message has its own on the page too, where "message" is that of the box.
Id = Annotated[str, Field(pattern=f"^{ID_PATTERN}$", min_length=32)]
Word = Annotated[str, Field(max_length=200)]
Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]
Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Tokens = Annotated[int, Field(ge=0, lt=2**63)]


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")


class _Usage(_Part):
    prompt_tokens: Tokens
    completion_tokens: Tokens
    total_tokens: Tokens


class _Message(_Part):
    id: Id
    parent_id: Id | None
    role: Role
    text: str
    reasoning: Annotated[str, Field(max_length=TEXT_STEP - 1)]
    status: Literal[Status.COMPLETE, Status.STOPPED, Status.FAILED, Status.INTERRUPTED]
    finish_reason: Word
    model: Word
    usage: _Usage | None
    error_code: Word
    duration: Seconds | None
    reasoning_duration: Seconds | None
    rating: Rating
    comment: Annotated[str, Field(max_length=MAX_COMMENT_CHARS)]
    created_at: Moment

    def restored(self, conversation_id: str) -> Message:
        usage = self.usage and Usage(**self.usage.model_dump())
        return Message(conversation_id=conversation_id, usage=usage, **self.model_dump(exclude={"usage"}))


class _Conversation(_Part):
    id: Id
    title: Annotated[str, Field(max_length=MAX_TITLE_CHARS)]
    is_titled: bool
    is_pinned: bool
    latest_id: Id | None
    created_at: Moment
    updated_at: Moment
    messages: list[_Message]

    @model_validator(mode="after")
    def _is_a_tree(self) -> Self:
        roles: dict[str | None, Role] = {None: Role.ASSISTANT}
        for message in self.messages:
            if message.id in roles or roles.get(message.parent_id) in (None, message.role):
                raise ValueError("a message comes twice, or doesn't reply to what came before")
            roles[message.id] = message.role
        if self.latest_id not in roles or (self.latest_id is None and self.messages):
            raise ValueError("latest_id is none of the messages")
        return self

    def restored(self, owner: str) -> Talk:
        values = self.model_dump(exclude={"messages"})
        return Talk(Conversation(owner=owner, **values), [message.restored(self.id) for message in self.messages])
