/**
 * Plug-ins of remark and rehype that change the parsed text: numbers of lists, footnotes, addresses, formulas, images.
 *
 * JavaScript, since Streamdown draws with such plug-ins.
 */
import {findAndReplace} from "mdast-util-find-and-replace";
import {newlineToBreak} from "mdast-util-newline-to-break";

import {withoutDelimiters} from "./markdown_formulas.js";
import markdownSyntax from "./markdown_syntax.js";
import markdownTags, {blockParents} from "./markdown_tags.js";

/** Calls `change` with each node and its parent, from the leaves up. */
const visit = (node, change, parent, index) => {
  for (let child = (node.children?.length ?? 0) - 1; child >= 0; child -= 1) visit(node.children[child], change, node, child);
  change(node, parent, index);
};
const textOf = (value) => ({type: "text", value});

// Lists

/** Remark plug-in: the numbers of lists stay as they were written. */
export function markdownNumbers() {
  return (tree, file) => {
    visit(tree, (node) => {
      if (node.type !== "list" || !node.ordered) return;
      const numbers = node.children.map(({position}) => Number.parseInt(String(file).slice(position.start.offset), 10));
      const steps = numbers.slice(1).map((number, index) => number - numbers[index]);
      // Those of 1. 1. 1. are left to Markdown, which counts.
      if (steps.every((step) => step === 1) || !(steps.every((step) => step > 0) || steps.every((step) => step < 0))) return;
      node.children.forEach((item, index) => {
        item.data = {...item.data, hProperties: {...item.data?.hProperties, value: numbers[index]}};
      });
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

// Links, lines, formulas

/** The nodes, with the words of links in place of the links. */
const withoutLinks = (nodes) =>
  nodes.flatMap((node) => {
    if (node.children) node.children = withoutLinks(node.children);
    return node.type === "link" ? node.children : [node];
  });

/** Remark plug-in: an address in the words of a link is no link of its own. */
export function markdownLinks() {
  return (tree) => {
    visit(tree, (node) => {
      if (node.type === "link" || node.type === "linkReference") node.children = withoutLinks(node.children);
    });
  };
}

/** Remark plug-in: the end of a line is a line break. */
export function markdownLines() {
  return newlineToBreak;
}

/** Remark plug-in: \[…\], and formulas on lines of their own, are drawn as display formulas. */
export function markdownFormulas() {
  return (tree, file) => {
    visit(tree, (node, parent, index) => {
      if (node.type !== "inlineMath") return;
      const isBlock = blockParents.has(parent.type);
      const opening = String(file).slice(node.position.start.offset, node.position.start.offset + 2);
      const [before, after] = [parent.children[index - 1], parent.children[index + 1]];
      const isAlone = (!before || /\n[ \t]*$/.test(before.value)) && (!after || /^[ \t]*[.,;:]?[ \t]*\n/.test(after.value));
      const isDisplay = isBlock || opening === "\\[" || (isAlone && parent.type === "paragraph" && opening === "$$");
      if (isDisplay && before?.type === "text") before.value = before.value.trimEnd();
      if (isDisplay && after?.type === "text") after.value = after.value.replace(/^\s*\n/, "");
      const className = isDisplay ? "language-math-display" : "language-math";
      const tex = isBlock ? withoutDelimiters(node.value) : node.value;
      node.data = {hName: "code", hProperties: {className: [className]}, hChildren: [textOf(tex)]};
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
  markdownSyntax, markdownTags, markdownFormulas, markdownNumbers, markdownFootnotes, markdownLinks, markdownLines,
];
