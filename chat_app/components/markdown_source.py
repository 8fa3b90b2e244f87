"""What a model writes, put into the Markdown that Streamdown draws. It happens in the browser, where the text grows."""

# A JavaScript function. Its patterns never look back or ahead further than to the next of their own kind, so that the
# time they need grows with the text and not faster.
MARKDOWN_SOURCE = r"""
// Of a tag that has only begun: a comment, a name, attributes, an address.
const unfinishedTag = [
  /!(?:-(?:-(?:(?!-->|<!--)[^\n])*)?)?/,
  /\/?(?:[a-zA-Z][\w-]* *\/?)?/,
  /[a-zA-Z][\w-]*(?: +[\w-]+=(?:"[^"\n]*"|'[^'\n]*'))* +[\w-]*(?:=(?:"[^"\n]*"?|'[^'\n]*'?)?)?/,
  /[a-zA-Z][\w.+-]*[:@][^\s<>]*/,
].map((pattern) => pattern.source).join("|");

// Models write formulas as $$…$$, \(…\) and \[…\]. Markdown knows the first only, and nothing that hasn't ended yet.
const markdownParts = new RegExp([
  // Left alone: code between fences, code in the line, an escaped character.
  /(?<fence>`{3,}(?![^\n`]*`)|~{3,})(?<=^[ \t>*+\-\d.)]*\k<fence>)[^]*?(?:^[ \t>]*\k<fence>|(?![^]))/,
  /(?<!`)(?<ticks>`+)(?!`)(?:(?!\n[ \t]*\n)[^])*?(?<!`)\k<ticks>(?!`)/,
  /\\[^([]/,
  // Formulas: on lines of their own, then in the line.
  /\$\$(?<=^[ \t>]*\$\$)(?<lines>(?:(?!\$\$)[^])+)\$\$(?=[ \t.,;:]*$)/,
  /\\\[(?<bracketed>(?:\\[^[\]]|(?!\n[ \t]*\n)[^\\])+)\\\](?!\()/,
  /\$\$(?!\$)(?<inline>(?:(?!\$\$|\n[ \t]*\n)[^])+)\$\$(?!\$)/,
  /\\\((?<parenthesised>(?:\\[^()\n]|[^\\\n])+)\\\)/,
  /\$(?<![\w$]\$)(?<dollar>[^\s$](?:[^$\n]*[^\s$])?)\$(?![\w$])/,
  // A formula whose end is still to come; dollars that belong to none.
  /(?:\\\[|\\\(|\$\$(?<=^[ \t>]*\$\$)|\$\$(?=[\w\\({[|+-]))(?<growing>(?:(?!\$\$|\n[ \t]*\n)[^])*)(?![^])/,
  /\${2,}|\$(?=\d)/,
  // The head of a table, which is none before the line below it; a row, with which columns grow wider once and not word
  // by word; a link whose address is still to come.
  /^\|(?<=(?:(?<![^])|^(?!\|)[^\n]*\n)\|)(?<head>[^\n]*(?:\n[|: \t-]*)?)(?![^])/,
  /^\|(?<row>[^\n]*)(?![^])/,
  /!?\[(?<label>[^[\]\n]*)\]\([^)\n]*(?![^])/,
  // A tag whose end is still to come, unless an odd backtick before it says that it is code.
  new RegExp(`<(?<unfinished>${unfinishedTag})(?![^])(?<=^(?:[^\`\\n]|\`[^\`\\n]*\`)*)`),
  // A comment, which stays one; what would make HTML of the lines below it, maybe up to the text's end.
  /<!--(?:(?!<!--)[^])*?-->/,
  /^ {0,3}<(?<opening>[!?]|\/?[a-zA-Z][\w-]*(?![\w.+-]*[:@]))/,
  // A footnote, the mark that leads to one.
  /^ {0,3}\[\^(?<note>[\w-]+)\]:/,
  /\[\^(?<mark>[\w-]+)\]/,
].map((pattern) => pattern.source).join("|"), "gm");

// An emoji or a Korean syllable may be made of several characters; the last one may lack some.
const graphemes = globalThis.Intl?.Segmenter && new Intl.Segmenter();
const LONGEST_GRAPHEME = 64;
const madeOfParts = /^[\p{Extended_Pictographic}\p{Regional_Indicator}\u1100-\u11ff]/u;
const withoutLastPart = (text) => {
  const end = text.slice(-LONGEST_GRAPHEME);
  const last = [...(graphemes?.segment(end) ?? [])].at(-1)?.segment ?? "";
  return madeOfParts.test(last) ? text.slice(0, -last.length) : text;
};

const markdownSource = (text, isGrowing) =>
  (isGrowing ? withoutLastPart(text) : text).replace(markdownParts, (part, ...match) => {
    const {lines, bracketed, inline, parenthesised, dollar, growing, head, row, label, note, mark} = match.at(-1);
    const {unfinished, opening} = match.at(-1);
    // There are other reasons for brackets and dollars, as in \[1\] and $HOME: these have to look like formulas.
    const display = lines ?? (/[\\^_=<>+{]/.test(bracketed) ? bracketed : undefined);
    const formula = display ?? inline ?? parenthesised ?? (/^\p{L}$|[\\^_=<>{]/u.test(dollar) ? dollar : undefined);
    // In one line, so that no line of it can be taken for a list or a heading.
    const oneLine = (tex) => tex.replace(/(?<!\\)%.*/g, "").replace(/\s*\n[ \t]*>?/g, " ");
    if (formula?.trim()) return "$$" + (display ? "\\[" : "") + oneLine(formula) + "$$";
    if (growing?.trim() && isGrowing) return "`" + oneLine(growing) + "`";
    if (/^\$+$/.test(part)) return part.replaceAll("$", "\\$");
    if ((head ?? row) !== undefined && isGrowing) return "";
    if (label !== undefined && isGrowing) return label;
    if (unfinished !== undefined && isGrowing) return "";
    if (opening && !drawnTags.has(opening.replace("/", "").toLowerCase())) return part.replace("<", "&lt;");
    if (note) return `
<a id="note-${note}" href="#mark-${note}">${note}</a>`;
    if (mark) return `<sup><a id="mark-${mark}" href="#note-${mark}">${mark}</a></sup>`;
    return part;
  });
"""
