/** The words of a search, found in the text of a message. */
import assert from "node:assert/strict";
import {test} from "node:test";
import {findWords} from "./select_words.js";

const found = (text, query) => {
  const span = findWords(text, query);
  return span && text.slice(...span);
};

for (const [text, query, words] of [
  ["A treasure lies here.", "TREASURE lies", "treasure lies"],
  ["Fact number 12 is small.", "number fact 12", "Fact number 12"],
  ["one\ntwo", "one two", "one\ntwo"],
  ["내일 서울 날씨는 맑아요.", "날씨 내일", "내일 서울 날씨"],
  ["사과나무", "과나", "과나"],
  ["사과나무".normalize("NFD"), "사과", "사과".normalize("NFD")],
  ["Is İstanbul big?", "istanbul big", "İstanbul big"],
  ["An apple. " + "x".repeat(500) + " Pears and apples.", "apple pear", "Pears and apple"],
  ["Only pears.", "pears apples", "pears"],
  ["(a|b)* [c]", "[c] (a|b)*", "(a|b)* [c]"],
]) {
  test(`${query} is found in ${text.slice(0, 30)}`, () => assert.equal(found(text, query), words));
}

for (const [text, query] of [["Pears.", "apples"], ["", "apples"], ["Pears.", " "], ["Pears.", ""]]) {
  test(`nothing is found of "${query}" in "${text}"`, () => assert.equal(findWords(text, query), null));
}

for (const [unit, query] of [["a ", "a b"], ["a b ", "b x a"], ["a".repeat(50), "a".repeat(99) + "b"], [" \n", "a b"]]) {
  test(`the time for "${unit.slice(0, 5)}" grows with the text and not faster`, () => {
    // CPU time of the thread, in milliseconds: other processes don't count.
    const timeOf = (length) => {
      const text = unit.repeat(length / unit.length);
      const times = [1, 2, 3].map(() => {
        const begun = process.threadCpuUsage();
        findWords(text, query);
        const {user, system} = process.threadCpuUsage(begun);
        return (user + system) / 1000;
      });
      return Math.min(...times);
    };
    assert.ok(timeOf(800_000) < 8 * 4 * Math.max(timeOf(100_000), 5));
  });
}
