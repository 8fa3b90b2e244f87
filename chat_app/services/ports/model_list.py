"""Port: the list of a server's models."""

from typing import Protocol

from chat_app.models.listed_model import ListedModel


class ModelList(Protocol):
    """A server that lists its models."""

    async def models(self) -> list[ListedModel]:
        """List the models for chats.

        Raises:
            ModelError: The server failed, has no list, or can't be reached.
        """
        ...
