/**
 * Selects the words of a search in a message.
 * JavaScript, since the server has only the Markdown: on the page, emphasis and links divide its sentences.
 *
 * `window.find` would be shorter, but isn't in any standard, doesn't find words in any order, and finds labels of buttons.
 * The place is chosen as in chat_app/services/conversations/excerpt.py.
 */

const REACH = 80; // characters between words that are still selected together
const MAX_PLACES = 50; // of the rarest word, among which the best one is chosen
const UNSEARCHED =
  "button, label, time, summary, details:not([open]), annotation, .actions, .sr-only, .unanswered-note, [aria-hidden='true']";

/** Lower case, character by character, so that every position stays the same. */
const folded = (text) => text.replaceAll("İ", "i").toLowerCase().replaceAll("ς", "σ").replace(/\s/g, " ");

const occurrences = (text, word, most = Infinity) => {
  const found = [];
  for (let at = text.indexOf(word); at >= 0 && found.length < most; at = text.indexOf(word, at + word.length)) {
    found.push(at);
  }
  return found;
};

const groupAt = (text, start, end, others) => {
  const group = {words: 1, start, end};
  const near = text.slice(Math.max(0, start - REACH), end + REACH);
  const offset = Math.max(0, start - REACH);
  for (const word of others) {
    const distance = (at) => Math.max(start - at, at + word.length - end);
    const places = [near.lastIndexOf(word, end - offset), near.indexOf(word, start - offset)]
      .filter((at) => at >= 0)
      .map((at) => at + offset)
      .sort((one, other) => distance(one) - distance(other));
    if (!places.length) continue;
    group.words += 1;
    group.start = Math.min(group.start, places[0]);
    group.end = Math.max(group.end, places[0] + word.length);
  }
  return group;
};

/** The span of `text` with all the words in a row, or else with as many as are close together: [start, end], or null. */
export const findWords = (text, query) => {
  const searched = folded(text);
  for (const form of ["NFC", "NFD"]) {
    const words = folded(query).normalize(form).split(" ").filter(Boolean);
    const phrase = words.join(" ");
    const start = phrase ? searched.indexOf(phrase) : -1;
    if (start >= 0) return [start, start + phrase.length];
    const [rarest, ...others] = [...new Set(words)]
      .map((word) => ({word, count: occurrences(searched, word).length}))
      .filter(({count}) => count)
      .sort((one, other) => one.count - other.count)
      .map(({word}) => word);
    if (!rarest) continue;
    const groups = occurrences(searched, rarest, MAX_PLACES).map((at) =>
      groupAt(searched, at, at + rarest.length, others),
    );
    const isBetter = (one, other) => one.words - other.words || other.end - other.start - (one.end - one.start);
    const best = groups.reduce((best, group) => (isBetter(group, best) > 0 ? group : best));
    return [best.start, best.end];
  }
  return null;
};

const textNodes = (element) => {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT, (node) =>
    node.parentElement.closest(UNSEARCHED) ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT,
  );
  const nodes = [];
  while (walker.nextNode()) nodes.push(walker.currentNode);
  return nodes;
};

/** Selects the words in an element and scrolls to them; returns whether it has any. */
export const selectWords = (element, query) => {
  const nodes = textNodes(element);
  const span = findWords(nodes.map((node) => node.data).join(""), query);
  if (!span) return false;
  const range = document.createRange();
  let passed = 0;
  for (const node of nodes) {
    const [start, end] = span.map((at) => at - passed);
    if (start >= 0 && start < node.length) range.setStart(node, start);
    if (end > 0 && end <= node.length) range.setEnd(node, end);
    passed += node.length;
  }
  const selection = getSelection();
  selection.removeAllRanges();
  selection.addRange(range);
  range.startContainer.parentElement.scrollIntoView({block: "center"});
  return true;
};
