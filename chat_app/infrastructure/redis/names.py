"""Names of the keys in Redis."""

RUNNING = "chat:running"
"""The set of the answers whose log has no ``Done`` yet."""

CHANGES = "chat:changes"
"""The stream of changed conversation lists, as keys of their owners."""


def lease(answer_id: str) -> str:
    """The worker that writes the answer."""
    return f"chat:lease:{answer_id}"


def log(answer_id: str) -> str:
    """The stream of the answer's events."""
    return f"chat:log:{answer_id}"


def owner(answer_id: str) -> str:
    """The key of the answer's owner, for as long as there is a log."""
    return f"chat:owner:{answer_id}"


def readers(answer_id: str) -> str:
    """There while a worker other than the writer's has readers of the answer."""
    return f"chat:readers:{answer_id}"


def inbox(worker: str) -> str:
    """The stream of the requests to a worker."""
    return f"chat:inbox:{worker}"
