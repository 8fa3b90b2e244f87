"""Port: announcements to other processes."""

from typing import Protocol

from chat_app.models.principal import Principal


class Announcer(Protocol):
    """Tells other processes that an owner's conversations have changed."""

    def announce(self, owner: Principal) -> None:
        """Announce a change, soon and at least once, unless the process ends during an outage."""
        ...
