"""Ports: the interfaces to everything outside the business layer, as protocols.

No implementations: those are in ``chat_app.infrastructure``, and fakes in the tests.
"""

from collections.abc import Callable

from chat_app.models.answer_record import Report
from chat_app.services.ports.announcer import Announcer
from chat_app.services.ports.answer_log import AnswerLog
from chat_app.services.ports.conversations import ConversationStore
from chat_app.services.ports.file_reader import FileReader
from chat_app.services.ports.files import FileContents, FileStore
from chat_app.services.ports.leases import Leases
from chat_app.services.ports.messages import MessageStore
from chat_app.services.ports.model_list import ModelList
from chat_app.services.ports.provider import Provider
from chat_app.services.ports.rate_limiter import RateLimiter
from chat_app.services.ports.slots import Slots
from chat_app.services.ports.store import Store

__all__ = [
    "Announcer",
    "AnswerLog",
    "ConversationStore",
    "FileContents",
    "FileReader",
    "FileStore",
    "Leases",
    "MessageStore",
    "ModelList",
    "Observe",
    "Provider",
    "RateLimiter",
    "Slots",
    "Store",
]

Observe = Callable[[Report], None]
"""Callback for the report of each ended answer. It must not raise."""
