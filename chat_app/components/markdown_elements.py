"""What becomes of the elements of an answer: formulas, diagrams, code in a frame, links that lead outside."""

import reflex as rx

from chat_app.components.code_block import code_block
from chat_app.components.diagram import diagram
from chat_app.components.formula import formula
from chat_app.components.task_box import task_box

# What the JavaScript below calls by these names.
DRAWN_BY: dict[str, rx.Var] = {
    "CodeBlock": rx.Var.create(code_block),
    "Diagram": rx.Var.create(diagram),
    "Formula": rx.Var.create(formula),
    "TaskBox": rx.Var.create(task_box),
}

MARKDOWN_ELEMENTS = r"""
// An answer's ids would collide with those of the page and of other answers. So they are given another name, by which
// its footnotes find each other, and the page keeps its address.
const goToMark = (event) => {
  event.preventDefault();
  const mark = CSS.escape(event.currentTarget.hash.slice(1));
  event.currentTarget.closest("article").querySelector(`[data-mark="${mark}"]`)?.focus();
};

const blockTags = new Set(["p", "ul", "ol", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "table"]);
const textOfImage = ({properties: {alt, src}}) => ({type: "text", value: alt || src});
const visitMarkdown = (node, hasDirection, depth) => {
  // React has a stack, too. The text is shown as it is then.
  if (depth > 200) throw new RangeError("elements nested too deeply");
  const {tagName, properties = {}, children = []} = node;
  // Only the outermost: the direction of what has one of its own doesn't count for what is around it.
  const isBlock = !hasDirection && blockTags.has(tagName);
  if (isBlock) properties.dir = "auto";
  properties.dataMark = properties.id;
  delete properties.id;
  // A link that Streamdown has made harmless says so, in English.
  if (properties.title?.startsWith("Blocked URL")) {
    delete properties.title;
    children.pop();
  }
  if (tagName === "a") node.children = children.map((child) => (child.tagName === "img" ? textOfImage(child) : child));
  children.forEach((child) => visitMarkdown(child, hasDirection || isBlock, depth + 1));
};
const markdownAttributes = () => (tree) => visitMarkdown(tree, false, 0);

const within = {onClick: goToMark, target: undefined, rel: undefined};
const outside = {target: "_blank", rel: "noopener noreferrer"};
const markdownComponents = {
  // One level lower: the first is the title of the conversation.
  h1: "h2", h2: "h3", h3: "h4", h4: "h5", h5: "h6",
  p: "p",
  strong: "strong",
  a: ({node, ...props}) => jsx("a", {...props, ...(props.href?.startsWith("#") ? within : outside)}),
  // What an answer refers to must not be fetched by itself: the address could carry what the model was told.
  img: ({src, alt}) => jsx("a", {href: src, ...outside}, alt || src),
  input: ({checked}) => jsx(TaskBox, {isDone: Boolean(checked)}),
  table: ({node, ...props}) => jsx("div", {className: "table-box", tabIndex: 0}, jsx("table", props)),
  inlineCode: ({className, children: source}) => {
    if (className !== "language-math") return jsx("code", null, source);
    const isDisplay = source.startsWith("\\[");
    return jsx(Formula, {source: isDisplay ? source.slice(2) : source, isDisplay});
  },
  pre: ({children: code}) => {
    if (code?.props?.node?.tagName !== "code") return jsx("pre", null, code);
    const source = code.props.children;
    const language = /language-(\S+)/.exec(code.props.className)?.[1];
    if (language === "math") return jsx(Formula, {source, isDisplay: true});
    const block = cloneElement(code, {"data-block": "true", tabIndex: 0});
    return jsx(language === "mermaid" ? Diagram : CodeBlock, {source}, block);
  },
};
"""
