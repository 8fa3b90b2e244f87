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

// Shiki takes half a second for a line of 8,000 characters, each time it grows: it and what follows it stay plain.
const LONGEST_LINE = 1000; // characters
const highlightable = (code) => {
  for (let start = 0, end; start <= code.length; start = end + 1) {
    end = code.indexOf("\n", start);
    if (end < 0) end = code.length;
    if (end - start > LONGEST_LINE) return code.slice(0, start);
  }
  return code;
};

// A language's first lines take long, since its grammar is made ready along the way. So Shiki, which goes on where it
// was, gets one line more at a time, and whatever else the page has to do comes in between.
const LONGEST_STRETCH = 16; // milliseconds
const highlightByLines = async (options) => {
  const {language} = options;
  const code = highlightable(options.code);
  if (!code) return highlightedSoFar(options);
  const known = lastHighlighted.get(language)?.code ?? "";
  let end = code.startsWith(known) ? known.lastIndexOf("\n") + 1 : 0;
  let begun = performance.now();
  while ((end = code.indexOf("\n", end) + 1)) {
    await tokensOf({...options, code: code.slice(0, end), isIncomplete: true});
    if (performance.now() - begun < LONGEST_STRETCH) continue;
    await new Promise((resume) => setTimeout(resume));
    begun = performance.now();
  }
  const tokens = await tokensOf({...options, code});
  lastHighlighted.set(language, {code, tokens});
  return code === options.code ? tokens : highlightedSoFar(options);
};

const highlighting = new Map(); // of each language; one after the other, for Shiki remembers few places to go on from
const lastAsked = new Map(); // of each language

/** Whether the code has grown further while others were highlighted. */
const isOutdated = ({code, language, isIncomplete}) => {
  const last = lastAsked.get(language);
  return isIncomplete && last.length > code.length && last.startsWith(code);
};

export const highlighter = {
  name: "shiki",
  type: "code-highlighter",
  getThemes: () => ["github-light-high-contrast", "github-dark-default"],
  getSupportedLanguages: () => [],
  supportsLanguage: () => true,
  highlight: (options, show) => {
    const {code, language} = options;
    lastAsked.set(language, code);
    const highlightNow = async () => {
      if (!isOutdated(options)) show?.(await highlightByLines(options));
    };
    const before = highlighting.get(language) ?? Promise.resolve();
    highlighting.set(language, before.then(highlightNow).catch(console.error));
    return highlightedSoFar(options);
  },
};
