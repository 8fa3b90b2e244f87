"""Markdown of a model, drawn while it streams, by Streamdown (https://streamdown.ai)."""

from typing import Any, ClassVar

import reflex as rx
from reflex_base.utils.imports import ImportDict, ImportVar
from reflex_components_core.base.error_boundary import error_boundary

from chat_app.components.code_block import HIGHLIGHTER
from chat_app.components.markdown_elements import DRAWN_BY, MARKDOWN_ELEMENTS
from chat_app.components.markdown_source import MARKDOWN_SOURCE
from chat_app.components.markdown_tags import MARKDOWN_TAGS

# Module-level constants of the compiled page: Streamdown draws a block again when it is handed another object.
_CONSTANTS = r"""
const markdownControls = {table: false, code: false};
const markdownLinkSafety = {enabled: false};
const markdownCompletion = {links: false, images: false, katex: false, htmlTags: false};

// Streamdown would take every [^…] for a footnote, those of patterns in code too, and draw such a text as a whole.
let splitMarkdown;
if (typeof document !== "undefined") {
  import("streamdown").then(({parseMarkdownIntoBlocks}) => { splitMarkdown = parseMarkdownIntoBlocks; });
}
const markdownBlocks = (text) =>
  splitMarkdown(text.replaceAll("[^", "[\0")).map((block) => block.replaceAll("[\0", "[^"));
// Only the last is marked, so that no other is drawn again at the end.
const growingMarkdownBlocks = (text) =>
  markdownBlocks(text).map((block, index, {length}) => (index === length - 1 ? GROWING + block : block));

const markdownPlugins = {
  code: highlighter,
  math: {
    name: "katex",
    type: "math",
    remarkPlugin: {plugins: [[remarkMath, {singleDollarTextMath: false}], markdownTags]},
    rehypePlugin: markdownAttributes,
  },
};

// Markdown doesn't see **emphasis (like this)** when a letter follows at once, as Chinese, Japanese and Korean ones do.
// What makes it see that is fetched with the first such text.
const cjkLetter = /[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}]/u;
let cjkPlugins;
const useMarkdownPlugins = (text) => {
  const [isFetched, setFetched] = useState(Boolean(cjkPlugins));
  const isCjk = cjkLetter.test(text);
  useEffect(() => {
    if (!isCjk) return;
    import("@streamdown/cjk").then(({cjk}) => {
      cjkPlugins ??= {...markdownPlugins, cjk};
      setFetched(true);
    });
  }, [isCjk]);
  return isCjk && isFetched ? cjkPlugins : markdownPlugins;
};
"""


class _Streamdown(rx.NoSSRComponent):
    """A text in Markdown.

    An unfinished last block is completed until the rest has come, and only the last block is drawn anew. Scripts,
    styles and dangerous addresses are removed.
    """

    library = "streamdown@2.7.1"
    tag = "Streamdown"
    lib_dependencies: list[str] = [  # noqa: RUF012 - Reflex's own way to declare them
        "@streamdown/cjk@1.0.3",
        "@streamdown/code@2.0.0",
    ]

    text: rx.Var[str]
    is_animating: rx.Var[bool]
    parse_incomplete_markdown: rx.Var[bool]
    components: rx.Var[dict[str, Any]] = rx.Var("markdownComponents")
    controls: rx.Var[dict[str, Any]] = rx.Var("markdownControls")
    link_safety: rx.Var[dict[str, Any]] = rx.Var("markdownLinkSafety")
    line_numbers: rx.Var[bool] = rx.Var.create(False)
    parse_markdown_into_blocks_fn: rx.Var[Any]
    plugins: rx.Var[dict[str, Any]] = rx.Var("markdownPluginsOfText")
    remend: rx.Var[dict[str, Any]] = rx.Var("markdownCompletion")
    # Without a limit (0): a box that scrolls inside the conversation would catch the wheel on its way.
    code_block_max_height: rx.Var[int] = rx.Var.create(0)
    table_max_height: rx.Var[int] = rx.Var.create(0)

    # A var given as a child would be hoisted into a component of its own, and drawn anew with each frame.
    _rename_props: ClassVar[dict[str, str]] = {"text": "children"}

    def add_imports(self) -> list[ImportDict]:
        return [
            {"react": ["cloneElement", "useEffect", "useState"]},
            {"remark-math@6.0.0": ImportVar(tag="remarkMath", is_default=True)},
            *(var_data.old_school_imports() for each in DRAWN_BY.values() if (var_data := each._get_all_var_data())),
        ]

    def add_custom_code(self) -> list[str]:
        names = (f"const {name} = {component!s};" for name, component in DRAWN_BY.items())
        return [*names, HIGHLIGHTER, MARKDOWN_TAGS, MARKDOWN_SOURCE, MARKDOWN_ELEMENTS, _CONSTANTS]

    def add_hooks(self) -> list[str | rx.Var[Any]]:
        return [f"const markdownPluginsOfText = useMarkdownPlugins({self.text!s});"]


@rx.memo
def _markdown(text: rx.Var[str], is_streaming: rx.Var[bool]) -> rx.Component:
    streamdown = _Streamdown.create(
        text=rx.Var(f"markdownSource({text!s}, {is_streaming!s})"),
        is_animating=is_streaming,
        parse_incomplete_markdown=is_streaming,
        parse_markdown_into_blocks_fn=rx.Var(f"({is_streaming!s} ? growingMarkdownBlocks : markdownBlocks)"),
    )
    # A text that can't be drawn, such as one with thousands of quotations in each other, is shown as it is.
    return error_boundary(streamdown, fallback_render=rx.el.p(text, class_name="whitespace-pre-wrap"))


def markdown(text: rx.Var[str] | str, *, is_streaming: rx.Var[bool] | bool = False) -> rx.Component:
    """``text`` as Markdown, with highlighted code, formulas and diagrams."""
    return _markdown(text=text, is_streaming=is_streaming)


def markdown_preload() -> rx.Component:
    """Fetches what draws Markdown as soon as the page is there, so that the first words of an answer needn't wait."""
    return markdown("")
