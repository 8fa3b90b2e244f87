/**
 * Separates HTML tags in an answer from words in angle brackets, as in `Press <Enter>` and `Vec<String>`.
 *
 * Streamdown removes HTML that it doesn't know, and such words with it, so they are made text before.
 * JavaScript, since it is a plug-in of the Markdown parser.
 */
import {defaultRehypePlugins} from "streamdown";

// Those that Streamdown draws; harmless ones of which it draws what they contain.
const harmlessTags = "abbr big caption center cite col colgroup figcaption figure font mark small u wbr".split(" ");
const drawnTags = new Set([...defaultRehypePlugins.sanitize[1].tagNames, ...harmlessTags]);
const voidTags = new Set("br col hr img input source wbr".split(" "));
const tagsWithAttributes = new Set("img input source".split(" "));
const tagsWithOptionalEnd = new Set("colgroup dd dt li p rp rt tbody td tfoot th thead tr".split(" "));

// Without a value only these are attributes: a<b and c>d has none.
const switches = "alt|checked|compact|disabled|download|hidden|nowrap|open|reversed";
const attribute = `\\s+(?:[a-z_:][\\w.:-]*\\s*=\\s*(?:"[^"]*"|'[^']*'|[^\\s"'=<>\`]+)|(?:${switches})(?![^\\s/>]))`;
const htmlParts = new RegExp(`<!--(?:(?!<!--)[^])*?-->|</?([a-z][a-z\\d]*)(?:${attribute})*\\s*/?>|<`, "gi");

const addresses = /^(?:https?|ircs?|mailto|tel|xmpp):/i;
export const blockParents = new Set(["root", "blockquote", "listItem", "footnoteDefinition"]);

/** Returns true if HTML with this name is drawn. */
export const isDrawnTag = (name) => drawnTags.has(name?.toLowerCase());

/** The tags and comments in a piece of HTML. */
export const partsOfHtml = (html) =>
  [...html.matchAll(htmlParts)].map(([text, name]) => ({text, name: name?.toLowerCase()}));

/** Calls `change` with each node, its parent and its index, from the last one to the first and from the leaves up. */
export const visit = (node, change, parent, index) => {
  for (let child = (node.children?.length ?? 0) - 1; child >= 0; child -= 1) visit(node.children[child], change, node, child);
  change(node, parent, index);
};

/**
 * Marks each part as drawn or not. A tag without its partner isn't drawn, as in "The <div> tag": that is a word.
 *
 * @returns The tags that are open at the end.
 */
export const pairTags = (parts, isGrowing) => {
  const open = [], opened = {}; // those whose end is still to come, and how many of each name
  for (const part of parts) {
    const {text, name} = part;
    if (!name) part.isDrawn = text !== "<";
    else if (!drawnTags.has(name)) part.isDrawn = false;
    else if (voidTags.has(name)) part.isDrawn = text.includes("=") || !tagsWithAttributes.has(name);
    else if (!text.startsWith("</")) {
      open.push(part);
      opened[name] = (opened[name] ?? 0) + 1;
    } else {
      part.isDrawn = Boolean(opened[name]);
      for (let last; part.isDrawn && last?.name !== name;) {
        last = open.pop();
        opened[last.name] -= 1;
        last.isDrawn = last.name === name || tagsWithOptionalEnd.has(last.name);
      }
    }
  }
  // Their partners are still to come.
  if (isGrowing) for (const part of open) part.isDrawn = true;
  return open;
};

/** A block that begins with this definition, of which nothing is drawn, is still growing. */
export const GROWING = "[\ufffd]: #\n\n";
const isGrowingBlock = ({children: [first]}) => first?.type === "definition" && first.label === "\ufffd";

/** Remark plug-in. */
export default function markdownTags() {
  return (tree, file) => {
    const source = String(file);
    const found = [];
    visit(tree, (node, parent, index) => {
      const {start, end} = node.position ?? {};
      if (node.type === "html") found.push({node, parts: partsOfHtml(node.value), isBlock: blockParents.has(parent.type)});
      else if (node.type === "link" && source[start?.offset] === "<" && !addresses.test(node.url)) {
        // An address for Markdown, as std::string is in vector<std::string>.
        parent.children[index] = {type: "text", value: source.slice(start.offset, end.offset)};
      }
    });
    pairTags(found.reverse().flatMap(({parts}) => parts), isGrowingBlock(tree));
    for (const {node, parts, isBlock} of found) {
      let next = 0;
      const shown = ({text, isDrawn}) => (isDrawn ? text : text.replace("<", "&lt;"));
      node.value = node.value.replace(htmlParts, () => shown(parts[next++]));
      // Without a tag it is a paragraph like others.
      if (isBlock && !node.value.includes("<")) {
        Object.assign(node, {type: "paragraph", children: [{type: "html", value: node.value}]});
      }
    }
  };
}
