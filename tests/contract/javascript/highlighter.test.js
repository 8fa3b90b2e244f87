/** Highlighting of code by Shiki. */
import assert from "node:assert/strict";
import {test} from "node:test";

import {highlighter} from "./highlighter.js";

const themes = highlighter.getThemes();
const highlighted = (code, isIncomplete = false) =>
  new Promise((show) => highlighter.highlight({code, language: "json", themes, isIncomplete}, show));
const textOf = ({tokens}) => tokens.map((row) => row.map(({content}) => content).join("")).join("\n");
const coloursOf = ({tokens}) => tokens.map((row) => row.some(({htmlStyle, color}) => htmlStyle || color));

test("code is highlighted", async () => {
  const code = '{\n  "a": 1\n}';
  const result = await highlighted(code);
  assert.equal(textOf(result), code);
  assert.deepEqual(coloursOf(result), [true, true, true]);
});

test("a very long line, and what follows it, stays plain", async () => {
  for (const beginning of ["", "[\n"]) {
    const code = `${beginning}${'{"a":1},'.repeat(4000)}\n1`;
    const result = await highlighted(code);
    assert.equal(textOf(result), code);
    assert.deepEqual(coloursOf(result).slice(-2), [false, false]);
  }
});

test("of code that grows, only the latest is highlighted", async () => {
  const codes = Array.from({length: 50}, (_, index) => "[\n".repeat(index + 1));
  let shown = 0;
  const last = codes.pop();
  for (const code of codes) highlighter.highlight({code, language: "json", themes, isIncomplete: true}, () => { shown += 1; });
  assert.equal(textOf(await highlighted(last, true)), last);
  assert(shown <= 1, `${shown} of an earlier state`);
});
