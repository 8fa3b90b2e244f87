"""Markdown of a model, drawn while it streams, by Streamdown (https://streamdown.ai)."""

from typing import Any

import reflex as rx
from reflex_base.utils.imports import ImportDict
from reflex_components_core.base.error_boundary import error_boundary

from chat_app.compat.reflex import imports_of
from chat_app.components.markdown.code_block import code_block
from chat_app.components.markdown.diagram import diagram
from chat_app.components.markdown.formula import formula
from chat_app.components.markdown.replacements import missing_image, task_box

# Modules in one folder of the compiled page, for relative imports between them.
_MODULES = {
    name: rx.asset(f"{name}.js", shared=True).importable_path
    for name in (
        "markdown",
        "markdown_addresses",
        "markdown_blocks",
        "markdown_constructs",
        "markdown_formulas",
        "markdown_syntax",
        "markdown_tags",
        "markdown_tree",
        "highlighter",
    )
}

# The app's components in an answer, by their names in markdown.js.
_PARTS: dict[str, rx.Var] = {
    "CodeBlock": rx.Var.create(code_block),
    "Diagram": rx.Var.create(diagram),
    "Formula": rx.Var.create(formula),
    "MissingImage": rx.Var.create(missing_image),
    "TaskBox": rx.Var.create(task_box),
}


class _Markdown(rx.NoSSRComponent):
    """A text in Markdown; see markdown.js."""

    library = _MODULES["markdown"]
    tag = "Markdown"
    lib_dependencies: list[str] = [  # noqa: RUF012 - Reflex's own way to declare them
        "streamdown@2.7.1",
        "@streamdown/code@2.0.0",
        # The parser, and its dialects
        "mdast-util-find-and-replace@3.0.4",
        "mdast-util-math@3.0.0",
        "mdast-util-newline-to-break@2.0.0",
        "micromark@4.0.3",
        "micromark-core-commonmark@2.0.4",
        "micromark-extension-llm-math@3.1.0",
        "micromark-util-subtokenize@2.1.0",
        "remark-cjk-friendly@2.3.3",
        "remark-cjk-friendly-gfm-strikethrough@2.3.2",
        "remark-gfm@4.0.1",
        "remark-parse@11.0.0",
        "remend@1.4.0",
        "unified@11.0.5",
    ]

    source: rx.Var[str]
    is_streaming: rx.Var[bool]
    # Outside of the component, so that it is the same object each time: otherwise all blocks would be drawn again.
    parts: rx.Var[dict[str, Any]] = rx.Var("markdownParts")

    def add_imports(self) -> list[ImportDict]:
        return [imports_of(each) for each in _PARTS.values()]

    def add_custom_code(self) -> list[str]:
        parts = ", ".join(f"{name}: {component!s}" for name, component in _PARTS.items())
        return [f"const markdownParts = {{{parts}}};"]


@rx.memo
def _markdown(source: rx.Var[str], is_streaming: rx.Var[bool]) -> rx.Component:
    # A text that can't be drawn, such as one with thousands of quotations in each other, is shown as it is.
    return error_boundary(
        _Markdown.create(source=source, is_streaming=is_streaming),
        fallback_render=rx.el.p(source, class_name="whitespace-pre-wrap"),
    )


def markdown(source: rx.Var[str] | str, *, is_streaming: rx.Var[bool] | bool = False) -> rx.Component:
    """A text in Markdown, with highlighted code, formulas and diagrams.

    Args:
        source: The text.
        is_streaming: More of it is to come: its last block is completed until then.
    """
    return _markdown(source=source, is_streaming=is_streaming)


def markdown_preload() -> rx.Component:
    """Prefetch of the Markdown renderer, so that the first words of an answer needn't wait for it."""
    return markdown("")
