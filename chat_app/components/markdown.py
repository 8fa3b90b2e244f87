"""Markdown of a model, drawn while it streams, by Streamdown (https://streamdown.ai)."""

from typing import Any, ClassVar

import reflex as rx

# Module-level constants of the compiled page: Streamdown draws a block again when it is handed another object.
_CONSTANTS = """
// What an answer refers to must not be fetched by itself: the address could carry what the model was told. So an image
// is a link to it. Scripts, styles and dangerous addresses are removed by Streamdown's own rehype plugins.
const markdownComponents = {
  img: ({src, alt}) => jsx("a", {href: src, target: "_blank", rel: "noreferrer"}, alt || src),
};
const markdownControls = {table: false, mermaid: false, code: {download: false}};
const markdownLinkSafety = {enabled: false};

// Highlighting is fetched when there is code to highlight; until then code is plain.
let highlighter;
const markdownPlugins = {
  code: {
    name: "shiki",
    type: "code-highlighter",
    getThemes: () => ["github-light", "github-dark"],
    getSupportedLanguages: () => highlighter?.getSupportedLanguages() ?? [],
    supportsLanguage: (language) => highlighter?.supportsLanguage(language) ?? true,
    highlight: (options, show) => {
      if (highlighter) return highlighter.highlight(options, show);
      import("@streamdown/code").then(({code}) => {
        highlighter = code;
        const highlighted = code.highlight(options, show);
        if (highlighted) show(highlighted);
      });
      return null;
    },
  },
};
"""


class Markdown(rx.NoSSRComponent):
    """A text in Markdown.

    An unfinished last block is completed until the rest has come, and only the last block is drawn anew.
    """

    library = "streamdown@2.7.1"
    tag = "Streamdown"
    lib_dependencies: list[str] = ["@streamdown/code@2.0.0"]  # noqa: RUF012 - Reflex's own way to declare it

    text: rx.Var[str]
    is_animating: rx.Var[bool]
    components: rx.Var[dict[str, Any]] = rx.Var("markdownComponents")
    controls: rx.Var[dict[str, Any]] = rx.Var("markdownControls")
    link_safety: rx.Var[dict[str, Any]] = rx.Var("markdownLinkSafety")
    line_numbers: rx.Var[bool] = rx.Var.create(False)
    plugins: rx.Var[dict[str, Any]] = rx.Var("markdownPlugins")
    # Without a limit (0): a box that scrolls inside the conversation would catch the wheel on its way.
    code_block_max_height: rx.Var[int] = rx.Var.create(0)
    table_max_height: rx.Var[int] = rx.Var.create(0)

    # A var given as a child would be hoisted into a component of its own, and drawn anew with each frame.
    _rename_props: ClassVar[dict[str, str]] = {"text": "children"}

    def add_custom_code(self) -> list[str]:
        return [_CONSTANTS]


def markdown(text: rx.Var[str] | str, *, is_streaming: rx.Var[bool] | bool = False) -> rx.Component:
    """``text`` as Markdown, with highlighted code."""
    return Markdown.create(text=text, is_animating=is_streaming)


def markdown_preload() -> rx.Component:
    """Fetches what draws Markdown as soon as the page is there, so that the first words of an answer needn't wait."""
    return markdown("")
