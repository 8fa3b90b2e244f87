"""Which answer a question is about: the same question asked again must not be answered, and paid, twice."""

import json
from hashlib import sha256
from uuid import UUID

from chat_app.api.stream.schemas import Question, history_of
from chat_app.models.message import new_id
from chat_app.models.principal import Principal


def answer_id_of(owner: Principal, question: Question) -> str:
    """The id of the answer to ``question``; a new one each time unless the client made one up.

    A random UUID can't be guessed, so it is the answer's id as it is. Anything else, such as ``order-7``, may be
    somebody else's idea as well: it counts together with who asks and what, so that nobody comes across the answer
    who couldn't have asked for it.
    """
    if question.id is None:
        return new_id()
    if _is_random(question.id):
        return question.id
    turns = [(turn.role, turn.text) for turn in history_of(question)]
    asked = json.dumps([owner.key, question.id, question.conversation_id, question.message, turns])
    return sha256(asked.encode()).hexdigest()[:32]


def _is_random(client_id: str) -> bool:
    """Whether it is a UUID of version 4, the random one (RFC 9562, section 5.4)."""
    try:
        return UUID(client_id).version == 4  # noqa: PLR2004 - as the RFC calls it
    except ValueError:
        return False
