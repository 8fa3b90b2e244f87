/** Times in the languages of the page. */
import assert from "node:assert/strict";
import {test} from "node:test";

import {longTime, shortTime} from "./message_time.js";

const plain = (text) => text.replaceAll(/\s/g, " "); // ICU has spaces of its own between hours and AM

test("the year is left out while it lasts", () => {
  const year = new Date().getFullYear();
  assert.doesNotMatch(shortTime(`${year}-06-15T12:00:00+00:00`, "en"), new RegExp(year));
  assert.match(shortTime("2019-06-15T12:00:00+00:00", "en"), /2019/);
});

test("a time is written as its language does", () => {
  assert.match(plain(shortTime("2019-06-15T12:03:00+00:00", "en")), /Jun 15, 2019, \d+:03 [AP]M/);
  assert.match(plain(shortTime("2019-06-15T12:03:00+00:00", "ko")), /2019년 6월 15일 (오전|오후) \d+:03/);
  assert.match(plain(longTime("2019-06-15T12:03:00+00:00", "en")), /Saturday, June 15, 2019/);
});

test("what is no time is empty", () => {
  assert.equal(shortTime("", "en"), "");
  assert.equal(longTime("soon", "ko"), "");
});
