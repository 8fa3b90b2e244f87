"""Idempotency: a request repeated with the same ``id`` gets the same answer, and isn't paid for twice."""

import json
from hashlib import sha256
from uuid import UUID

from chat_app.api.stream.schemas import StreamRequest, history_of
from chat_app.models.message import new_id
from chat_app.models.principal import Principal


def answer_id_for(owner: Principal, params: StreamRequest) -> str:
    """The answer's id: derived from the request's ``id``, or a new one if it has none.

    A random UUID can't be guessed, so it becomes the answer's id itself. Anything else, such as ``order-7``, may be
    another client's id too: it is hashed together with the caller and the question, so that no client reaches an answer
    by an id alone.
    """
    if params.id is None:
        return new_id()
    if _is_random_uuid(params.id):
        return params.id
    turns = [(turn.role, turn.text) for turn in history_of(params)]
    asked = json.dumps([owner.key, params.id, params.conversation_id, params.message, turns, *params.files])
    return sha256(asked.encode()).hexdigest()[:32]


def _is_random_uuid(client_id: str) -> bool:
    """Return True for a UUID of version 4 (RFC 9562, section 5.4)."""
    try:
        return UUID(client_id).version == 4  # noqa: PLR2004 - the RFC's number
    except ValueError:
        return False
