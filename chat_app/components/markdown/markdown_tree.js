/**
 * Plug-ins of remark and rehype that change the parsed text: numbers of lists, footnotes, links, formulas, images.
 *
 * JavaScript, since Streamdown draws with such plug-ins.
 */
import {findAndReplace} from "mdast-util-find-and-replace";
import {newlineToBreak} from "mdast-util-newline-to-break";

import {withoutDelimiters} from "./markdown_formulas.js";
import markdownSyntax from "./markdown_syntax.js";
import markdownTags, {blockParents, visit} from "./markdown_tags.js";

const textOf = (value) => ({type: "text", value});

const footnoteLink = (label, mark, target) => {
  const data = {hProperties: {id: `${mark}-${label.toLowerCase()}`}};
  return {type: "link", url: `#${target}-${label.toLowerCase()}`, children: [textOf(label)], data};
};
const footnoteMark = (label) => ({type: "emphasis", children: [footnoteLink(label, "mark", "note")], data: {hName: "sup"}});
const footnote = /\[\^([\p{L}\p{N}_-]{1,200})\]/gu;
// Of a regular expression, as [^0-9] and [^가-힣]
const isRange = (label) => /^(?:[\p{L}\p{N}]-[\p{L}\p{N}])+_?$/u.test(label);

/** The nodes, with the words of links in place of the links. */
const withoutLinks = (nodes) =>
  nodes.flatMap((node) => {
    if (node.children) node.children = withoutLinks(node.children);
    return node.type === "link" ? node.children : [node];
  });

const changes = {
  /** The numbers of lists stay as they were written. Those of 1. 1. 1. are left to Markdown, which counts. */
  list({ordered, children}, source) {
    const numbers = children.map(({position}) => Number.parseInt(source.slice(position.start.offset), 10));
    const steps = numbers.slice(1).map((number, index) => number - numbers[index]);
    const isInOrder = steps.every((step) => step > 0) || steps.every((step) => step < 0);
    if (!ordered || !isInOrder || steps.every((step) => step === 1)) return;
    children.forEach((item, index) => {
      item.data = {...item.data, hProperties: {...item.data?.hProperties, value: numbers[index]}};
    });
  },

  footnoteReference(node) {
    Object.assign(node, footnoteMark(node.label));
  },

  /** A footnote is drawn where it stands: its mark may be in another block, and each block is drawn by itself. */
  footnoteDefinition(node) {
    const link = footnoteLink(node.label, "note", "mark");
    const [first] = node.children;
    if (first?.type === "paragraph") first.children.unshift(link, textOf(" "));
    else node.children.unshift({type: "paragraph", children: [link]});
    Object.assign(node, {type: "blockquote", data: {hName: "div"}});
  },

  /** An address in the words of a link is no link of its own. */
  link(node) {
    node.children = withoutLinks(node.children);
  },
  linkReference(node) {
    node.children = withoutLinks(node.children);
  },

  /** \[…\], and formulas on lines of their own, are drawn as display formulas. */
  inlineMath(node, source, parent, index) {
    const isBlock = blockParents.has(parent.type);
    const {offset} = node.position.start;
    const opening = source.slice(offset, offset + 2);
    const [before, after] = [parent.children[index - 1], parent.children[index + 1]];
    const isAlone = (!before || /\n[ \t]*$/.test(before.value)) && (!after || /^[ \t]*[.,;:]?[ \t]*\n/.test(after.value));
    const isDisplay = isBlock || opening === "\\[" || (isAlone && parent.type === "paragraph" && opening === "$$");
    if (isDisplay && before?.type === "text") before.value = before.value.trimEnd();
    if (isDisplay && after?.type === "text") after.value = after.value.replace(/^\s*\n/, "");
    const className = isDisplay ? "language-math-display" : "language-math";
    const tex = isBlock ? withoutDelimiters(node.value) : node.value;
    node.data = {hName: "code", hProperties: {className: [className]}, hChildren: [textOf(tex)]};
  },
};

/** Remark plug-in: all changes, and each end of a line is a line break. */
function markdownTree() {
  return (tree, file) => {
    const source = String(file);
    visit(tree, (node, parent, index) => changes[node.type]?.(node, source, parent, index));
    // For the parser, marks of footnotes in other blocks are text.
    const mark = (_, label) => !isRange(label) && footnoteMark(label);
    findAndReplace(tree, [footnote, mark], {ignore: ["link", "linkReference"]});
    newlineToBreak(tree);
  };
}

/** All remark plug-ins, in their order. */
export const remarkPlugins = [markdownSyntax, markdownTags, markdownTree];

const blockTags = new Set(["p", "ul", "ol", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "table"]);
const textOfImage = ({properties: {alt, src}}) => textOf(alt || src || "");
const isNote = ({children = []}) => children.some(({properties}) => /^note-/.test(properties?.id ?? ""));
const lastNumber = ({properties: {start = 1}, children}) => {
  const items = children.filter(({tagName}) => tagName === "li");
  return Math.max(start + items.length - 1, ...items.map(({properties: {value = 0}}) => value));
};

const changeElement = (node, hasDirection, depth) => {
  // React renders recursively: the text is shown unformatted instead of a stack overflow.
  if (depth > 200) throw new RangeError("elements nested too deeply");
  const {tagName, properties = {}, children = []} = node;
  // Only the outermost: for `dir="auto"`, browsers skip descendants with a `dir` of their own.
  const isBlock = !hasDirection && blockTags.has(tagName);
  if (isBlock) properties.dir = "auto";
  // An answer's ids would collide with those of the page and of other answers. By this name its footnotes find each other.
  properties.dataMark = properties.id;
  delete properties.id;
  if (tagName === "div" && children.some(isNote)) properties.className = ["note"];
  if (tagName === "ol") properties.style = `--digits: ${String(lastNumber(node)).length}`;
  if (tagName === "a") node.children = children.map((child) => (child.tagName === "img" ? textOfImage(child) : child));
  // The sanitizer removes unsafe addresses: an image without one can't be loaded.
  if (tagName === "img" && !properties.src) Object.assign(node, {tagName: "missing-image", properties: {alt: properties.alt}});
  node.children?.forEach((child) => changeElement(child, hasDirection || isBlock, depth + 1));
};

/** Rehype plug-in: directions, footnotes' marks, lists' widths, missing images. It runs after sanitizing. */
export function markdownElements() {
  return (tree) => changeElement(tree, false, 0);
}
