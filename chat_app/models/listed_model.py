"""Models as their servers list them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ListedModel:
    """A model that a server offers for chats.

    Attributes:
        name: Its name on that server.
        title: Its name for people; empty where the server has none.
    """

    name: str
    title: str = ""
