/**
 * A text in Markdown, drawn by Streamdown with the plug-ins beside this file.
 *
 * An unfinished last block is completed until the rest has come, and only the last block is drawn anew. Scripts, styles
 * and dangerous addresses are removed. JavaScript, since Streamdown and its plug-ins are.
 */
import {cloneElement, createElement as h, useMemo} from "react";
import {defaultRehypePlugins, Streamdown} from "streamdown";

import {highlighter} from "./highlighter.js";
import {growingMarkdownBlocks, markdownBlocks} from "./markdown_blocks.js";
import {remarkPlugins, markdownElements} from "./markdown_tree.js";

const {raw, sanitize, harden: [harden, hardenOptions]} = defaultRehypePlugins;
// Links that Streamdown has made harmless keep only their text.
const rehypePlugins = [raw, sanitize, markdownElements, [harden, {...hardenOptions, linkBlockPolicy: "text-only"}]];
const plugins = {code: highlighter};
const controls = {table: false, code: false};
const linkSafety = {enabled: false};

const goToMark = (event) => {
  event.preventDefault();
  const mark = CSS.escape(decodeURIComponent(event.currentTarget.hash.slice(1)));
  event.currentTarget.closest("article").querySelector(`[data-mark="${mark}"]`)?.focus();
};
const within = {onClick: goToMark, target: undefined, rel: undefined};
const outside = {target: "_blank", rel: "noopener noreferrer"};

const componentsWith = ({CodeBlock, Diagram, Formula, MissingImage, TaskBox}) => ({
  // One level lower: the first is the title of the conversation.
  h1: "h2", h2: "h3", h3: "h4", h4: "h5", h5: "h6",
  p: "p",
  li: "li",
  strong: "strong",
  a: ({node, ...props}) => h("a", {...props, ...(props.href?.startsWith("#") ? within : outside)}),
  // A link in place of an image: the address of an image fetched by itself could leak the conversation.
  img: ({src, alt}) => h("a", {href: src, ...outside}, alt || src),
  "missing-image": ({alt}) => alt || h(MissingImage),
  input: ({checked}) => h(TaskBox, {isDone: Boolean(checked)}),
  table: ({node, ...props}) => h("div", {className: "table-box", tabIndex: 0}, h("table", props)),
  inlineCode: ({className, children: source}) => {
    if (!className?.startsWith("language-math")) return h("code", null, source);
    return h(Formula, {source, isDisplay: className === "language-math-display"});
  },
  pre: ({children: code}) => {
    if (code?.props?.node?.tagName !== "code") return h("pre", null, code);
    const source = code.props.children;
    const language = /language-(\S+)/.exec(code.props.className)?.[1];
    if (language === "math") return h(Formula, {source, isDisplay: true});
    const block = cloneElement(code, {"data-block": "true", tabIndex: 0});
    return h(language === "mermaid" ? Diagram : CodeBlock, {source}, block);
  },
});

/**
 * @param {string} source
 * @param {boolean} isStreaming Whether more is to come.
 * @param {object} parts The components of what Streamdown draws otherwise or not at all; the same object each time.
 */
export const Markdown = ({source, isStreaming, parts}) => {
  const components = useMemo(() => componentsWith(parts), [parts]);
  return h(Streamdown, {
    children: source,
    isAnimating: isStreaming,
    parseIncompleteMarkdown: false, // the blocks are completed already
    parseMarkdownIntoBlocksFn: isStreaming ? growingMarkdownBlocks : markdownBlocks,
    components, controls, linkSafety, plugins, rehypePlugins, remarkPlugins,
    lineNumbers: false,
    // Without a limit (0): a box that scrolls inside the conversation would catch the wheel on its way.
    codeBlockMaxHeight: 0,
    tableMaxHeight: 0,
  });
};
