"""Everything that can go wrong, as one tree.

    ChatError
    ├── RequestError            the caller has to change something
    │   ├── InvalidRequest      a field is missing, too long or of the wrong type
    │   │   └── InvalidArchive  a file isn't an export of this app
    │   ├── Unauthorized        no cookie, key or ticket says who is asking
    │   ├── Forbidden           another site made the browser ask
    │   ├── WrongHost           the server was called by a name that isn't its own
    │   ├── NotFound            no such thing, or it belongs to someone else
    │   ├── Conflict            the id is already taken
    │   ├── Busy                too many answers are running
    │   ├── TooManyRequests     too many have begun within a minute
    │   └── UploadsFull         too many bytes are being received
    ├── ModelError              the model, or the way to it, failed
    │   ├── Misconfigured       key, address or model name is wrong
    │   ├── QuotaExceeded       the account has no credit left
    │   ├── RateLimited         too many requests, wait
    │   ├── TooLong             the conversation doesn't fit the model
    │   ├── OptionRefused       the model doesn't support an option of the request, or its value
    │   ├── Blocked             a content filter refused
    │   ├── ModelTimeout        no answer in time
    │   ├── Unreachable         no connection
    │   ├── Truncated           the stream ended in the middle
    │   └── UpstreamFailed      anything else the model server did wrong
    ├── StorageUnavailable      the database or its disk can't be read or written at the moment
    └── Interrupted             our own server stopped in the middle, or is about to

``code`` travels to clients and finds the sentence for the user in ``chat_app.texts``. The exception's own text is
for the server's log only and never leaves it.
"""

from typing import ClassVar


class ChatError(Exception):
    """Base of all expected errors.

    Args:
        detail: What happened, for the log.
        retry_after: Seconds to wait before trying again, where the other side said so.
        param: The name of the request's option that is wrong, if it is one.
    """

    code: ClassVar[str] = "internal"
    retryable: ClassVar[bool] = True

    def __init__(self, detail: str = "", *, retry_after: float | None = None, param: str = "") -> None:
        super().__init__(detail)
        self.retry_after = retry_after
        self.param = param


class RequestError(ChatError):
    code = "invalid"
    retryable = False


class InvalidRequest(RequestError):
    pass


class InvalidArchive(InvalidRequest):
    """A file can't be imported.

    Args:
        problem: A key of ``Catalogue.archive_problems``.
        values: For the placeholders of the sentence.
    """

    code = "invalid_archive"

    def __init__(self, problem: str, **values: object) -> None:
        super().__init__(f"{problem} {values or ''}".rstrip())
        self.problem = problem
        self.values = values


class Unauthorized(RequestError):
    code = "unauthorized"


class Forbidden(RequestError):
    code = "forbidden"


class WrongHost(RequestError):
    code = "wrong_host"


class NotFound(RequestError):
    code = "not_found"


class Conflict(RequestError):
    code = "conflict"


class Busy(RequestError):
    code = "busy"
    retryable = True


class TooManyRequests(RequestError):
    code = "too_many_requests"
    retryable = True


class UploadsFull(RequestError):
    code = "uploads_full"
    retryable = True


class ModelError(ChatError):
    code = "upstream"


class Misconfigured(ModelError):
    code = "misconfigured"
    retryable = False


class QuotaExceeded(ModelError):
    code = "quota"
    retryable = False


class RateLimited(ModelError):
    code = "rate_limited"


class TooLong(ModelError):
    code = "too_long"
    retryable = False


class OptionRefused(ModelError):
    code = "option_refused"
    retryable = False


class Blocked(ModelError):
    code = "blocked"
    retryable = False


class ModelTimeout(ModelError):
    code = "timeout"


class Unreachable(ModelError):
    code = "unreachable"


class Truncated(ModelError):
    code = "truncated"


class UpstreamFailed(ModelError):
    pass


class StorageUnavailable(ChatError):
    code = "storage"


class Interrupted(ChatError):
    code = "interrupted"


def is_retryable(code: str) -> bool:
    """Whether trying again can help after the error with this code."""
    return _RETRYABLE.get(code, ChatError.retryable)


def _family(error: type[ChatError]) -> list[type[ChatError]]:
    return [error, *(member for child in error.__subclasses__() for member in _family(child))]


_RETRYABLE = {error.code: error.retryable for error in _family(ChatError)}
