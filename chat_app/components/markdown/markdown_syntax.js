/**
 * Extensions of the Markdown parser (micromark): what models write beyond CommonMark and GitHub's dialect.
 *
 * An extension sees code, escapes, quotations and lists as the parser does. JavaScript, since the text is parsed where it
 * grows: in the browser, with each word anew.
 */
import {mathFromMarkdown} from "mdast-util-math";
import {codeText, definition, htmlFlow, htmlText, labelEnd, labelStartImage, labelStartLink} from "micromark-core-commonmark";
import {math} from "micromark-extension-llm-math";
import remarkCjkFriendly from "remark-cjk-friendly/parseOnly";
import remarkCjkStrikethrough from "remark-cjk-friendly-gfm-strikethrough/parseOnly";
import remarkGfm from "remark-gfm";

import {isDrawnTag} from "./markdown_tags.js";

const EXCLAMATION_MARK = 33, DOLLAR = 36, LESS_THAN = 60, LEFT_BRACKET = 91, BACKSLASH = 92, RIGHT_BRACKET = 93;
const BACKTICK = 96, LETTER = 97, TILDE = 126;
// Negative codes are micromark's: line ends from -5 to -3, tabs and their further columns above.
const isInLine = (code) => code !== null && !(code < -2 && code > -6);
const isSpace = (code) => code === 32 || code === -1 || code === -2;
const isFenceSign = (code) => code === BACKTICK || code === TILDE;

// Lines

// How many characters may be read ahead in vain in one text; what is left over is read as if nothing followed.
const MOST_AHEAD = 100_000;
const readInVain = new WeakMap();
const countInVain = (reader, length) => readInVain.set(reader, (readInVain.get(reader) ?? 0) + length);

/** The document tokenizer of each parser: it has all of the text, the others only what has been read of it. */
const documents = new WeakMap();
const sources = new WeakMap();
const documentOfParser = {
  name: "documentOfParser",
  tokenize(effects, ok, nok) {
    documents.set(this.parser, this);
    return nok;
  },
};
const sourceOf = (document) => {
  if (!sources.has(document)) {
    const [start, end] = [{_index: 0, _bufferIndex: -1}, {_index: Infinity, _bufferIndex: -1}];
    sources.set(document, document.sliceSerialize({start, end}).replace(/\0$/, ""));
  }
  return sources.get(document);
};

const LONGEST_PREFIX = 1000; // columns
const LONGEST_PARAGRAPH = 10_000; // characters
const LONGEST_ROW = 10_000;
/** Whether what stands before a block in its line is white space and the markers of lists. */
const isIndent = (text) => /^[ \t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*$/.test(text);

/** The whole text and the place of `context` in it; nothing within a quotation, whose lines begin with its signs. */
const placeInSource = (context) => {
  const document = documents.get(context.parser);
  if (!document) return undefined;
  const source = sourceOf(document);
  const {offset, column} = context.now();
  if (column > LONGEST_PREFIX) return undefined;
  const lineStart = Math.max(source.lastIndexOf("\n", offset - 1), source.lastIndexOf("\r", offset - 1)) + 1;
  return isIndent(source.slice(lineStart, offset)) ? {document, source, offset, lineStart} : undefined;
};

/** Whether the paragraph that ends above this place has an odd number of dollar pairs: the next one closes. */
const followsOpenDollars = ({source, lineStart}) => {
  const paragraph = source.slice(Math.max(lineStart - LONGEST_PARAGRAPH, 0), lineStart).split(/\n[ \t]*\n|\r\n[ \t]*\r\n/).at(-1);
  return (paragraph.match(/\$\$/g) ?? []).length % 2 === 1;
};

/** Calls `decide` with each line from `offset` on until it returns something. */
const decideFrom = ({document, source, offset}, decide) => {
  if (readInVain.get(document) > MOST_AHEAD) return false;
  const lineEnds = /\r\n|\r|\n|$/g;
  for (let start = offset; ; start = lineEnds.lastIndex) {
    lineEnds.lastIndex = start;
    const {0: end, index} = lineEnds.exec(source);
    const verdict = decide(source.slice(start, index), !end);
    if (verdict === undefined && end) continue;
    if (!verdict) countInVain(document, index - offset);
    return Boolean(verdict);
  }
};

/**
 * A construct for `effects.check` that reads whole lines, from where it stands to the end of the text at most.
 *
 * A block reads them in the document's text. If its tokenizer read them itself, the document tokenizer would begin no
 * lists and quotations meanwhile, and none would be left where the block turns out to be none.
 *
 * @param {(line: string, isLast: boolean) => boolean | undefined} decide Called with each line until it returns something.
 * @param {{prefix?: string, isBlock?: boolean}} options What the first line has to begin with; whether it is a block.
 */
const readAhead = (decide, {prefix = "", isBlock = true} = {}) => ({
  partial: true,
  tokenize(effects, ok, nok) {
    let line = "", length = 0;
    const start = (code) => {
      const place = isBlock ? placeInSource(this) : undefined;
      if (place) return decideFrom(place, decide) ? ok(code) : nok(code);
      if (readInVain.get(this) > MOST_AHEAD) return nok(code);
      effects.enter("lineAhead");
      return read(code);
    };
    const read = (code) => {
      if (length < prefix.length && code !== prefix.charCodeAt(length)) return nok(code);
      length += 1;
      if (isInLine(code)) {
        line += code === -2 ? "\t" : code === -1 ? "" : String.fromCharCode(code);
        effects.consume(code);
        return read;
      }
      const verdict = decide(line, code === null);
      if (verdict === undefined && code !== null) {
        line = "";
        effects.consume(code);
        return read;
      }
      effects.exit("lineAhead");
      if (verdict) return ok(code);
      countInVain(this, length);
      return nok(code);
    };
    return start;
  },
});

/** Consumes a line's end, unless the next line is a lazy one of a quotation or a list. */
const lineEnding = {
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
const consumeWhile = (effects, next, isWanted, types) => {
  const start = (code) => {
    if (!isWanted(code)) return next(code);
    for (const type of types) effects.enter(type, type === "chunkString" ? {contentType: "string"} : undefined);
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

/** Consumes `count` lines, each as tokens of `types`, the last one as tokens of `lastTypes`. */
const consumeLines = (effects, ok, count, types, lastTypes = types) => {
  let index = 0;
  const line = (code) => {
    index += 1;
    return consumeWhile(effects, end, isInLine, index === count ? lastTypes : types)(code);
  };
  const end = (code) => (index === count ? ok(code) : effects.attempt(lineEnding, line, ok)(code));
  return line;
};

/**
 * The construct of a block of whole lines, whose end is found before any of it is consumed.
 *
 * @param {() => (line: string, isLast: boolean) => number | undefined} findEnd Makes a function that is called with each
 *   line until it returns the number of the block's lines: 0 for no block, negative if the text ends first.
 * @param {Function} consume Makes the state that consumes so many lines.
 */
const blockOfLines = (name, findEnd, consume) => ({
  name,
  concrete: true,
  tokenize(effects, ok, nok) {
    let lines;
    const endOfBlock = findEnd();
    const isClosing = (code) => {
      if (!this.interrupt || code !== DOLLAR) return false;
      const place = placeInSource(this);
      return Boolean(place) && followsOpenDollars(place);
    };
    const ahead = readAhead((line, isLast) => {
      lines = endOfBlock(line, isLast);
      return lines === undefined ? undefined : lines !== 0;
    });
    const begin = (code) => (this.interrupt ? ok(code) : consume(effects, ok, lines)(code));
    const block = effects.check(ahead, begin, nok);
    return (code) => (isClosing(code) ? nok(code) : block(code));
  },
});

// Formulas

// Which \begin{…} stands for a formula without anything around it.
const environments =
  "align|alignat|aligned|array|bmatrix|Bmatrix|cases|CD|dcases|equation|gather|gathered|matrix|multline|pmatrix|rcases" +
  "|smallmatrix|split|vmatrix|Vmatrix";
const formulaStart = new RegExp(String.raw`^(?:\$\$(?!\$)|\\\[|\\begin\{((?:${environments})\*?)\})`);

// Between single dollars stands a sign of TeX's, or nothing that reads like words or an amount of money.
const isTex = /[\\^_=<>{]/;
const words = /\p{L}{4}|\p{L}{2,}\s+\p{L}{2,}|[\p{Script=Hangul}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u;
const amount = /^[\d.,]+(?:\s+\p{L}{2,}\s|[-–~/(]?\p{L}{4}|.*[\p{Script=Hangul}\p{Script=Han}])/u;
const functions = /\b(?:arc)?(?:sin|cos|tan|log|ln|exp|max|min|sup|inf|lim|det|gcd|mod|sqrt|ceil|floor|poly)\b/g;

/** Reads the lines of a formula and says where it ends: after how many lines, 0 if it never does. */
const displayEnd = (isGrowing) => {
  let opening, environment, depth = 0, lines = 0;
  const at = (line) => {
    if (lines > 0 && !line.trim() && opening !== "$$" && !environment) return 0;
    let rest = line;
    if (lines === 0) {
      [opening, environment] = formulaStart.exec(line) ?? [];
      if (!opening) return 0;
      depth = 1;
      rest = line.slice(opening.length);
      // A blank line may follow on dollars that stand alone; those before words may be meant as such.
      if (opening === "$$" && words.test(rest) && !isTex.test(rest)) return 0;
      if (opening === "$$" && rest.trim()) opening = "$$ ";
    }
    lines += 1;
    for (const {0: sign, index, 1: kind, 2: name} of rest.matchAll(/\\(begin|end)\{(\w+\*?)\}|\\[^]|\$\$/g)) {
      if (environment ? name === environment && kind === "begin" : sign === "\\[" && opening === "\\[") depth += 1;
      const isEnd = environment
        ? name === environment && kind === "end"
        : sign === (opening === "\\[" ? "\\]" : "$$");
      if (!isEnd) continue;
      depth -= 1;
      // What follows on it in the line makes it part of a sentence.
      if (depth === 0) return /^[ \t]*[.,;:]?[ \t]*$/.test(rest.slice(index + sign.length)) ? lines : 0;
    }
    return opening === "\\[" && depth > 1 ? 0 : undefined;
  };
  // Negative, if the text ends first.
  return (line, isLast) => at(line) ?? (isLast ? (isGrowing ? -lines : 0) : undefined);
};

/** A formula on lines of its own: $$…$$, \[…\] or \begin{align}…\end{align}. */
const displayFormula = (isGrowing) =>
  blockOfLines("displayFormula", () => displayEnd(isGrowing), (effects, ok, lines) => {
    const end = (code) => {
      effects.exit("displayFormula");
      return ok(code);
    };
    return (code) => {
      effects.enter("displayFormula", {isOpen: lines < 0});
      return consumeLines(effects, end, Math.abs(lines), ["displayFormulaValue"])(code);
    };
  });

/** The ends of formulas by their beginnings. */
export const closings = {"$$": "$$", "\\[": "\\]", "\\(": "\\)", $: "$"};
const openingOf = (source) => Object.keys(closings).find((each) => source.startsWith(each)) ?? "";

/** The formula between its delimiters, with the punctuation of the sentence around it, which may follow them. */
const withoutDelimiters = (source) => {
  const text = source.trim();
  const opening = openingOf(text);
  if (!opening) return text.replace(/[.,;:]$/, "");
  const end = text.lastIndexOf(closings[opening]);
  if (end < opening.length) return text.slice(opening.length);
  return text.slice(opening.length, end).trim() + text.slice(end + closings[opening].length);
};

const displayFromMarkdown = () => ({
  enter: {
    displayFormula(token) {
      this.enter({type: "math", meta: null, value: ""}, token);
      this.buffer();
    },
    displayFormulaValue(token) {
      this.config.enter.data.call(this, token);
    },
  },
  exit: {
    displayFormulaValue(token) {
      this.config.exit.data.call(this, token);
    },
    displayFormula(token) {
      const value = withoutDelimiters(this.resume());
      const code = {type: "element", tagName: "code", properties: {className: ["language-math"]}};
      const data = {hName: "pre", hChildren: [{...code, children: [{type: "text", value}]}]};
      Object.assign(this.stack.at(-1), {value, data});
      this.exit(token);
    },
  },
});

const isFormula = (source, before, after) => {
  const opening = openingOf(source);
  const tex = source.slice(opening.length, -opening.length);
  if (!tex.trim() || tex.includes("`")) return false;
  if (opening === "\\(") return !tex.includes("\\(");
  // There are other reasons for brackets, as in \[1\], and for dollars, as in $HOME.
  if (opening === "\\[") return /[\\^_=<>+{]/.test(tex) && after !== "(" && !/(?:^|[^\\])\\\[/.test(tex);
  if (opening === "$$") return /[\p{L}\d\\]/u.test(tex) && !tex.startsWith("$");
  if (/^\s|\s$|\n|\*\*/.test(tex) || /\w/.test(before) || /[\w$]/.test(after)) return false;
  const plain = tex.replace(/\\text\s*\{[^{}]*\}/g, "").replace(functions, "");
  return !amount.test(plain) && (isTex.test(plain) || !words.test(plain));
};

/** The construct of a formula in its line, for what looks like one. */
const checked = (construct) => ({
  ...construct,
  tokenize(effects, ok, nok) {
    const start = this.now();
    const before = this.previous > 0 ? String.fromCharCode(this.previous) : "";
    const check = (code) => {
      const source = this.sliceSerialize({start, end: this.now()});
      return isFormula(source, before, code > 0 ? String.fromCharCode(code) : "") ? ok(code) : nok(code);
    };
    return construct.tokenize.call(this, effects, check, nok);
  },
});

/** \begin{pmatrix}…\end{pmatrix} in its line. */
const bareEnvironment = {
  name: "bareEnvironment",
  tokenize(effects, ok, nok) {
    let source = "", length;
    const ahead = readAhead((line, isLast) => {
      source += (source && "\n") + line;
      const environment = formulaStart.exec(source)?.[1];
      if (!environment) return false;
      const end = source.indexOf(`\\end{${environment}}`);
      if (end < 0) return isLast ? false : undefined;
      length = end + `\\end{${environment}}`.length;
      return true;
    }, {prefix: "\\begin{", isBlock: false});
    // A tab's further columns are no characters.
    const isWithin = (code) => length > 0 && isInLine(code) && (code === -1 || length-- > 0);
    const begin = (code) => {
      effects.enter("mathText");
      return data(code);
    };
    // A line end is a token of its own: micromark takes any other token that ends in another line for one.
    const read = (code) => {
      if (length > 0 && !isInLine(code)) {
        length -= 1;
        effects.enter("lineEnding");
        effects.consume(code);
        effects.exit("lineEnding");
        return data;
      }
      effects.exit("mathText");
      return ok(code);
    };
    const data = consumeWhile(effects, read, isWithin, ["mathTextData"]);
    return effects.check(ahead, begin, nok);
  },
};

// A fence within a fence

const fenceLine = /^ {0,3}(`{3,}|~{3,})[ \t]*([^`]*)$/;

/**
 * Reads the lines of a block of Markdown and says where it ends: models put fences of three backticks into it as well.
 *
 * A fence with a language opens one within. A bare one closes what is open; if nothing is, it is the block's end, unless
 * it looks like a beginning: below a blank line or a colon, with something right below it.
 */
const nestedFenceEnd = (isGrowing) => {
  let fence, depth = 0, lines = 0, maybeEnd = 0, previous = "", isUndecided = false;
  const isFence = (line) => {
    const [, marker, info] = fenceLine.exec(line) ?? [];
    return marker?.startsWith(fence) ? {info: info.trim()} : undefined;
  };
  const at = (line) => {
    if (lines === 0) {
      const [, marker, info] = fenceLine.exec(line) ?? [];
      if (!/^(?:markdown|md|mdx)\b/i.test(info ?? "")) return 0;
      fence = marker;
    } else {
      if (isUndecided) {
        if (!line.trim()) return lines;
        maybeEnd ||= lines;
        depth += 1;
        isUndecided = false;
      }
      const found = isFence(line);
      if (found?.info) depth += 1;
      else if (found && depth > 0) depth -= 1;
      else if (found) {
        if (previous.trim() && !/[:\uff1a]\s*$/.test(previous)) return lines + 1;
        isUndecided = true;
      }
    }
    lines += 1;
    previous = line;
    return undefined;
  };
  return (line, isLast) => {
    const end = at(line);
    if (end !== undefined || !isLast) return end;
    if (isUndecided) return lines;
    return isGrowing ? -lines : maybeEnd || -lines;
  };
};

/** A block of Markdown between fences: ended by its last fence, not by the first within. */
const nestedFence = (isGrowing) =>
  blockOfLines("nestedFence", () => nestedFenceEnd(isGrowing), (effects, ok, lines) => {
    const begin = (code) => {
      effects.enter("codeFenced");
      effects.enter("codeFencedFence");
      return sequence(code);
    };
    const info = consumeWhile(effects, (code) => {
      effects.exit("codeFencedFence");
      const count = Math.abs(lines) - 1;
      if (count === 0) return end(code);
      const closing = lines > 0 ? ["codeFencedFence", "codeFencedFenceSequence"] : undefined;
      return effects.attempt(lineEnding, consumeLines(effects, end, count, ["codeFlowValue"], closing), end)(code);
    }, isInLine, ["codeFencedFenceInfo", "chunkString"]);
    const space = consumeWhile(effects, info, isSpace, ["whitespace"]);
    const sequence = consumeWhile(effects, space, isFenceSign, ["codeFencedFenceSequence"]);
    const end = (code) => {
      effects.exit("codeFenced");
      return ok(code);
    };
    return begin;
  });

// Tables

const cellCount = (row) => row.trim().replace(/^\||(?<!\\)\|$/g, "").split(/(?<!\\)\|/).length;
const spans = /\\[^(]|(?<!`)(`+)(?!`)[^]*?(?<!`)\1(?!`)|\$[^$]*\$|\\\([^]*?\\\)/g;

/** The places of vertical bars within code and formulas of a row. */
const barsWithin = (row) => {
  const bars = new Set();
  for (const {0: span, index} of row.matchAll(spans)) {
    const after = row[index + span.length] ?? "";
    if (!span.includes("|") || span.startsWith("\\|")) continue;
    if (!span.startsWith("`") && !isFormula(span, row[index - 1] ?? "", after)) continue;
    for (const {index: bar} of span.matchAll(/(?<!\\)\|/g)) bars.add(index + bar);
  }
  return bars;
};

/** The columns of a table with this row below its first one, which a list or a quotation may precede in its line. */
const columnCount = (line) => {
  let start = line.length;
  while (start > 0 && "-:| \t\r".includes(line[start - 1])) start -= 1;
  return cellCount(line.slice(start));
};

// The numbers of columns of the last tables. Each row below a table's head is read by itself.
const columnCounts = new WeakMap();
const BETWEEN_ROWS = new Set(["lineEnding", "linePrefix"]);
const isBelowHead = ({events}) => {
  const last = events.findLast(([, {type}]) => !BETWEEN_ROWS.has(type));
  return last?.[1].type === "tableHead" || last?.[1].type === "tableRow";
};
/**
 * The construct of a table whose rows may have vertical bars in code and formulas without escaping them, as in
 * | `string | null` |. In GitHub's dialect they are cells of their own, of which those beyond the last column are lost.
 */
const tableWithBars = (table) => ({
  ...table,
  tokenize(effects, ok, nok) {
    const document = documents.get(this.parser);
    const source = document ? sourceOf(document) : "";
    const lineAt = (offset) => /[^\n]*/y.exec(source.slice(offset, offset + LONGEST_ROW))[0];
    let row, start, bars = new Set(), isFirst = true, isEnded = false;
    const readRow = ({offset, line}) => {
      row = line;
      start = offset;
      const text = lineAt(offset);
      // The row below the first one: as many columns as it has, the table has.
      if (isFirst && !isBelowHead(this)) columnCounts.set(this, columnCount(lineAt(offset + text.length + 1)));
      isFirst = false;
      bars = text.includes("|") && cellCount(text) > columnCounts.get(this) ? barsWithin(text) : new Set();
    };
    const end = (next) => (code) => {
      isEnded = true;
      return next(code);
    };
    const reading = (state) => (code) => {
      const place = this.now();
      if (place.line !== row && isInLine(code)) readRow(place);
      const next = state(bars.has(place.offset - start) ? LETTER : code);
      return isEnded ? next : reading(next);
    };
    if (!lineAt(this.now().offset).includes("|")) return table.tokenize.call(this, effects, ok, nok);
    return reading(table.tokenize.call(this, effects, end(ok), end(nok)));
  },
});

// HTML

/** A block of HTML, if it begins with a tag that is drawn or a comment that ends. Otherwise it is a paragraph. */
const drawnHtml = {
  ...htmlFlow,
  name: "drawnHtml",
  tokenize(effects, ok, nok) {
    let lines = 0;
    const ahead = readAhead((line, isLast) => {
      lines += 1;
      if (lines === 1 && !line.startsWith("<!--")) return isDrawnTag(/^<\/?([a-z][a-z\d-]*)/i.exec(line)?.[1]);
      return (lines === 1 ? line.slice(4) : line).includes("-->") || (isLast ? false : undefined);
    });
    return effects.check(ahead, htmlFlow.tokenize.call(this, effects, ok, nok), nok);
  },
};

// Definitions

const definedAddress =
  /\]:\s*(?:<|#|\.{0,2}\/|(?:https?|mailto|tel|ftp):|(?:[a-z\d-]+\.)+[a-z]{2,}(?:[/?#:]\S*)?(?:\s|$))/i;

/** A definition of a link's address, as `[1]: https://example.com`. Without an address, as `[Question]: Answer`, it is text. */
const addressDefinition = {
  ...definition,
  name: "addressDefinition",
  tokenize(effects, ok, nok) {
    const start = this.now();
    const check = (code) => {
      if (definedAddress.test(this.sliceSerialize({start, end: this.now()}))) return ok(code);
      this.parser.defined.pop();
      return nok(code);
    };
    return definition.tokenize.call(this, effects, check, nok);
  },
};

// Bounds

/**
 * The construct, given up in a text (a paragraph, the content of a block) in which it has been tried too often.
 *
 * Constructs that pair openings with closings take quadratic time, and those that look for an end read to the end of the
 * text. No person writes a paragraph with a thousand brackets, but one can be made to stop the page.
 */
const MOST_TRIES = 1000;
const MOST_FAILURES = 32;
const bounded = (construct) => {
  const counts = new WeakMap();
  return {
    ...construct,
    name: `bounded ${construct.name}`,
    tokenize(effects, ok, nok) {
      const count = counts.get(this) ?? {tries: 0, failures: 0};
      counts.set(this, count);
      count.tries += 1;
      if (count.tries > MOST_TRIES || count.failures > MOST_FAILURES) return nok;
      const start = this.now().offset;
      const fail = (code) => {
        if (code === null || this.now().offset - start > MOST_TRIES) count.failures += 1;
        return nok(code);
      };
      return construct.tokenize.call(this, effects, ok, fail);
    },
  };
};

const BOUNDED = new Set([
  "attention", "strikethrough", "gfmFootnoteCall", "gfmPotentialFootnoteCall", "mathText", "mathTexText",
  "bareEnvironment", "displayFormula", "nestedFence", "drawnHtml",
]);

const boundedExtension = (extension) => {
  const bound = (construct) =>
    BOUNDED.has(construct.name) ? bounded(construct) : construct.name === "table" ? tableWithBars(construct) : construct;
  const boundAll = (constructs) =>
    Object.fromEntries(Object.entries(constructs).map(([code, each]) => [code, [each].flat().map(bound)]));
  const {text = {}, flow = {}} = extension;
  return {...extension, text: boundAll(text), flow: boundAll(flow)};
};

// CommonMark's own, whose place those of the same kind take: bounded ones, and of HTML what is drawn.
const replaced = [
  {
    text: {
      [EXCLAMATION_MARK]: bounded(labelStartImage),
      [LESS_THAN]: bounded(htmlText),
      [LEFT_BRACKET]: bounded(labelStartLink),
      [RIGHT_BRACKET]: bounded(labelEnd),
      [BACKTICK]: bounded(codeText),
    },
  },
  {contentInitial: {[LEFT_BRACKET]: addressDefinition}},
  {disable: {null: ["attention", "codeText", "definition", "htmlFlow", "htmlText", "labelEnd", "labelStartImage", "labelStartLink"]}},
];

/**
 * Remark plug-in: all of the syntax.
 *
 * @param {{isGrowing?: boolean}} options A text that grows may end in a formula or a block whose end is still to come.
 */
export default function markdownSyntax({isGrowing = false} = {}) {
  remarkGfm.call(this, {singleTilde: false});
  remarkCjkFriendly.call(this);
  remarkCjkStrikethrough.call(this, {singleTilde: false});
  const data = this.data();
  const {text} = math();
  const formulas = {
    text: {[DOLLAR]: checked(text[DOLLAR]), [BACKSLASH]: [checked(text[BACKSLASH]), bareEnvironment]},
    flow: {[DOLLAR]: displayFormula(isGrowing), [BACKSLASH]: displayFormula(isGrowing)},
  };
  const fence = nestedFence(isGrowing);
  const blocks = {document: {null: documentOfParser}, flow: {[BACKTICK]: fence, [TILDE]: fence, [LESS_THAN]: drawnHtml}};
  const extensions = [...data.micromarkExtensions, formulas, blocks];
  // The later ones are tried first.
  data.micromarkExtensions = [...replaced, ...extensions.flat().map(boundedExtension)];
  data.fromMarkdownExtensions.push(mathFromMarkdown(), displayFromMarkdown());
}
