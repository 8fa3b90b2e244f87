/**
 * A plug-in of Streamdown that highlights code by Shiki. Shiki and each language are fetched when there is code in it;
 * code that isn't highlighted yet is plain.
 *
 * JavaScript, since Shiki is, and since code is highlighted as it streams in.
 */
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
export const highlighter = {
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
