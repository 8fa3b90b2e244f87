"""A block of code in an answer: its language, a switch that wraps its long lines, a button that copies it."""

import reflex as rx

from chat_app.components.copy_button import copy_button
from chat_app.components.text import text

# A plug-in of Streamdown, as JavaScript. Shiki, and then each language, is fetched when there is code in it; until that
# has come, and until it has got as far as the text, the code is plain.
HIGHLIGHTER = r"""
const lastHighlighted = new Map(); // of each language

// What is highlighted already of a text that has grown, and the rest in plain.
const highlightedSoFar = ({code, language}) => {
  const {code: known, tokens} = lastHighlighted.get(language) ?? {code: ""};
  const isSame = tokens && code.startsWith(known);
  const [restOfLine, ...lines] = code.slice(isSame ? known.length : 0).split("\n").map((content) => [{content}]);
  const rows = isSame ? tokens.tokens : [[]];
  return {...tokens, tokens: [...rows.slice(0, -1), [...rows.at(-1), ...restOfLine], ...lines]};
};

const tokensOf = async (options) => {
  const {code: shiki} = await import("@streamdown/code");
  return new Promise((show) => {
    const tokens = shiki.highlight(options, show);
    if (tokens) show(tokens);
  });
};

// A language's first lines take long, since its grammar is made ready along the way. So Shiki, which goes on where it
// was, gets one line more at a time, and whatever else the page has to do comes in between.
const LONGEST_STRETCH = 16; // milliseconds
const highlightByLines = async (options) => {
  const {code, language} = options;
  const known = lastHighlighted.get(language)?.code ?? "";
  let end = code.startsWith(known) ? known.lastIndexOf("\n") + 1 : 0;
  let begun = performance.now();
  while ((end = code.indexOf("\n", end) + 1)) {
    await tokensOf({...options, code: code.slice(0, end), isIncomplete: true});
    if (performance.now() - begun < LONGEST_STRETCH) continue;
    await new Promise((resume) => setTimeout(resume));
    begun = performance.now();
  }
  const tokens = await tokensOf(options);
  lastHighlighted.set(language, {code, tokens});
  return tokens;
};

const highlighting = new Map(); // of each language; one after the other, for Shiki remembers few places to go on from
const highlighter = {
  name: "shiki",
  type: "code-highlighter",
  getThemes: () => ["github-light-high-contrast", "github-dark-default"],
  getSupportedLanguages: () => [],
  supportsLanguage: () => true,
  highlight: (options, show) => {
    const before = highlighting.get(options.language) ?? Promise.resolve();
    highlighting.set(options.language, before.then(() => highlightByLines(options)).then(show, console.error));
    return highlightedSoFar(options);
  },
};
"""


@rx.memo
def code_block(children: rx.Var[rx.Component], source: rx.Var[str]) -> rx.Component:
    """The block that Streamdown makes of ``source``, in a frame."""
    return code_frame(children, source)


def code_frame(
    code: rx.Var[rx.Component], source: rx.Var[str], *below: rx.Component, action: rx.Component | None = None
) -> rx.Component:
    """``action`` is a button of its own in the bar above the code."""
    return rx.el.div(
        rx.el.div(
            action,
            _wrap_switch(),
            copy_button(content=source, label=text("copy_code")),
            class_name="code-actions",
        ),
        code,
        *below,
        class_name="code-block",
    )


def _wrap_switch() -> rx.Component:
    # What it switches is in the style sheet, so that nothing has to be drawn again.
    return rx.el.label(
        rx.el.input(type="checkbox", aria_label=text("wrap_lines"), class_name="wrap-switch sr-only"),
        rx.icon("wrap-text", size=16),
        title=text("wrap_lines"),
        class_name="icon-button",
    )
