/**
 * Extension of the Markdown parser (micromark) for formulas as models write them: $…$, $$…$$, \(…\), \[…\], \begin…\end.
 *
 * micromark-extension-llm-math reads those within a line. What looks like one may be an amount of money or a variable of a
 * shell, and one on lines of its own may lack its end, which must not cost the rest of the answer. JavaScript, since
 * micromark is.
 */
import {math} from "micromark-extension-llm-math";

import {
  BACKSLASH, bounded, checked, consumeWhile, DOLLAR, isInLine, lineEnding, linesFrom, paragraphAbove, textFrom,
} from "./markdown_constructs.js";

/** The ends of formulas by their beginnings. */
export const closings = {"$$": "$$", "\\[": "\\]", "\\(": "\\)", $: "$"};
const openingOf = (source) => Object.keys(closings).find((each) => source.startsWith(each)) ?? "";

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

/** Returns true if a source is a formula in its line, between these characters. */
export const isFormula = (source, before, after) => {
  const opening = openingOf(source);
  const tex = source.slice(opening.length, -opening.length);
  if (!tex.trim() || tex.includes("`")) return false;
  if (opening === "\\(") return !tex.includes("\\(");
  // Brackets and dollars have other uses: \[1\], $HOME.
  if (opening === "\\[") return /[\\^_=<>+{]/.test(tex) && after !== "(" && !/(?:^|[^\\])\\\[/.test(tex);
  if (opening === "$$") return /[\p{L}\d\\]/u.test(tex) && !tex.startsWith("$");
  if (/^\s|\s$|\n|\*\*/.test(tex) || /\w/.test(before) || /[\w$]/.test(after)) return false;
  const plain = tex.replace(/\\text\s*\{[^{}]*\}/g, "").replace(functions, "");
  return !amount.test(plain) && (isTex.test(plain) || !words.test(plain));
};
const characterOf = (code) => (code > 0 ? String.fromCharCode(code) : "");
const inLine = (construct) =>
  bounded(checked(construct, (source, before, after) => isFormula(source, characterOf(before), characterOf(after))));

/** The formula between its delimiters, with the punctuation of the sentence around it, which may follow them. */
export const withoutDelimiters = (source) => {
  const text = source.trim();
  const opening = openingOf(text);
  if (!opening) return text.replace(/[.,;:]$/, "");
  const end = text.lastIndexOf(closings[opening]);
  if (end < opening.length) return text.slice(opening.length);
  return text.slice(opening.length, end).trim() + text.slice(end + closings[opening].length);
};

/** The place where a formula on lines of its own ends: 0 for none, infinite if its end is still to come. */
const findEnd = (lines, isGrowing) => {
  let opening, closing, mayHaveBlankLines, depth = 1;
  for (const {line, end} of lines) {
    let rest = line;
    if (!opening) {
      const [sign, environment] = formulaStart.exec(line) ?? [];
      if (!sign) return 0;
      opening = sign;
      closing = environment ? `\\end{${environment}}` : closings[sign];
      rest = line.slice(sign.length);
      if (sign === "$$" && words.test(rest) && !isTex.test(rest)) return 0;
      // Dollars before words may be meant as such.
      mayHaveBlankLines = environment || (sign === "$$" && !rest.trim());
    } else if (!line.trim() && !mayHaveBlankLines) return 0;
    for (const {0: sign, index} of rest.matchAll(/\\(?:begin|end)\{\w+\*?\}|\\[^]|\$\$/g)) {
      if (sign === closing) depth -= 1;
      else if (sign === opening) depth += 1;
      // Text after it in the line makes it part of a sentence.
      if (depth === 0) return /^[ \t]*[.,;:]?[ \t]*$/.test(rest.slice(index + sign.length)) ? end : 0;
    }
    if (opening === "\\[" && depth > 1) return 0;
  }
  return opening && isGrowing ? Infinity : 0;
};

/** Consumes a formula up to `end`. A block ends with what it stands in; in a line it is none then. */
const consumeTo = (end, isBlock, context, effects, ok, nok) => {
  const exit = (code) => {
    effects.exit("mathText");
    return ok(code);
  };
  // A line end is a token of its own, as micromark wants it.
  const atBreak = (code) =>
    context.now().offset < end ? effects.attempt(lineEnding, data, isBlock ? exit : nok)(code) : exit(code);
  const isWithin = (code) => isInLine(code) && context.now().offset < end;
  const data = consumeWhile(effects, atBreak, isWithin, ["mathTextData"]);
  return (code) => {
    effects.enter("mathText", {isOpen: end === Infinity});
    return data(code);
  };
};

/** A formula on lines of its own. Its end is found before any of it is consumed, or no list would begin in it. */
const display = (isGrowing) => ({
  name: "display",
  concrete: true,
  tokenize(effects, ok, nok) {
    const place = this.now();
    return (code) => {
      // The dollars may be the end of a formula that began within the line above.
      const isEnd = this.interrupt && code === DOLLAR && (paragraphAbove(place).match(/\$\$/g) ?? []).length % 2;
      const end = isEnd ? 0 : findEnd(linesFrom(place), isGrowing);
      if (!end) return nok(code);
      return this.interrupt ? ok(code) : consumeTo(end, true, this, effects, ok, nok)(code);
    };
  },
});

/** \begin{pmatrix}…\end{pmatrix} in its line. */
const environmentInLine = bounded({
  name: "environmentInLine",
  tokenize(effects, ok, nok) {
    const {offset} = this.now();
    const source = textFrom(offset, 10_000);
    const environment = formulaStart.exec(source)?.[1];
    const closing = `\\end{${environment}}`;
    const length = environment ? source.indexOf(closing) + closing.length : 0;
    return length > closing.length ? consumeTo(offset + length, false, this, effects, ok, nok) : nok;
  },
});

/**
 * The extension of micromark. Its tokens are those of mdast-util-math for formulas in a line.
 *
 * @param {boolean} isGrowing The text may end in a formula whose end is still to come.
 */
export const formulas = (isGrowing) => {
  const {text} = math();
  const onLines = display(isGrowing);
  return {
    text: {[DOLLAR]: inLine(text[DOLLAR]), [BACKSLASH]: [inLine(text[BACKSLASH]), environmentInLine]},
    flow: {[DOLLAR]: onLines, [BACKSLASH]: onLines},
  };
};
