"""The archive format: conversations as JSON, for exports and imports.

    {"format": "chat", "version": 2, "conversations": [
        {"id": "5f0c…", "title": "Blue sky", "is_titled": true, "is_pinned": false, "latest_id": "c91d…",
         "created_at": "2025-06-01T12:00:00+00:00", "updated_at": "2025-06-01T12:00:05+00:00", "messages": [
            {"id": "77ab…", "parent_id": null, "role": "user", "agent": "", "created_at": "2025-06-01T12:00:00+00:00",
             "parts": [{"kind": "text", "text": "Why is the sky blue?"}], "outcome": null, "rating": 0, "comment": ""},
            {"id": "c91d…", "parent_id": "77ab…", "role": "assistant", "agent": "",
             "created_at": "2025-06-01T12:00:05+00:00",
             "parts": [{"kind": "reasoning", "text": "Air…", "seconds": 0.5}, {"kind": "text", "text": "It scatters…"}],
             "outcome": {"status": "complete", "finish": "stop", "model": "gpt-5-mini",
              "usage": {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}, "error_code": "",
              "duration": 2.5},
             "rating": 1, "comment": "Nice."}]}]}

``settings`` is left out if the owner has set nothing; it has the fields of ``ConversationSettings`` that are set.

The fields are those of ``Conversation`` and ``Message`` in ``chat_app.models``; owners are left out. ``agent`` is the
name of an answer's agent, empty for the default one. Parts are encoded by ``chat_app.models.codec``. Times have an
offset from UTC (RFC 3339); durations are in seconds. ``messages`` are those of all branches, parents before children:
a question replies to an answer or is a root, an answer replies to a question. Answers that were streaming are exported
as ``interrupted``.

A change that earlier readers would misunderstand gets a new version. Version 1 is read as well: there a message has
``text`` and ``reasoning`` in place of parts, and the outcome's fields are its own.
"""

import json
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from io import SEEK_END
from typing import Annotated, Any, BinaryIO, Literal, NamedTuple, Self

import ijson
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    PlainValidator,
    Tag,
    ValidationError,
    model_validator,
)

from chat_app.models import codec
from chat_app.models.conversation import Conversation, ConversationSettings
from chat_app.models.errors import Interrupted, InvalidArchive
from chat_app.models.message import ID_PATTERN, Message, Outcome, Rating, Role, Status, Usage
from chat_app.models.parts import Part, Reasoning, Text
from chat_app.models.principal import Principal
from chat_app.models.request import ReasoningEffort
from chat_app.services.conversations.conversations import MAX_TITLE_CHARS
from chat_app.services.conversations.feedback import MAX_COMMENT_CHARS
from chat_app.services.conversations.settings import MAX_INSTRUCTION_CHARS, MAX_TEMPERATURE, MAX_TOKENS

FORMAT, VERSION = "chat", 2
_READABLE_VERSIONS = (1, 2)

_ZONES = timedelta(days=2)  # more than the difference between any two time zones
_MAX_PATH_CHARS = 200  # the name of an unknown field may have any length
_WORD_CHARS = 20
_CONVERSATION_DEPTH = 2
_MAX_DEPTH = 20  # an archive has 6
_MAX_SIZE = 1_000_000  # keys and values in one conversation: those of 20,000 messages

_STARTS, _ENDS = ("start_map", "start_array"), ("end_map", "end_array")

_HEADER = {"format": FORMAT, "version": None, "conversations": "start_array"}

# Fields that identify the exports of other programs.
_OTHER_PROGRAMS = {"mapping": "ChatGPT", "chat_messages": "Claude"}


class ConversationTree(NamedTuple):
    """A conversation with the messages of all its branches, parents before children."""

    conversation: Conversation
    messages: list[Message]


def dump(trees: Iterable[ConversationTree]) -> str:
    """Write an archive of these conversations, without their owners."""
    conversations = [_conversation_values(tree) for tree in trees]
    document = {"format": FORMAT, "version": VERSION, "conversations": conversations}
    return json.dumps(document, ensure_ascii=False, indent=2, default=datetime.isoformat)


def load(file: BinaryIO, owner: Principal) -> Iterator[ConversationTree]:
    """Read the conversations of an archive one at a time, since all of them may not fit into memory.

    Args:
        file: The archive in UTF-8, with or without a byte order mark; seekable.
        owner: The owner of the conversations.

    Raises:
        InvalidArchive: The file is no archive, or damaged. The error names the path in the JSON, and quotes no content.
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
        InvalidArchive: The file is no archive, or one of another version.
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
        # Memory: ``ijson.items`` keeps paths that grow with the square of the depth, and one whole conversation.
        if depth > _MAX_DEPTH or size > _MAX_SIZE:
            raise InvalidArchive("no_archive")
    if header.keys() != _HEADER.keys():
        raise InvalidArchive("no_archive")


def _ensure_header(header: Mapping[str, object]) -> None:
    version = header.get("version", VERSION)
    if header.get("format", FORMAT) == FORMAT and (version not in _READABLE_VERSIONS or not isinstance(version, int)):
        raise InvalidArchive("other_version", version=str(version)[:_WORD_CHARS])
    if any(_HEADER.get(name) != value for name, value in header.items() if name != "version"):
        raise InvalidArchive("no_archive")


def _restored(values: object, index: int, owner: Principal) -> ConversationTree:
    try:
        # As JSON: only this mode of pydantic is strict about numbers but accepts times as text.
        return _Conversation.model_validate_json(json.dumps(values, ensure_ascii=False)).restored(owner)
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False, include_context=False)[0]
        # The tags of the union of versions are no part of the path.
        names = [name for name in map(str, problem["loc"]) if not name.startswith("<")]
        path = ".".join(("conversations", str(index), *names))[:_MAX_PATH_CHARS]
        raise InvalidArchive("damaged", path=path, found=problem["msg"]) from None


def _conversation_values(tree: ConversationTree) -> dict[str, Any]:
    values = asdict(tree.conversation)
    del values["owner"]
    values["settings"] = {name: value for name, value in values["settings"].items() if value not in (None, "")}
    if not values["settings"]:  # earlier versions of the app, which don't know the field, can read the archive
        del values["settings"]
    return values | {"messages": [_message_values(message) for message in tree.messages]}


def _message_values(message: Message) -> dict[str, Any]:
    outcome = message.outcome
    if outcome and outcome.status is Status.STREAMING:
        outcome = replace(outcome, status=Status.INTERRUPTED, error_code=Interrupted.code)
    return {
        "id": message.id,
        "parent_id": message.parent_id,
        "role": message.role,
        "agent": "" if message.role is Role.USER else message.author_id,
        "created_at": message.created_at,
        "parts": [codec.to_json(part) for part in message.parts],
        "outcome": outcome and asdict(outcome),
        "rating": message.rating,
        "comment": message.comment,
    }


def _in_utc(moment: datetime) -> datetime:
    try:
        _ = moment - _ZONES, moment + _ZONES
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("outside the calendar") from None


# The app's ids have 32 characters. Shorter ones could collide with ids of other elements on the page ("message").
Id = Annotated[str, Field(pattern=f"^{ID_PATTERN}$", min_length=32)]
Word = Annotated[str, Field(max_length=200)]
Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]
Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Tokens = Annotated[int, Field(ge=0, lt=2**63)]


def _part(value: object) -> Part:
    if not isinstance(value, dict):
        raise ValueError("no object")  # noqa: TRY004 - pydantic reports ValueError as an error of the input, TypeError not
    return codec.from_json(value)


class _Fields(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")


class _Usage(_Fields):
    prompt_tokens: Tokens
    completion_tokens: Tokens
    total_tokens: Tokens


EndedStatus = Literal[Status.COMPLETE, Status.STOPPED, Status.FAILED, Status.INTERRUPTED]


class _Ending(_Fields):
    """The fields of an outcome with the same names in all versions."""

    status: EndedStatus
    model: Word
    usage: _Usage | None
    error_code: Word
    duration: Seconds | None

    def _outcome(self, finish: str) -> Outcome:
        usage = self.usage and Usage(**self.usage.model_dump())
        return Outcome(self.status, finish, self.model, usage, self.error_code, self.duration)


class _Outcome(_Ending):
    finish: Word

    def restored(self) -> Outcome:
        return self._outcome(self.finish)


class _AnyMessage(_Fields):
    id: Id
    parent_id: Id | None
    role: Role
    rating: Rating
    comment: Annotated[str, Field(max_length=MAX_COMMENT_CHARS)]
    created_at: Moment

    def _message(
        self, conversation_id: str, owner: Principal, parts: Iterable[Part], outcome: Outcome, agent: str = ""
    ) -> Message:
        is_user = self.role is Role.USER
        return Message(
            id=self.id,
            conversation_id=conversation_id,
            parent_id=self.parent_id,
            author_id=owner.key if is_user else agent,
            role=self.role,
            parts=tuple(parts),
            outcome=None if is_user else outcome,
            rating=self.rating,
            comment=self.comment,
            created_at=self.created_at,
        )


class _Message(_AnyMessage):
    agent: Word
    parts: list[Annotated[Part, PlainValidator(_part)]]
    outcome: _Outcome | None

    def restored(self, conversation_id: str, owner: Principal) -> Message:
        outcome = self.outcome.restored() if self.outcome else Outcome(Status.COMPLETE)
        return self._message(conversation_id, owner, self.parts, outcome, self.agent)


class _MessageOfVersion1(_AnyMessage, _Ending):
    text: str
    reasoning: str
    finish_reason: Word
    reasoning_duration: Seconds | None

    def restored(self, conversation_id: str, owner: Principal) -> Message:
        parts = (Reasoning(self.reasoning, self.reasoning_duration), Text(self.text))
        outcome = self._outcome(self.finish_reason)
        return self._message(conversation_id, owner, (part for part in parts if part.text), outcome)


_TaggedMessage = Annotated[_Message, Tag("<2>")]
_TaggedMessageOfVersion1 = Annotated[_MessageOfVersion1, Tag("<1>")]


def _version_of(message: object) -> str:
    has_parts = "parts" in message if isinstance(message, dict) else isinstance(message, _Message)
    return "<2>" if has_parts else "<1>"


class _Settings(_Fields):
    instructions: Annotated[str, Field(max_length=MAX_INSTRUCTION_CHARS)] = ""
    temperature: Annotated[float, Field(ge=0, le=MAX_TEMPERATURE)] | None = None
    top_p: Annotated[float, Field(ge=0, le=1)] | None = None
    max_tokens: Annotated[int, Field(ge=1, le=MAX_TOKENS)] | None = None
    reasoning_effort: ReasoningEffort | None = None
    web_search: bool = False


class _Conversation(_Fields):
    id: Id
    title: Annotated[str, Field(max_length=MAX_TITLE_CHARS)]
    is_titled: bool
    is_pinned: bool
    latest_id: Id | None
    created_at: Moment
    updated_at: Moment
    settings: _Settings = _Settings()
    messages: list[Annotated[_TaggedMessageOfVersion1 | _TaggedMessage, Discriminator(_version_of)]]

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

    def restored(self, owner: Principal) -> ConversationTree:
        values = self.model_dump(exclude={"messages", "settings"})
        values["settings"] = ConversationSettings(**self.settings.model_dump())
        messages = [message.restored(self.id, owner) for message in self.messages]
        return ConversationTree(Conversation(owner=owner, **values), messages)
