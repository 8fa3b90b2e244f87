"""Entries of a model server's list of models, and the abilities of models."""

from dataclasses import astuple, dataclass


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a model can take; ``None`` if unknown, which counts as able to until it refuses.

    Attributes:
        images: Images in messages.
        tools: Tools to call.
        reasoning: A reasoning effort.
        web_search: Searching the web by itself. It is offered only if known.
        context: The length of its context, in tokens.
    """

    images: bool | None = None
    tools: bool | None = None
    reasoning: bool | None = None
    web_search: bool | None = None
    context: int | None = None

    def or_else(self, others: "Abilities") -> "Abilities":
        """Return these abilities, with the unknown ones from ``others``."""
        pairs = zip(astuple(self), astuple(others), strict=True)
        return Abilities(*(other if own is None else own for own, other in pairs))


UNKNOWN_ABILITIES = Abilities()


@dataclass(frozen=True, slots=True)
class ListedModel:
    """A model that a server offers for chats.

    Attributes:
        name: Its name on that server.
        title: Its display name; empty if the server has none.
    """

    name: str
    title: str = ""
    abilities: Abilities = UNKNOWN_ABILITIES
