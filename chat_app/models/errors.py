"""The tree of expected errors.

    ChatError
    ├── RequestError            the request can't be served as it is
    │   ├── InvalidRequest      a field is missing, too long or of the wrong type
    │   │   ├── InvalidArchive  the file isn't an export of this app
    │   │   └── FileRefused     the file can't be read, or is of a type that isn't supported
    │   ├── Unauthorized        the cookie, key or ticket is missing or wrong
    │   ├── Forbidden           a cross-site request
    │   ├── WrongHost           the Host header is none of the server's names
    │   ├── NotFound            the resource doesn't exist, or has another owner
    │   ├── Conflict            the id is taken
    │   ├── Busy                concurrency limit: too many answers are running
    │   ├── TooManyRequests     rate limit: too many requests within a minute
    │   └── UploadsFull         too many bytes are being received
    ├── ModelError              the model server, or the connection to it, failed
    │   ├── Misconfigured       the key, address or model name is wrong
    │   ├── QuotaExceeded       the account has no credit left
    │   ├── RateLimited         the model server's rate limit
    │   ├── TooLong             the conversation doesn't fit the model's context
    │   ├── OptionRefused       the model doesn't support a sampling option, or its value
    │   ├── Blocked             a content filter refused
    │   ├── ModelTimeout        timeout of the model
    │   ├── Unreachable         the connection failed
    │   ├── Truncated           the stream ended in the middle
    │   └── UpstreamFailed      any other fault of the model server
    ├── StorageUnavailable      the database or its disk can't be read or written at the moment
    │   └── SharedStateUnavailable   Redis, which several processes share, can't be used at the moment
    └── Interrupted             this server stopped in the middle, or is stopping

Clients get ``code``; it is the key of the user's sentence in ``chat_app.texts``. The exception's own text goes to the
server's log only.
"""

from typing import ClassVar


class ChatError(Exception):
    """Base of all expected errors.

    Args:
        detail: Description for the log.
        retry_after: Seconds to wait before a retry, if known.
        param: The name of the wrong option of the request, if it is an option.

    Attributes:
        code: Identifies the error in the API and in ``chat_app.texts``.
        retryable: A retry of the same request may succeed.
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
    """The file can't be imported.

    Args:
        problem: A key of ``Catalogue.archive_problems``.
        values: Values for the placeholders of that sentence.
    """

    code = "invalid_archive"

    def __init__(self, problem: str, **values: object) -> None:
        super().__init__(f"{problem} {values or ''}".rstrip())
        self.problem = problem
        self.values = values


class FileRefused(InvalidRequest):
    """The file can't be part of a question.

    Args:
        problem: A key of ``Catalogue.file_problems``.
        values: Values for the placeholders of that sentence.
    """

    code = "file_refused"

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


class SharedStateUnavailable(StorageUnavailable):
    pass


class Interrupted(ChatError):
    code = "interrupted"


def is_retryable(code: str) -> bool:
    """Return True if a retry may succeed after the error with this code."""
    return _RETRYABLE.get(code, ChatError.retryable)


def _family(error: type[ChatError]) -> list[type[ChatError]]:
    return [error, *(member for child in error.__subclasses__() for member in _family(child))]


_RETRYABLE = {error.code: error.retryable for error in _family(ChatError)}
