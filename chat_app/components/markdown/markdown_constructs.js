/**
 * Helpers of the Markdown parser's (micromark) extensions: lookahead, limits on work, tokens.
 *
 * JavaScript, since micromark is.
 */
export const EXCLAMATION_MARK = 33, DOLLAR = 36, LESS_THAN = 60, LEFT_BRACKET = 91, BACKSLASH = 92, RIGHT_BRACKET = 93;
export const BACKTICK = 96, LETTER = 97, VERTICAL_BAR = 124, TILDE = 126;
// Negative codes are micromark's: line ends from -5 to -3, tabs and their further columns above.
export const isInLine = (code) => code !== null && !(code < -2 && code > -6);

// The text that is parsed, and how many of its characters may be read ahead: otherwise a text that opens a block in each
// line, none of which ends, would take quadratic time. What is left over is read as if nothing followed.
let source = "", mayBeRead = 0;

/** Sets the text to look ahead in: a tokenizer has only what has been read of it. */
export const beginText = (text) => {
  source = text.replace(/^\ufeff/, "");
  mayBeRead = 100_000 + 20 * source.length;
};

export const textFrom = (offset, length) => source.slice(offset, offset + length);

const LONGEST_PREFIX = 1000; // columns

/** The lines from a place on, without the indentation and the signs of quotations that the first one has before it. */
export function* linesFrom({offset, column}) {
  if (column > LONGEST_PREFIX) return;
  const quotations = source.slice(offset - column + 1, offset).split(">").length - 1;
  const prefix = new RegExp(`(?:[ \\t]*>){${quotations}}[ \\t]{0,${column - 1}}`, "y");
  const lineEnd = /\r\n|\r|\n|$/g;
  for (let start = offset; mayBeRead > 0;) {
    lineEnd.lastIndex = start;
    const {0: sign, index: end} = lineEnd.exec(source);
    mayBeRead -= end - start + 1;
    yield {line: source.slice(start, end), start, end};
    prefix.lastIndex = end + sign.length;
    if (!sign || !prefix.test(source)) return;
    start = prefix.lastIndex;
  }
}

/** The last characters of the paragraph above the line that this place is in. */
export const paragraphAbove = ({offset, column}) => {
  const lineStart = offset - column + 1;
  return source.slice(Math.max(lineStart - 10_000, 0), lineStart).split(/\n[ \t]*\n|\r\n[ \t]*\r\n/).at(-1);
};

/** Consumes a line's end, unless the next line is a lazy one of a quotation or a list. */
export const lineEnding = {
  partial: true,
  tokenize(effects, ok, nok) {
    return (code) => {
      if (code === null) return nok(code);
      effects.enter("lineEnding");
      effects.consume(code);
      effects.exit("lineEnding");
      return (next) => (this.parser.lazy[this.now().line] ? nok(next) : ok(next));
    };
  },
};

/** Consumes the characters that are `isWanted`, if there are any, as a token for each of `types`, one in another. */
export const consumeWhile = (effects, next, isWanted, types) => {
  const start = (code) => {
    if (!isWanted(code)) return next(code);
    for (const type of types) effects.enter(type);
    effects.consume(code);
    return read;
  };
  const read = (code) => {
    if (isWanted(code)) {
      effects.consume(code);
      return read;
    }
    for (const type of types.toReversed()) effects.exit(type);
    return next(code);
  };
  return start;
};

/** Wraps a construct: it fails unless `isWanted` returns true for its source, the code before and the code after it. */
export const checked = (construct, isWanted) => ({
  ...construct,
  name: `checked ${construct.name}`,
  tokenize(effects, ok, nok) {
    const start = this.now();
    const before = this.previous;
    const check = (code) =>
      isWanted.call(this, this.sliceSerialize({start, end: this.now()}), before, code) ? ok(code) : nok(code);
    return construct.tokenize.call(this, effects, check, nok);
  },
});

/** Runs a construct that takes each character for which `isHidden` returns true for a letter. */
export const disguised = (construct, context, isHidden, effects, ok, nok) => {
  let real, isEnded = false;
  const end = (next) => () => {
    isEnded = true;
    return next(real);
  };
  // micromark's development build checks that a construct consumes the code that the parser has read.
  const undisguised = (each) => ({
    ...each,
    tokenize(_, found, failed) {
      return each.tokenize.call(this, shown, () => found(real), () => failed(real));
    },
  });
  const wrapped = (name) => (each, ...states) => effects[name](undisguised(each), ...states);
  const shown = {
    ...effects,
    consume: () => effects.consume(real),
    attempt: wrapped("attempt"),
    check: wrapped("check"),
    interrupt: wrapped("interrupt"),
  };
  const reading = (state) => (code) => {
    real = code;
    const next = state(isInLine(code) && isHidden(code, context.now()) ? LETTER : code);
    return isEnded ? next : reading(next);
  };
  return reading(construct.tokenize.call(context, shown, end(ok), end(nok)));
};

/**
 * Wraps a construct: it fails in a text (a paragraph, a cell) in which it has taken too much work.
 *
 * Constructs that pair openings with closings take quadratic time, and those that look for an end read to the end of the
 * text: a crafted paragraph with a thousand brackets would freeze the page.
 */
export const bounded = (construct, most = 1000) => {
  const works = new WeakMap();
  return {
    ...construct,
    name: `bounded ${construct.name}`,
    tokenize(effects, ok, nok) {
      const start = this.now().offset;
      const work = (works.get(this) ?? 0) + 1;
      works.set(this, work);
      if (work > most) return nok;
      const fail = (code) => {
        works.set(this, work + (this.now().offset - start) / 100);
        return nok(code);
      };
      return construct.tokenize.call(this, effects, ok, fail);
    },
  };
};
