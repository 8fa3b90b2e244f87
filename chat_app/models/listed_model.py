"""Entries of a model server's list of models."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ListedModel:
    """A model that a server offers for chats.

    Attributes:
        name: Its name on that server.
        title: Its display name; empty if the server has none.
    """

    name: str
    title: str = ""
