/**
 * Plug-ins of remark and rehype that change the parsed text: numbers of lists, footnotes, addresses, formulas, images.
 *
 * JavaScript, since Streamdown draws with such plug-ins.
 */
import {findAndReplace} from "mdast-util-find-and-replace";
import {newlineToBreak} from "mdast-util-newline-to-break";

import markdownSyntax from "./markdown_syntax.js";
import markdownTags from "./markdown_tags.js";

const CJK = "\\p{Script=Hangul}\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}";

/** Calls `change` with each node and its parent, from the leaves up. */
const visit = (node, change, parent, index) => {
  for (let child = (node.children?.length ?? 0) - 1; child >= 0; child -= 1) visit(node.children[child], change, node, child);
  change(node, parent, index);
};
const textOf = (value) => ({type: "text", value});

// Lists

/** The number of a list's item as it was written. */
const written = (item, source) => Number.parseInt(source.slice(item.position.start.offset), 10);

/** The paragraphs in place of a list that is a date, each beginning with its number: 2019. 3. 2. */
const asParagraphs = (list, source) =>
  list.children.flatMap((item) => {
    const [first, ...rest] = item.children.flatMap((child) =>
      isInDate(child, item, source) ? asParagraphs(child, source) : [child],
    );
    const {start, end} = item.position;
    // Up to the words: the numbers of inner lists are part of this one.
    const number = {...textOf(source.slice(start.offset, (first?.position.start ?? end).offset)), isNumber: true};
    if (first?.type !== "paragraph") {
      const position = {start: end, end};
      return [{type: "paragraph", position, children: [number]}, ...item.children];
    }
    return [{...first, children: [number, ...first.children.filter(({isNumber}) => !isNumber)]}, ...rest];
  });

const isYear = (number) => number >= 1500 && number < 2200;
const beginsIn = (node, item) => item.children[0] === node && node.position.start.line === item.position.start.line;

/** Whether the list is in a date, as that of the day is after a month: 3. 2. */
const isInDate = (list, parent, source) =>
  list.type === "list" && list.ordered && parent.type === "listItem" && beginsIn(list, parent)
  && /\d/.test(source[parent.position.start.offset]) && written(list.children[0], source) <= 31;

/** Whether the list is no list: its number is a year or a month. */
const isDate = ({children: [item]}, source) =>
  isYear(written(item, source)) || (item.children[0] && isInDate(item.children[0], item, source));

const keepNumbers = (list, source) => {
  const numbers = list.children.map((item) => written(item, source));
  const steps = numbers.slice(1).map((number, index) => number - numbers[index]);
  // Those of 1. 1. 1. are left to Markdown, which counts.
  if (steps.every((step) => step === 1) || !(steps.every((step) => step > 0) || steps.every((step) => step < 0))) return;
  list.children.forEach((item, index) => {
    item.data = {...item.data, hProperties: {...item.data?.hProperties, value: numbers[index]}};
  });
};

/** Remark plug-in: numbers of lists stay as they were written, dates are no lists. */
export function markdownNumbers() {
  return (tree, file) => {
    const source = String(file);
    visit(tree, (node, parent, index) => {
      if (node.type !== "list" || !node.ordered) return;
      // The outermost of a date's lists knows where the date begins.
      if (isInDate(node, parent, source)) return;
      if (isDate(node, source)) parent.children.splice(index, 1, ...asParagraphs(node, source));
      else keepNumbers(node, source);
    });
  };
}

// Footnotes

const footnoteLink = (label, mark, target) => ({
  type: "link",
  url: `#${target}-${label.toLowerCase()}`,
  children: [textOf(label)],
  data: {hProperties: {id: `${mark}-${label.toLowerCase()}`}},
});
const footnoteMark = (label) => ({
  type: "emphasis",
  children: [footnoteLink(label, "mark", "note")],
  data: {hName: "sup"},
});

// Of a regular expression, as [^0-9] and [^가-힣]
const isRange = (label) => /^(?:[\p{L}\p{N}]-[\p{L}\p{N}])+_?$/u.test(label);

/**
 * Remark plug-in: a footnote is drawn where it stands, with links to its mark and back.
 *
 * An answer is drawn block by block, so that a mark doesn't know its note, which is in another block.
 */
export function markdownFootnotes() {
  return (tree) => {
    visit(tree, (node, parent, index) => {
      if (node.type === "footnoteReference") parent.children[index] = footnoteMark(node.label);
      if (node.type !== "footnoteDefinition") return;
      const link = footnoteLink(node.label, "note", "mark");
      const [first, ...rest] = node.children;
      const isParagraph = first?.type === "paragraph";
      const children = [link, ...(isParagraph ? [textOf(" "), ...first.children] : [])];
      const others = isParagraph || !first ? rest : node.children;
      const data = {hName: "div"};
      parent.children[index] = {type: "blockquote", children: [{type: "paragraph", children}, ...others], data};
    });
    findAndReplace(tree, [/\[\^([\p{L}\p{N}_-]{1,200})\]/gu, (_, label) => !isRange(label) && footnoteMark(label)], {ignore: ["link", "linkReference"]});
  };
}

// Addresses

const particle =
  "에서|에게|에는|에도|에|은|는|이|가|을|를|의|와|과|로|으로|도|만|까지|부터|처럼|보다|이나|나|라고|이라|라는|입니다|이다|예요|이에요" +
  "|이며|이고|하고|이랑|랑|께|한테|마다|밖에|참고|참조|확인|및|등";
// Text that follows an address without a space: any letters of these languages after a host, a particle after a path.
const afterHost = new RegExp(`^((?:https?://|www\\.)[^/?#]*?[\\w\\])])[${CJK}]+(?=$|[/?#,)])`, "iu");
const afterPath = new RegExp(`(?<=[\\w)])(?:(?:${particle})\\p{Script=Hangul}{0,4}|\\p{Script=Hiragana}+)$`, "u");
// Punctuation and brackets of Chinese, Japanese and Korean, which end an address: 。 , 「」 …
const punctuation = /\*\*|[">\u3001\u3002\u3008-\u3011\uff01\uff08\uff09\uff0c\uff0e\uff1a\uff1b\uff1f\u2018\u2019\u201c\u201d\u2026]/;

const LONGEST_ADDRESS = 4000; // characters
const addressStart = /(?:https?:\/\/|www\.)[\w[]/i;
const emphasis = {"**": "strong", "*": "emphasis", "~~": "delete"};

/**
 * The length of the address at the beginning of a text that the parser has taken for one.
 *
 * @param {string} sign What stands before it, if that is a sign which may end it as well.
 */
const addressLength = (text, sign = "") => {
  const opened = [];
  const ends = [text.search(punctuation), sign ? text.indexOf(sign) : -1].filter((end) => end >= 0);
  let end = Math.min(text.length, ...ends);
  for (let index = 0; index < end; index += 1) {
    if ("([".includes(text[index])) opened.push(index);
    else if (")]".includes(text[index]) && opened.pop() === undefined) end = index;
  }
  const host = afterHost.exec(text.slice(0, end));
  if (host) return host[1].length;
  const path = afterPath.exec(text.slice(0, end));
  return path ? path.index : end;
};

/** The text that follows an address, with the addresses in it as links: https://a.com、https://b.com */
const withAddresses = (text) => {
  const nodes = [];
  let done = 0;
  for (;;) {
    const start = text.slice(done).search(addressStart);
    if (start < 0) return [...nodes, textOf(text.slice(done))];
    const address = text.slice(done + start, done + start + LONGEST_ADDRESS);
    const cut = address.slice(0, Math.max(addressLength(address), 1));
    const url = cut.startsWith("www.") ? `http://${cut}` : cut;
    nodes.push(textOf(text.slice(done, done + start)), {type: "link", url, children: [textOf(cut)]});
    done += start + cut.length;
  }
};

/** Remark plug-in: an address in the text ends before a particle, as in https://example.com/docs에서. */
export function markdownAddresses() {
  return (tree, file) => {
    const source = String(file);
    visit(tree, (node, parent, index) => {
      const [text] = node.children ?? [];
      const isLiteral = node.type === "link" && text?.type === "text" && /^(?:https?:\/\/|www\.)/i.test(text.value)
        && !(node.position && "<[".includes(source[node.position.start.offset]));
      if (!isLiteral) return;
      const before = parent.children[index - 1];
      const [sign] = /(?:\*\*|\*|~~|')$/.exec(before?.value ?? "") ?? [];
      const length = addressLength(text.value, sign);
      if (length === text.value.length) return;
      const rest = text.value.slice(length);
      const cut = text.value.slice(0, length);
      const url = node.url.startsWith("http://www.") && !cut.startsWith("http") ? `http://${cut}` : cut;
      const link = {...node, url, children: [textOf(cut)]};
      if (!sign || sign === "'" || !rest.startsWith(sign)) parent.children.splice(index, 1, link, ...withAddresses(rest));
      else {
        // The parser took the end of **https://example.com**에서 for part of the address.
        before.value = before.value.slice(0, -sign.length);
        const emphasized = {type: emphasis[sign], children: [link]};
        parent.children.splice(index, 1, emphasized, ...withAddresses(rest.slice(sign.length)));
      }
    });
  };
}

/** Remark plug-in: the end of a line is a line break. */
export function markdownLines() {
  return newlineToBreak;
}

/** Remark plug-in: \[…\], and $$…$$ on lines of their own, are drawn as display formulas. */
export function markdownFormulas() {
  return (tree, file) => {
    const source = String(file);
    visit(tree, (node, parent, index) => {
      if (node.type !== "inlineMath") return;
      const opening = source.slice(node.position.start.offset).slice(0, 2);
      const [before, after] = [parent.children[index - 1], parent.children[index + 1]];
      const isAlone = (!before || /\n[ \t]*$/.test(before.value)) && (!after || /^[ \t]*[.,;:]?[ \t]*\n/.test(after.value));
      const isDisplay = opening === "\\[" || (isAlone && parent.type === "paragraph" && opening === "$$");
      if (isDisplay && before?.type === "text") before.value = before.value.trimEnd();
      if (isDisplay && after?.type === "text") after.value = after.value.replace(/^\s*\n/, "");
      const className = isDisplay ? "language-math-display" : "language-math";
      node.data = {hName: "code", hProperties: {className: [className]}, hChildren: [textOf(node.value)]};
    });
  };
}

// Elements

const blockTags = new Set(["p", "ul", "ol", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "table"]);
const textOfImage = ({properties: {alt, src}}) => textOf(alt || src || "");

const isNote = ({children = []}) => children.some(({properties}) => /^note-/.test(properties?.id ?? ""));

const change = (node, hasDirection, depth) => {
  // React has a stack, too. The text is shown as it is then.
  if (depth > 200) throw new RangeError("elements nested too deeply");
  const {tagName, properties = {}, children = []} = node;
  // Only the outermost: the direction of what has one of its own doesn't count for what is around it.
  const isBlock = !hasDirection && blockTags.has(tagName);
  if (isBlock) properties.dir = "auto";
  // An answer's ids would collide with those of the page and of other answers. By this name its footnotes find each other.
  properties.dataMark = properties.id;
  delete properties.id;
  if (tagName === "div" && children.some(isNote)) properties.className = ["note"];
  if (tagName === "ol") properties.style = `--digits: ${String(lastNumber(node)).length}`;
  if (tagName === "a") node.children = children.map((child) => (child.tagName === "img" ? textOfImage(child) : child));
  // An image without an address can't be one: what sanitizes the text has taken it away.
  if (tagName === "img" && !properties.src) Object.assign(node, {tagName: "missing-image", properties: {alt: properties.alt}});
  node.children?.forEach((child) => change(child, hasDirection || isBlock, depth + 1));
};

const lastNumber = ({properties: {start = 1}, children}) => {
  const items = children.filter(({tagName}) => tagName === "li");
  return Math.max(start + items.length - 1, ...items.map(({properties: {value = 0}}) => value));
};

/** Rehype plug-in: directions, footnotes' marks, lists' widths, missing images. It runs after sanitizing. */
export function markdownElements() {
  return (tree) => change(tree, false, 0);
}

/** All remark plug-ins, in their order. */
export const remarkPlugins = [
  markdownSyntax, markdownTags, markdownFormulas, markdownNumbers, markdownFootnotes, markdownAddresses, markdownLines,
];
