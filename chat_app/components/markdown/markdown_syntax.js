/**
 * Extensions of the Markdown parser (micromark): what models write beyond CommonMark and GitHub's dialect.
 *
 * An extension sees code, escapes, quotations and lists as the parser does. JavaScript, since the text is parsed where it
 * grows: in the browser, with each word anew.
 */
import {mathFromMarkdown} from "mdast-util-math";
import {
  codeFenced, codeText, definition, htmlFlow, htmlText, labelEnd, labelStartImage, labelStartLink,
} from "micromark-core-commonmark";
import remarkCjkFriendly from "remark-cjk-friendly/parseOnly";
import remarkCjkStrikethrough from "remark-cjk-friendly-gfm-strikethrough/parseOnly";
import remarkGfm from "remark-gfm";

import {address} from "./markdown_addresses.js";
import {
  BACKTICK, beginText, bounded, checked, disguised, EXCLAMATION_MARK, LEFT_BRACKET, LESS_THAN, linesFrom, RIGHT_BRACKET,
  textFrom, TILDE, VERTICAL_BAR,
} from "./markdown_constructs.js";
import {formulas, isFormula} from "./markdown_formulas.js";
import {isDrawnTag} from "./markdown_tags.js";

// A fence within a fence

const fenceLine = /^ {0,3}(`{3,}|~{3,})[ \t]*([^`]*)$/;

/**
 * The place of the line that ends a block of Markdown: models put fences of three backticks into it as well.
 *
 * A fence with a language opens one within. A bare one closes what is open; if nothing is, it is the block's end, unless
 * it looks like a beginning: below a blank line or a colon, with something right below it.
 */
const findLastFence = (lines, isGrowing) => {
  let fence, maybeLast, undecided, depth = 0, previous = "";
  for (const {line, start} of lines) {
    const [, marker, info] = fenceLine.exec(line) ?? [];
    if (!fence) {
      if (!/^(?:markdown|md|mdx)\b/i.test(info ?? "")) return 0;
      fence = marker;
      continue;
    }
    if (undecided) {
      if (!line.trim()) return undecided;
      maybeLast ??= undecided;
      depth += 1;
      undecided = undefined;
    }
    if (marker?.startsWith(fence)) {
      if (info.trim()) depth += 1;
      else if (depth > 0) depth -= 1;
      else if (previous.trim() && !/[:\uff1a]\s*$/.test(previous)) return start;
      else undecided = start;
    }
    previous = line;
  }
  if (!fence) return 0;
  return undecided ?? ((!isGrowing && maybeLast) || Infinity);
};

/** A block of Markdown between fences: ended by its last fence, not by the first within. */
const nestedFence = (isGrowing) => ({
  ...codeFenced,
  name: "nestedFence",
  tokenize(effects, ok, nok) {
    const place = this.now();
    const last = findLastFence(linesFrom(place), isGrowing);
    const isWithin = (code, {line, offset}) => (code === BACKTICK || code === TILDE) && line > place.line && offset < last;
    return last ? disguised(codeFenced, this, isWithin, effects, ok, nok) : nok;
  },
});

// Tables

const LONGEST_ROW = 10_000; // characters
const cellCount = (row) => row.trim().replace(/^\||(?<!\\)\|$/g, "").split(/(?<!\\)\|/).length;
const spans = /\\[^(]|(?<!`)(`+)(?!`)[^]*?(?<!`)\1(?!`)|\$[^$]*\$|\\\([^]*?\\\)/g;

/** The places of vertical bars within code and formulas of a row. */
const barsWithin = (row) => {
  const bars = new Set();
  for (const {0: span, index} of row.matchAll(spans)) {
    if (!span.includes("|") || span.startsWith("\\|")) continue;
    if (!span.startsWith("`") && !isFormula(span, row[index - 1] ?? "", row[index + span.length] ?? "")) continue;
    for (const {index: bar} of span.matchAll(/(?<!\\)\|/g)) bars.add(index + bar);
  }
  return bars;
};

/**
 * The construct of a table whose rows may have vertical bars in code and formulas without escaping them, as in
 * | `string | null` |. In GitHub's dialect they are cells of their own, of which those beyond the last column are lost.
 */
const tableWithBars = (table) => {
  const columnCounts = new WeakMap(); // of the last tables: each row below a table's head is read by itself
  return {
    ...table,
    tokenize(effects, ok, nok) {
      let row, number, start, bars;
      const readRow = ({line, offset}) => {
        const [text, , next = ""] = textFrom(offset, LONGEST_ROW).split(/(\r\n|\r|\n)/, 3);
        // The row below the first one, which a list or a quotation may precede in its line.
        const rule = next.slice(/.*[^-:| \t]/.exec(next)?.[0].length);
        if (rule.includes("-")) columnCounts.set(this, cellCount(rule));
        bars = text.includes("|") && cellCount(text) > columnCounts.get(this) ? barsWithin(text) : new Set();
        [row, number, start] = [text, line, offset];
      };
      const isWithin = (code, place) => {
        if (place.line !== number) readRow(place);
        return code === VERTICAL_BAR && bars.has(place.offset - start);
      };
      readRow(this.now());
      if (!row.includes("|")) return table.tokenize.call(this, effects, ok, nok);
      return disguised(table, this, isWithin, effects, ok, nok);
    },
  };
};

// HTML, definitions, dates

/** A block of HTML, if it begins with a tag that is drawn or a comment that ends. Otherwise it is a paragraph. */
const drawnHtml = {
  ...htmlFlow,
  name: "drawnHtml",
  tokenize(effects, ok, nok) {
    const place = this.now();
    const source = textFrom(place.offset, 100);
    let isDrawn = isDrawnTag(/^<\/?([a-z][a-z\d-]*)/i.exec(source)?.[1]);
    if (source.startsWith("<!--")) {
      for (const {line, start} of linesFrom(place)) if (line.includes("-->", start === place.offset ? 4 : 0)) isDrawn = true;
    }
    return isDrawn ? htmlFlow.tokenize.call(this, effects, ok, nok) : nok;
  },
};

const definedAddress =
  /\]:\s*(?:<|#|\.{0,2}\/|(?:https?|mailto|tel|ftp):|(?:[a-z\d-]+\.)+[a-z]{2,}(?:[/?#:]\S*)?(?:\s|$))/i;

/** A definition of a link's address, as `[1]: https://example.com`. Without an address, as `[Question]: Answer`, it is text. */
const addressDefinition = checked(definition, function isWanted(source) {
  if (definedAddress.test(source)) return true;
  this.parser.defined.pop();
  return false;
});

// 2019. 3. 2. or 3. 2.
const date = /^(?:(?:1[5-9]|2[01])\d\d[.)]|\d{1,9}[.)][ \t]+(?:[0-2]?\d|3[01])[.)])(?:\s|$)/;

/** Keeps a date from being a list: no list's item is of this type with this marker. */
const dateIsNoList = {
  name: "dateIsNoList",
  tokenize(effects, ok, nok) {
    if (date.test(textFrom(this.now().offset, 30))) Object.assign(this.containerState, {type: "listUnordered", marker: "."});
    return nok;
  },
};

// All of it

// Constructs of CommonMark and of the extensions by their names, in whose place others come.
const replacements = {
  attention: bounded, gfmFootnoteCall: bounded, gfmPotentialFootnoteCall: bounded, emailAutolink: bounded,
  strikethrough: (construct) => bounded(construct, 300), // it pairs slowly
  protocolAutolink: () => address, wwwAutolink: () => address, table: tableWithBars,
};
const replaced = (constructs = {}) => {
  const replace = (construct) => replacements[construct.name]?.(construct) ?? construct;
  return Object.fromEntries(Object.entries(constructs).map(([code, each]) => [code, [each].flat().map(replace)]));
};
const ofCommonMark = {
  text: {
    [EXCLAMATION_MARK]: bounded(labelStartImage),
    [LESS_THAN]: bounded(htmlText),
    [LEFT_BRACKET]: bounded(labelStartLink),
    [RIGHT_BRACKET]: bounded(labelEnd),
    [BACKTICK]: bounded(codeText),
  },
  contentInitial: {[LEFT_BRACKET]: addressDefinition},
  disable: {
    null: ["attention", "codeText", "definition", "htmlFlow", "htmlText", "labelEnd", "labelStartImage", "labelStartLink"],
  },
};

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
  const known = data.micromarkExtensions.flat();
  const extensions = known.map((each) => ({...each, text: replaced(each.text), flow: replaced(each.flow)}));
  const fence = nestedFence(isGrowing);
  const blocks = {
    document: Object.fromEntries([..."0123456789"].map((digit) => [digit.charCodeAt(0), dateIsNoList])),
    flow: {[BACKTICK]: fence, [TILDE]: fence, [LESS_THAN]: drawnHtml},
  };
  // The later ones are tried first.
  data.micromarkExtensions = [ofCommonMark, ...extensions, formulas(isGrowing), blocks];
  data.fromMarkdownExtensions.push(mathFromMarkdown());
  const parse = this.parser;
  this.parser = (text, file) => {
    beginText(text);
    return parse(text, file);
  };
}
