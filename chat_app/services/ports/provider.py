"""Port: a language model."""

from collections.abc import AsyncGenerator, Sequence
from typing import Protocol

from chat_app.models.events import ProviderEvent
from chat_app.models.listed_model import Abilities
from chat_app.models.message import Turn
from chat_app.models.request import DEFAULT_OPTIONS, Options


class Provider(Protocol):
    """A language model."""

    @property
    def learned(self) -> Abilities:
        """The abilities that its answers so far have shown it to lack."""
        ...

    def stream(self, turns: Sequence[Turn], options: Options = DEFAULT_OPTIONS) -> AsyncGenerator[ProviderEvent, None]:
        """Answer the last of ``turns``; ends with one ``StepEnded``. Closing the iterator ends the model's work too.

        Raises:
            ModelError: The model or the connection to it failed. Pieces yielded before stay valid.
        """
        ...
