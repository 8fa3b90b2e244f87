/**
 * Linear time of all processing of a model's text.
 *
 * Linear work takes four times as long for four times the length, quadratic work sixteen times. Work that takes next
 * to no time even at the larger size passes.
 */
import assert from "node:assert/strict";
import {test} from "node:test";
import remarkParse from "remark-parse";
import {unified} from "unified";

import {growingMarkdownBlocks, markdownBlocks} from "./markdown_blocks.js";
import {remarkPlugins} from "./markdown_tree.js";

const SMALL = 1_500, LARGE = 6_000; // characters
const NO_TIME = 100; // milliseconds
const TOO_STEEP = 9;

const repeated = (text) => (length) => text.repeat(Math.ceil(length / text.length)).slice(0, length);
const after = (beginning, text) => (length) => beginning + repeated(text)(length);
// Runs of all lengths, none of which closes another.
const runs = (sign) => (length) => {
  let text = "";
  for (let count = 1; text.length < length; count += 1) text += `${sign.repeat(count % 300)}a`;
  return text.slice(0, length);
};

const texts = Object.fromEntries(
  [
    "a~", "~a ", "a~~", "`", "[", "a]", "[a](", "[a]", "![", "![a](", "<", "<a ", '<a b="', "<!--", "<!--\n", "<b>", "<b>\n\n",
    "<details>\n", "*", "*a ", "a*", "a**b", "**a ", "_a ", "_", "\\(", "\\(a ", "\\[", "\\[\n", "\\[a\n\n", "$", "$a ", "$$ a ",
    "$$\na\n", "$$\n\n", "\\begin{align}\n", "\\begin{align} ", "> ", "> a\n", "- ", "1. ", "|", "| a\n", "a\n", "http://a", "http://a,", "http://a.b、", "[^a-b", "a_",
    "www.a.", "a@", "[^a]", "[^a]: \n", "```\n", "```md\n", "```md\n\n```\na\n", "~~~\n", "[a]: b\n", "[a]: /b\n", "- $$\n", "> $$\n", "a $$\n\n", "a\n\n$$ b\n\n", "- ```md\n", "한**", "2019. a\n", "\\", " ",
    "\n", "a\n===\n", "👨‍👩‍👧", "가", "ᄀ", ":", "!",
  ].map((text) => [JSON.stringify(text), repeated(text)]),
);
Object.assign(texts, {
  "runs of `": runs("`"),
  "runs of $": runs("$"),
  "a table": after("|a|b|\n|-|-|\n", "|a|b|\n"),
  "a table of `": after("|a|b|\n|-|-|\n", "`|"),
  "a table of runs of `": (length) => `|a|b|\n|-|-|\n|${runs("`")(length)}|||`,
  "a table of $": after("|a|b|\n|-|-|\n", "$|x"),
  "a table of \\(": after("|a|b|\n|-|-|\n", "\\(|"),
  "a row of -": after("a\n", "-x|"),
  "[ and words": after("[", "a "),
  "an address and (": after("http://a.b/", "("),
  "an address and )": after("http://a.b/", ")"),
  "an address and 에": after("http://a.b/", "a에"),
  "\\begin{align} and \\begin": after("\\begin{align}", "\\begin{align}a"),
});

const processor = unified().use(remarkParse).use(remarkPlugins);
const works = {
  "blocks of a text that grows": growingMarkdownBlocks,
  "a text that has ended": (text) => markdownBlocks(text).forEach((block) => processor.runSync(processor.parse(block), block)),
};

// CPU time of the thread, in milliseconds. A text that is nested too deeply is refused, and shown as it is.
const timeOf = (work, text) => {
  const begun = process.threadCpuUsage?.() ?? process.cpuUsage();
  try {
    work(text);
  } catch (error) {
    assert(error instanceof RangeError, error);
  }
  const {user, system} = process.threadCpuUsage?.(begun) ?? process.cpuUsage(begun);
  return (user + system) / 1000;
};

for (const [name, work] of Object.entries(works)) {
  for (const [kind, text] of Object.entries(texts)) {
    test(`${name}: ${kind}`, () => {
      let steepness = Infinity;
      // The best of three: the first one is compiled as it runs.
      for (let round = 0; round < 3 && steepness > TOO_STEEP; round += 1) {
        const small = timeOf(work, `${round}\n\n${text(SMALL)}`);
        const large = timeOf(work, `${round}\n\n${text(LARGE)}`);
        steepness = large < NO_TIME ? 0 : Math.min(steepness, large / small);
      }
      assert(steepness <= TOO_STEEP, `four times the text takes ${steepness} times as long`);
    });
  }
}
