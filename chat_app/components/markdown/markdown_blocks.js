/**
 * Splits a text in Markdown into its blocks, of which only the last is drawn again while the text grows.
 *
 * JavaScript, since Streamdown asks for the blocks with each word that comes.
 */
import {parse, preprocess} from "micromark";
import {subtokenize} from "micromark-util-subtokenize";
import remarkParse from "remark-parse";
import remend from "remend";
import {unified} from "unified";

import {beginText} from "./markdown_constructs.js";
import {closings} from "./markdown_formulas.js";
import markdownSyntax from "./markdown_syntax.js";
import {GROWING, pairTags, partsOfHtml} from "./markdown_tags.js";

const extensionsOf = (options) => unified().use(remarkParse).use(markdownSyntax, options).freeze().data().micromarkExtensions;
const extensions = {ended: extensionsOf({}), growing: extensionsOf({isGrowing: true})};

const BETWEEN = new Set(["lineEnding", "lineEndingBlank", "linePrefix"]);

// Deeper nesting doesn't occur in real texts, and would overflow the stack of a recursive parser.
const tooDeep = /^(?:[ \t]*(?:>|(?:[-*+]|\d{1,9}[.)])(?=[ \t]))){100}/m;

/** The blocks of a text: where each begins, and what it is. */
const findBlocks = (text, isGrowing) => {
  if (tooDeep.test(text)) throw new RangeError("blocks nested too deeply");
  beginText(text);
  const parser = parse({extensions: isGrowing ? extensions.growing : extensions.ended});
  const events = parser.document().write(preprocess()(text, undefined, true));
  subtokenize(events); // what is in containers
  subtokenize(events); // definitions, which are at the beginnings of paragraphs
  const blocks = [];
  let depth = 0;
  for (const [kind, {type, start, end, isOpen}] of events) {
    if (kind === "exit") depth -= 1;
    else {
      if (depth === 0 && !BETWEEN.has(type)) blocks.push({type, start: start.offset, end: end.offset, isOpen});
      else if (depth === 1 && type === "codeFencedFence") blocks.at(-1).fences = (blocks.at(-1).fences ?? 0) + 1;
      depth += 1;
    }
  }
  for (const block of blocks) if (block.type === "codeFenced") block.isOpen = block.fences < 2;
  return {blocks, hasDefinitions: parser.defined.length > 0};
};

/** Joins the blocks from an HTML tag to its partner, such as <details> and </details>, to one. */
const joinHtml = (blocks, text) => {
  const joined = [];
  let open = [];
  for (const block of blocks) {
    const {type, start, end} = block;
    const parts = type === "htmlFlow" || open.length > 0 ? partsOfHtml(text.slice(start, end)) : [];
    if (open.length > 0) joined.at(-1).end = end;
    else joined.push({...block});
    if (parts.length > 0) open = pairTags([...open, ...parts], false);
  }
  return joined;
};

let last = {text: "", blocks: []};

/** The blocks of a text, as pieces of it. For a text that has grown, only the last two known blocks are parsed again. */
const piecesOf = (text, isGrowing) => {
  const isSame = last.isGrowing === isGrowing && last.blocks.length > 2 && text.startsWith(last.text);
  const known = isSame ? last.blocks.slice(0, -2) : [];
  const offset = isSame ? last.blocks.at(-2).start : 0;
  const rest = text.slice(offset);
  const {blocks: found, hasDefinitions} = findBlocks(rest, isGrowing);
  if (hasDefinitions && offset > 0) {
    last = {text: "", blocks: []};
    return piecesOf(text, isGrowing);
  }
  // A definition may be of a link anywhere in the text.
  const joined = hasDefinitions ? [{type: "all", start: 0, end: text.length}] : joinHtml(found, rest);
  const blocks = [...known, ...joined.map((block) => ({...block, start: block.start + offset, end: block.end + offset}))];
  last = {text, blocks, isGrowing};
  return blocks.map((block, index) => ({...block, text: text.slice(index ? block.start : 0, blocks[index + 1]?.start)}));
};

// A tag that has only begun: a comment, a name, attributes, an address.
const unfinishedTag = new RegExp(`^<(?:${[
  /!(?:-(?:-(?:(?!-->|<!--).)*)?)?/,
  /\/?(?:[a-zA-Z][\w-]* *\/?)?/,
  /[a-zA-Z][\w-]*(?: +[\w-]+=(?:"[^"]*"|'[^']*'))* +[\w-]*(?:=(?:"[^"]*"?|'[^']*'?)?)?/,
  /[a-zA-Z][\w.+-]*[:@][^\s<>]*/,
].map(({source}) => source).join("|")})$`);

/** Finds the beginning of unfinished code or of an unfinished formula. */
const findUnfinished = (text) => {
  let opening;
  for (const {0: sign, index} of text.matchAll(/(?<!`)(`+)(?!`)[^]*?(?<!`)\1(?!`)|`+|\\[^]|\$\$/g)) {
    if (/^`+$/.test(sign)) return opening ?? {sign, index};
    if (opening && sign === closings[opening.sign]) opening = undefined;
    else if (!opening && sign in closings && (sign !== "$$" || /[\w\\({[|+\s-]|^$/.test(text.slice(index + 2, index + 3)))) {
      opening = {sign, index};
    }
  }
  return opening;
};

const completion = {
  links: true, linkMode: "text-only", images: false, katex: false, htmlTags: false, singleTilde: false,
  comparisonOperators: false,
};
const LONGEST_COMPLETED = 10_000; // characters

/** The text with its open emphasis, code and links closed. */
const closeSigns = (text) => {
  const closed = remend(text, completion);
  const trailing = (each) => /_*$/.exec(each)[0].length;
  const added = trailing(closed) - trailing(text.trimEnd());
  // An underscore after a letter opens nothing, but remend counts it as well: https://a.b/c_d_
  if (added <= 0 || /(?:^|[^\p{L}\p{N}_\\])_{1,3}(?=[^\s_])[^_]*$/u.test(text)) return closed;
  return closed.slice(0, -added);
};

/** A block that grows, as far as it can be drawn. */
const complete = ({type, text, isOpen}) => {
  // A longer opening fence, so that fences within the block don't end it before its own closing fence arrives.
  if (type === "codeFenced" && isOpen) return text.replace(/^\s*(?:`{3,}|~{3,})/, (fence) => fence + fence.at(-1).repeat(9));
  if (type === "codeFenced" || type === "codeIndented" || text.length > LONGEST_COMPLETED) return text;
  // Only whole rows: the columns grow wider once for each row, not word by word.
  if (type === "table" && !text.endsWith("\n")) {
    const rows = text.split("\n").slice(0, -1);
    return rows.length > 1 ? rows.join("\n") : "";
  }
  if (type === "mathText") return isOpen ? asCode(text) : text;
  const lines = text.split("\n");
  const head = lines.findIndex((line) => line.startsWith("|"));
  if (head >= 0 && lines.length - head <= 2 && /^[|: \t-]*$/.test(lines[head + 1] ?? "")) return lines.slice(0, head).join("\n");
  if (lines.at(-1).startsWith("|")) return lines.slice(0, -1).join("\n");
  const image = /!\[([^[\]\n]*)(?:\]\([^)\n]*)?$/.exec(text);
  const known = image ? text.slice(0, image.index) + image[1] : text;
  const unfinished = findUnfinished(known);
  if (unfinished && !unfinished.sign.startsWith("`")) {
    const before = known.slice(0, unfinished.index);
    return closeSigns(before) + (/\s$/.test(before) ? " " : "") + asCode(known.slice(unfinished.index));
  }
  const tag = unfinished ? -1 : known.lastIndexOf("<");
  return closeSigns(tag >= 0 && unfinishedTag.test(known.slice(tag)) ? known.slice(0, tag) : known);
};

/** A formula that isn't finished, in one line. */
const asCode = (source) => {
  const tex = source.replace(/^(?:\$\$|\\[([])/, "").replace(/\s*\n[ \t]*>?/g, " ");
  return tex.trim() ? `\`\`${tex}\`\`` : "";
};

// An emoji or a Korean syllable may be made of several characters; the last one may lack some.
const graphemes = globalThis.Intl?.Segmenter && new Intl.Segmenter();
const LONGEST_GRAPHEME = 64;
const madeOfParts = /^[\p{Extended_Pictographic}\p{Regional_Indicator}\u1100-\u11ff]/u;
const withoutLastPart = (text) => {
  const end = text.slice(-LONGEST_GRAPHEME);
  const segment = [...(graphemes?.segment(end) ?? [])].at(-1)?.segment ?? "";
  return madeOfParts.test(segment) ? text.slice(0, -segment.length) : text;
};

/** The blocks of a text that has ended. */
export const markdownBlocks = (text) => piecesOf(text, false).map((block) => block.text);

/** The blocks of a text that grows. Only the last is marked, so that no other is drawn again at the end. */
export const growingMarkdownBlocks = (text) => {
  const blocks = piecesOf(withoutLastPart(text), true);
  return blocks.map((block, index) => (index < blocks.length - 1 ? block.text : GROWING + complete(block)));
};
