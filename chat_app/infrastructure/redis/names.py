"""Names of the keys in Redis."""

from chat_app.services.ports.slots import Group

RUNNING = "chat:running"
"""The set of the answers whose log has no ``Done`` yet."""

CHANGES = "chat:changes"
"""The stream of changed conversation lists, as keys of their owners."""

LIMITS = "chat:limits"
"""The prefix of the rate limits' windows."""


def lease(answer_id: str) -> str:
    """The id of the process that writes the answer."""
    return f"chat:lease:{answer_id}"


def log(answer_id: str) -> str:
    """The stream of the answer's events."""
    return f"chat:log:{answer_id}"


def owner(answer_id: str) -> str:
    """The key of the answer's owner, for as long as there is a log."""
    return f"chat:owner:{answer_id}"


def readers(answer_id: str) -> str:
    """A flag that exists while another process than the writer's has readers of the answer."""
    return f"chat:readers:{answer_id}"


def inbox(process_id: str) -> str:
    """The stream of the requests to a process."""
    return f"chat:inbox:{process_id}"


def slots(group: Group) -> str:
    """The sorted set of the slots that a group of callers holds."""
    return ":".join(("chat:slots", *group))
