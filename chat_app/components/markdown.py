"""Markdown of a model, drawn while it streams, by Streamdown (https://streamdown.ai)."""

from typing import Any, ClassVar

import reflex as rx
from reflex_base.utils.imports import ImportDict

# What an answer refers to must not be fetched by itself: the address could carry what the model was told. An image is
# drawn as a link to it. Scripts, styles and dangerous addresses are removed by Streamdown's own rehype plugins.
_LINK_IN_PLACE_OF_IMAGE = rx.Var(
    '({src, alt}) => jsx("a", {href: src, target: "_blank", rel: "noreferrer"}, alt || src)'
)


class Markdown(rx.NoSSRComponent):
    """A text in Markdown.

    An unfinished last block is completed until the rest has come, and only the last block is drawn anew.
    """

    library = "streamdown@2.7.1"
    tag = "Streamdown"

    text: rx.Var[str]
    is_animating: rx.Var[bool]
    plugins: rx.Var[dict[str, Any]]
    components: rx.Var[dict[str, Any]]
    link_safety: rx.Var[dict[str, Any]]
    controls: rx.Var[dict[str, Any]]

    # A var given as a child would be hoisted into a component of its own, and drawn anew with each frame.
    _rename_props: ClassVar[dict[str, str]] = {"text": "children"}

    def add_imports(self) -> ImportDict:
        return {"@streamdown/code@2.0.0": "code"}


def markdown(text: rx.Var[str], *, is_streaming: rx.Var[bool]) -> rx.Component:
    """``text`` as Markdown, with highlighted code."""
    return Markdown.create(
        text=text,
        is_animating=is_streaming,
        plugins=rx.Var("{ code }"),
        components={"img": _LINK_IN_PLACE_OF_IMAGE},
        link_safety={"enabled": False},
        controls={"table": False, "code": {"download": False}, "mermaid": False},
    )
