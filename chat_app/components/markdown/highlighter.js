/**
 * A plug-in of Streamdown that highlights code by Shiki. Shiki and each language are fetched when there is code in it;
 * code that isn't highlighted yet is plain.
 *
 * JavaScript, since Shiki is, and since code is highlighted as it streams in.
 */

// By language: the code requested last, the code highlighted already with its tokens, and the work in progress. One piece
// of code is highlighted at a time, since Shiki caches few grammar states to continue from.
const states = new Map();
const stateOf = (language) => {
  if (!states.has(language)) states.set(language, {asked: "", known: "", tokens: undefined, work: Promise.resolve()});
  return states.get(language);
};

/** The tokens of code that has grown: those of the highlighted beginning, and the rest as plain text. */
const highlightedSoFar = ({code, language}) => {
  const {known, tokens} = stateOf(language);
  if (tokens && code === known) return tokens;
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

// Shiki takes half a second for a line of 8,000 characters, each time it grows: code from a long line on stays plain.
const longLine = /^.{1001}/m;
const highlightable = (code) => code.slice(0, longLine.exec(code)?.index);

// A language's first lines take long, since its grammar is compiled lazily. So Shiki, which continues from its cached
// state, gets one more line at a time, and yields to the page's other work in between.
const LONGEST_STRETCH = 16; // milliseconds
const highlightByLines = async (options) => {
  const state = stateOf(options.language);
  const code = highlightable(options.code);
  if (!code) return highlightedSoFar(options);
  let end = code.startsWith(state.known) ? state.known.lastIndexOf("\n") + 1 : 0;
  let begun = performance.now();
  while ((end = code.indexOf("\n", end) + 1)) {
    await tokensOf({...options, code: code.slice(0, end), isIncomplete: true});
    if (performance.now() - begun < LONGEST_STRETCH) continue;
    await new Promise((resume) => setTimeout(resume));
    begun = performance.now();
  }
  state.tokens = await tokensOf({...options, code});
  state.known = code;
  return highlightedSoFar(options);
};

export const highlighter = {
  name: "shiki",
  type: "code-highlighter",
  getThemes: () => ["github-light-high-contrast", "github-dark-default"],
  getSupportedLanguages: () => [],
  supportsLanguage: () => true,
  highlight: (options, show) => {
    const {code, language, isIncomplete} = options;
    const state = stateOf(language);
    state.asked = code;
    const highlightNow = async () => {
      const isOutdated = isIncomplete && state.asked.length > code.length && state.asked.startsWith(code);
      if (!isOutdated) show?.(await highlightByLines(options));
    };
    state.work = state.work.then(highlightNow).catch(console.error);
    return highlightedSoFar(options);
  },
};
