/** Markdown: from a text to the elements that are drawn. */
import assert from "node:assert/strict";
import {test} from "node:test";
import {toHtml} from "hast-util-to-html";
import remarkParse from "remark-parse";
import remarkRehype from "remark-rehype";
import {defaultRehypePlugins} from "streamdown";
import {unified} from "unified";

import {growingMarkdownBlocks, markdownBlocks} from "./markdown_blocks.js";
import {markdownElements, remarkPlugins} from "./markdown_tree.js";

const {raw, sanitize} = defaultRehypePlugins;
const processor = unified().use(remarkParse).use(remarkPlugins).use(remarkRehype, {allowDangerousHtml: true})
  .use([raw, sanitize, markdownElements]);

// In short: without attributes that say nothing about the text, and with formulas as ⟨x⟩ or, on lines of their own, ⟪x⟫.
const shortened = (html) =>
  html.replaceAll(/ (?:dir|target|rel|style)="[^"]*"/g, "").replaceAll("&#x3C;", "<").replaceAll("&#x26;", "&").replaceAll("\n", " ")
    .replaceAll(/<pre><code class="language-math">(.*?)<\/code><\/pre>|<code class="language-math-display">(.*?)<\/code>/g, "⟪$1$2⟫")
    .replaceAll(/<code class="language-math">(.*?)<\/code>/g, "⟨$1⟩");
const drawn = (text, blocks = markdownBlocks) =>
  blocks(text).map((block) => toHtml(processor.runSync(processor.parse(block), block))).map(shortened);
const growing = (text) => drawn(text, growingMarkdownBlocks).join("|");

const cases = (name, pairs) => {
  for (const [text, expected] of pairs) {
    test(`${name}: ${JSON.stringify(text)}`, () => assert.equal(drawn(text).join("|"), expected));
  }
};
const unchanged = (name, texts) => cases(name, texts.map((text) => [text, `<p>${text}</p>`]));

cases("a block without an end at the beginning of an item", [
  ["- <!-- a\n\n| W |\n|---|\n| x |", "<ul> <li><!-- a</li> </ul>|<table> <thead> <tr> <th>W</th> </tr> </thead> <tbody> <tr> <td>x</td> </tr> </tbody> </table>"],
  ["1. <!-- a\n2. b\n\n- c\n  1. <!-- d\n\n# E", "<ol> <li><!-- a</li> <li>b</li> </ol>|<ul> <li>c <ol> <li><!-- d</li> </ol> </li> </ul>|<h1>E</h1>"],
]);

cases("formulas in their line", [
  ["Let $f(x)$ be even, $O(n)$, $a + b$, $2x$, $1$.", "<p>Let ⟨f(x)⟩ be even, ⟨O(n)⟩, ⟨a + b⟩, ⟨2x⟩, ⟨1⟩.</p>"],
  ["변수$x$는 $x+1$이고 $n!$, $2/3$, $3-x$", "<p>변수⟨x⟩는 ⟨x+1⟩이고 ⟨n!⟩, ⟨2/3⟩, ⟨3-x⟩</p>"],
  ["$O(n log n)$ and $\\text{속도} = 1$", "<p>⟨O(n log n)⟩ and ⟨\\text{속도} = 1⟩</p>"],
  ["a\\(b\\) and $$x^2$$, $\\ce{H2O}$", "<p>a⟨b⟩ and ⟨x^2⟩, ⟨\\ce{H2O}⟩</p>"],
  ["$$ a = 1 $$ text $$ b = 2 $$", "<p>⟨a = 1⟩ text ⟨b = 2⟩</p>"],
  ["We have \\begin{align}\na\n\\end{align}", "<p>We have ⟨\\begin{align} a \\end{align}⟩</p>"],
  ["We have \\begin{pmatrix}1&2\\end{pmatrix} here.", "<p>We have ⟨\\begin{pmatrix}1&2\\end{pmatrix}⟩ here.</p>"],
  ["| a |\n|---|\n| $x$ |", "<table> <thead> <tr> <th>a</th> </tr> </thead> <tbody> <tr> <td>⟨x⟩</td> </tr> </tbody> </table>"],
]);

unchanged("money and variables of a shell are no formulas", [
  "It costs between $5 and $10 a month.",
  "From $5 to $10, or $1,000.50 at once: that is $2/day, not $$.",
  "Set $HOME and $PATH, or ${HOME} and ${PATH}.",
  "US$5 and A$6 and 7$ and 8$.",
  "$10 – $20, $10–$20, $5~$10, 5달러, US$5",
  "$5(=6,500원)에서 10$까지",
  "It costs $5 or 10$.",
  "That is $5 to 10$ a month.",
]);
cases("money in emphasis is no formula", [["**$5** 및 **$10**", "<p><strong>$5</strong> 및 <strong>$10</strong></p>"]]);

cases("formulas on lines of their own", [
  ["$$\nx\n$$", "⟪x⟫"],
  ["\\[\nx = 1\n\\]", "⟪x = 1⟫"],
  ["where\n$$\nx\n\n= y\n- z\n$$\nand", "<p>where</p>|⟪x  = y - z⟫|<p>and</p>"],
  ["$$x\n+ y$$\nand", "⟪x + y⟫|<p>and</p>"],
  ["- item\n  \\[\n  x\n  = y\n  \\]\n- b", "<ul> <li>item ⟪x = y⟫ </li> <li>b</li> </ul>"],
  ["> $$\n> x\n> $$", "<blockquote> ⟪x⟫ </blockquote>"],
  ["\\begin{align}\na &= 1 \\\\\n\nb &= 2\n\\end{align}", "⟪\\begin{align} a &= 1 \\\\  b &= 2 \\end{align}⟫"],
  ["값: \\[ x^2 \\] 이다", "<p>값:⟪x^2⟫ 이다</p>"],
  ["\\[\na \\\\[2pt]\nb\n\\]", "⟪a \\\\[2pt] b⟫"],
  ["a\r\n$$\r\nx\r\n$$\r\n- b", "<p>a</p>|⟪x⟫|<ul> <li>b</li> </ul>"],
]);
cases("a block below an item or a quotation, without their indentation, ends them", [
  ["- 식:\n$$\nx\n$$\n- 다음", "<ul> <li>식:</li> </ul>|⟪x⟫|<ul> <li>다음</li> </ul>"],
  ["1. 식\n\\[\nx\n\\]\n2. 다음", '<ol> <li>식</li> </ol>|⟪x⟫|<ol start="2"> <li>다음</li> </ol>'],
  ["> 인용\n$$\nx\n$$", "<blockquote> <p>인용</p> </blockquote>|⟪x⟫"],
  ["1. a\n   - b\n   $$\n   x\n   $$\n2. c", "<ol> <li>a <ul> <li>b</li> </ul> ⟪x⟫ </li> <li>c</li> </ol>"],
  ["> \\[**\n```\nx\n```", "<blockquote> <p>[**</p> </blockquote>|<pre><code>x </code></pre>"],
  ["- a\n```md\n# T\n```\n- b", '<ul> <li>a</li> </ul>|<pre><code class="language-md"># T </code></pre>|<ul> <li>b</li> </ul>'],
]);
const list = "<ul> <li>a</li> </ul>";
cases("lists after a formula that begins within a line, or never ends, are lists", [
  ["따라서 $$\nx\n$$\n\n그리고\n\n$$\ny\n$$\n\n- a", `<p>따라서 ⟨x⟩</p>|<p>그리고</p>|⟪y⟫|${list}`],
  ["$$\nx\n$$ (1)\n\n- a", `<p>⟨x⟩ (1)</p>|${list}`],
  ["b\n$$\nx\n\n- a", `<p>b<br> $$<br> x</p>|${list}`],
  ["b $$\nx\n$$\n\n- a", `<p>b ⟨x⟩</p>|${list}`],
  ["\\begin{align}\nb\n\n- a", `<p>\\begin{align}<br> b</p>|${list}`],
]);
cases("brackets and dollars of sentences are no formulas", [
  ["\\[1\\] Foo\n\\[2\\] Bar", "<p>[1] Foo<br> [2] Bar</p>"],
  ["$$ is cheap.\n- a", "<p>$$ is cheap.</p>|<ul> <li>a</li> </ul>"],
  ["`$x$` and $a and `b$`", "<p><code>$x$</code> and $a and <code>b$</code></p>"],
  ["`$$x^2$$` or\n\n```latex\n$$x^2$$\n```", '<p><code>$$x^2$$</code> or</p>|<pre><code class="language-latex">$$x^2$$ </code></pre>'],
]);

cases("lines stay as they are written", [
  ["Best regards,\nMinji Kim\nSales team", "<p>Best regards,<br> Minji Kim<br> Sales team</p>"],
  ["- a\n  b", "<ul> <li>a<br> b</li> </ul>"],
]);

cases("numbers stay as they are written", [
  ["2019. 3. 2. 회사를 설립했다.\n\n2021. 11. 15. 부산", "<p>2019. 3. 2. 회사를 설립했다.</p>|<p>2021. 11. 15. 부산</p>"],
  ["1969. a\n\n1989. b", "<p>1969. a</p>|<p>1989. b</p>"],
  ["2019.", "<p>2019.</p>"],
  ["3. 2. 설립\n\n   둘째", "<p>3. 2. 설립</p>|<p>둘째</p>"],
  ["- 2019. 3. 2. x\n- b", "<ul> <li>2019. 3. 2. x</li> <li>b</li> </ul>"],
  ["1. 2019. 3. 2. x\n2. y", "<ol> <li>2019. 3. 2. x</li> <li>y</li> </ol>"],
  ["3. a\n5. b", '<ol start="3"> <li value="3">a</li> <li value="5">b</li> </ol>'],
  ["3. a\n2. b", '<ol start="3"> <li value="3">a</li> <li value="2">b</li> </ol>'],
  ["1. a\n1. b", "<ol> <li>a</li> <li>b</li> </ol>"],
  ["1. a\n2024. b\n3. c", '<ol> <li>a</li> <li>b</li> <li>c</li> </ol>'],
  ["99. a\n100. b", '<ol start="99"> <li>a</li> <li>b</li> </ol>'],
]);
test("a list says how many digits its numbers have", () => {
  const digits = (text) => /--digits: (\d)/.exec(markdownBlocks(text).map((block) => toHtml(processor.runSync(processor.parse(block), block))))?.[1];
  assert.deepEqual(["9. a", "9. a\n10. b", "1099. a\n1100. b", "1. a\n200. b"].map(digits), ["1", "2", "4", "3"]);
});

cases("a single tilde strikes nothing out", [
  ["사과는 3~5개, 배는 10~20개, 9시~10시", "<p>사과는 3~5개, 배는 10~20개, 9시~10시</p>"],
  ["~~취소~~를", "<p><del>취소</del>를</p>"],
]);
cases("emphasis ends before a particle", [["**굵게**를 **강조(예)**는", "<p><strong>굵게</strong>를 <strong>강조(예)</strong>는</p>"]]);

const table = (...rows) => {
  const [head, ...body] = rows.map((cells, row) => `<tr> ${cells.map((cell) => (row ? `<td>${cell}</td>` : `<th>${cell}</th>`)).join(" ")} </tr>`);
  return `<table> <thead> ${head} </thead> <tbody> ${body.join(" ")} </tbody> </table>`;
};
cases("vertical bars in code and formulas of a table are no ends of cells", [
  ["| a | b |\n|---|---|\n| `x | y` | z |\n| p | q |", table(["a", "b"], ["<code>x | y</code>", "z"], ["p", "q"])],
  ["| `a|b` | c |\n|---|---|\n| `||` | `d \\| e` |", table(["<code>a|b</code>", "c"], ["<code>||</code>", "<code>d | e</code>"])],
  ["| $|x|$ | \\(|y|\\) |\n|---|---|\n| $P(A|B)$ | `c` |", table(["⟨|x|⟩", "⟨|y|⟩"], ["⟨P(A|B)⟩", "<code>c</code>"])],
  ["> | a |\r\n> |---|\r\n> | `x|y` |", `<blockquote> ${table(["a"], ["<code>x|y</code>"])} </blockquote>`],
]);
cases("all others are", [
  ["| a | b |\n|---|---|\n| ` | ` |\n| $5 | $6 |", table(["a", "b"], ["`", "`"], ["$5", "$6"])],
  ["| a | b |\n|---|---|\n| x | y | z |\n| `x | y |", table(["a", "b"], ["x", "y"], ["`x", "y"])],
]);

const link = (address, words = address) => `<a href="${address}">${words}</a>`;
cases("addresses end at quotation marks and brackets, and with their emphasis", [
  ['"https://a.com/x"를', `<p>"${link("https://a.com/x")}"를</p>`],
  ["'https://a.com/x'는", `<p>'${link("https://a.com/x")}'는</p>`],
  ["[https://a.com/x]는", `<p>[${link("https://a.com/x")}]는</p>`],
  ["*https://a.com/x*를 ~~https://a.com/y~~는", `<p><em>${link("https://a.com/x")}</em>를 <del>${link("https://a.com/y")}</del>는</p>`],
]);
cases("addresses without a space between them", [
  ["https://a.com，https://b.com/x、www.c.com은", `<p>${link("https://a.com")}，${link("https://b.com/x")}、${link("http://www.c.com", "www.c.com")}은</p>`],
]);
cases("an address ends before a particle", [
  ["https://example.com/docs에서 보고", `<p>${link("https://example.com/docs")}에서 보고</p>`],
  ["https://example.com은 공식", `<p>${link("https://example.com")}은 공식</p>`],
  ["www.example.com은 별칭", `<p>${link("http://www.example.com", "www.example.com")}은 별칭</p>`],
  ["(https://example.com/a)를 보세요", `<p>(${link("https://example.com/a")})를 보세요</p>`],
  ["https://example.com/docs입니다.", `<p>${link("https://example.com/docs")}입니다.</p>`],
  ["**https://example.com**에서", `<p><strong>${link("https://example.com")}</strong>에서</p>`],
]);
cases("an address ends before a footnote, the number of a source and a formula, and is none within a link", [
  ["https://a.com/x[^1] https://a.com/y[1].", `<p>${link("https://a.com/x")}<sup><a href="#note-1" data-mark="mark-1">1</a></sup> ${link("https://a.com/y")}[1].</p>`],
  ["https://a.com/x\\(y\\)", `<p>${link("https://a.com/x")}⟨y⟩</p>`],
  ["[see https://a.com/x or **https://a.com/y**](https://b.com)", `<p>${link("https://b.com", "see https://a.com/x or <strong>https://a.com/y</strong>")}</p>`],
  ["| https://a.com/x|b |\n|---|---|", table([link("https://a.com/x"), "b"]).replace(" <tbody>  </tbody>", "")],
]);
test("Korean addresses stay whole", () => {
  for (const address of [
    "https://ko.wikipedia.org/wiki/대한민국", "https://ko.wikipedia.org/wiki/서울_(영화)", "https://example.com/K팝",
    "https://example.com/?q=한국", "https://도메인.한국/경로",
  ]) {
    assert.equal(drawn(`${address} 참고`)[0].match(/>([^<>]*)<\/a>/)[1], address);
    assert.equal(drawn(`(${address})`)[0].match(/>([^<>]*)<\/a>/)[1], address);
  }
});

cases("a footnote has several paragraphs", [
  [
    "Hot[^1].\n\n[^1]: At sea level.\n\n    Lower on a mountain.",
    '<p>Hot<sup><a href="#note-1" data-mark="mark-1">1</a></sup>.</p>|<div class="note"> <p><a href="#mark-1" data-mark="note-1">1</a>'
      + " At sea level.</p> <p>Lower on a mountain.</p> </div>",
  ],
]);

cases("a footnote's mark is of any language, and no range of letters", [
  ["각주[^가]", '<p>각주<sup><a href="#note-%EA%B0%80" data-mark="mark-가">가</a></sup></p>'],
  ["[^0-9], [^a-zA-Z0-9_]+, [^가-힣]", "<p>[^0-9], [^a-zA-Z0-9_]+, [^가-힣]</p>"],
]);
unchanged("what defines no address is text", ["[질문]: 답변", "[Note]: yes", "[q]: e.g. this"]);
cases("what defines an address is none", [["[a][1] [2]\n\n[1]: https://b.c\n[2]: #d", `<p>${link("https://b.c", "a")} ${link("#d", "2")}</p>`]]);

const readme = (fence) => `Here:\n\n\`\`\`markdown\n# T\n\nRun:\n\n${fence}\nmake\n\`\`\`\n\n## L\n\`\`\`\n\nEnd.`;
test("a fence within a fence of the same length doesn't end it", () => {
  for (const fence of ["```bash", "```"]) {
    const blocks = markdownBlocks(readme(fence));
    assert.deepEqual(blocks.map((block) => block.trim().split("\n").at(-1)), ["Here:", "```", "End."]);
  }
});
cases("blocks of Markdown end where they should", [
  ["```markdown\n# T\n\n```\nThat's it.", '<pre><code class="language-markdown"># T  </code></pre>|<p>That\'s it.</p>'],
  ["```md\n- a\n```\n\n```py\nx\n```", '<pre><code class="language-md">- a </code></pre>|<pre><code class="language-py">x </code></pre>'],
  ["10. a:\n    ```md\n    ```py\n    x\n    ```\n    ```\n11. b", '<ol start="10"> <li>a: <pre><code class="language-md">```py x ``` </code></pre> </li> <li>b</li> </ol>'],
  ["1. a:\n   ```md\n   ```py\n   x\n   ```\n   ```\n2. b", '<ol> <li>a: <pre><code class="language-md">```py x ``` </code></pre> </li> <li>b</li> </ol>'],
]);

cases("an image without an address is one that can't be shown", [
  ["![도표](data:image/png;base64,iVBORw0KGgo=)", '<p><missing-image alt="도표"></missing-image></p>'],
  ['<img src="data:image/png;base64,iVBORw0KGgo=">', "<missing-image></missing-image>"],
]);

const inAngleBrackets = [
  "Press <Enter> then <your name here>.", "A Vec<String>, a List<A>, a vector<std::string>.", "if a<b and c>d",
  "The <div> tag, the <td> tag, </b> and </foo>.", "<div> is a tag.", "<script>alert(1)</script>", "<script>",
  "<!-- a comment without an end", '<?xml version="1.0"?> <note>hello</note>', "<![CDATA[ x ]]> and <!DOCTYPE html>",
  "<svg/onload=alert(1)> or <STYLE>",
];
for (const words of inAngleBrackets) {
  test(`words in angle brackets are words, and what follows on them is Markdown: ${words}`, () => assert.equal(
    drawn(`${words}\n\n- ${words}\n\n| W |\n|---|\n| ${words} |\n\nThe **end**.`).join(" "),
    `<p>${words}</p> <ul> <li>${words}</li> </ul> ${table(["W"], [words])} <p>The <strong>end</strong>.</p>`,
  ));
}
cases("tags in code and formulas are code and formulas", [
  ["`Vec<String>` and $a<b>c$", "<p><code>Vec<String></code> and ⟨a<b>c⟩</p>"],
  ["```html\n<foo>\n<!--\n```\n\n- Like this:\n\n      <foo>", '<pre><code class="language-html"><foo> <!-- </code></pre>|<ul> <li> <p>Like this:</p> <pre><code><foo> </code></pre> </li> </ul>'],
]);
cases("what follows on a tag that isn't drawn is Markdown", [["<script>\n\n- a", "<p><script></p>|<ul> <li>a</li> </ul>"]]);

// Growing

for (const [text, expected] of [
  ["This is **bo", "<p>This is <strong>bo</strong></p>"],
  ["See [the page](https://exa", "<p>See the page</p>"],
  ["a ![cat](https://ex", "<p>a cat</p>"],
  ["text\n| Na", "<p>text</p>"],
  ["| Name |\n|--", ""],
  ["Press <Ent", "<p>Press</p>"],
  ["Call `pri", "<p>Call <code>pri</code></p>"],
  ["See <a href='https://exa", "<p>See</p>"],
  ["A <div> tag\n\nand <foo> too", "<p>A <div> tag</p>|<p>and <foo> too</p>"],
  ["<script>\n\nand more", "<p><script></p>|<p>and more</p>"],
  ["If a<b then it", "<p>If a<b then it</p>"],
  ["It is <b>bo", "<p>It is <b>bo</b></p>"],
  ["Call `Vec<Str", "<p>Call <code>Vec<Str</code></p>"],
  ["Half is $$\\frac{1}", "<p>Half is <code>\\frac{1}</code></p>"],
  ["a \\(x_1 *b", "<p>a <code>x_1 *b</code></p>"],
  ["\\begin{align}\na &=", "<p><code>\\begin{align} a &=</code></p>"],
  ["https://a.com/b_c_ d", `<p>${link("https://a.com/b_c")}_ d</p>`],
  ["_밑줄_은", "<p>_밑줄_은</p>"],
  ["a _b", "<p>a <em>b</em></p>"],
  ["따라서 $$\nx\n$$\n\n**b", "<p>따라서 ⟨x⟩</p>|<p><strong>b</strong></p>"],
  ["3~5개 ~~취", "<p>3~5개 <del>취</del></p>"],
  ["```markdown\n# T\n\n```\nmake\n```\n\nand", '<pre><code class="language-markdown"># T  ``` make ```  and </code></pre>'],
]) {
  test(`a text that grows: ${JSON.stringify(text)}`, () => assert.equal(growing(text), expected));
}

test("all but the last two blocks of a text that grows are the same at its end, and what is drawn of it is, too", () => {
  const texts = [readme("```bash"), "a **b** $x$\n\n1. c\n\n   d\n2. e\n\n[^1]: f\n\n    g\n\n<details>\n\nh\n\n</details>\n\n$$\ni\n\nj\n$$\n\n2019. 3. 2. k"];
  for (const text of texts) {
    const ended = markdownBlocks(text);
    for (let length = 1; length <= text.length; length += 1) {
      const settled = growingMarkdownBlocks(text.slice(0, length)).slice(0, -2);
      assert.deepEqual(settled, ended.slice(0, settled.length));
    }
    assert.deepEqual(drawn(text, growingMarkdownBlocks), drawn(text));
  }
});
