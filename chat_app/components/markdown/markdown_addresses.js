/**
 * Extension of the Markdown parser (micromark): an address in the text ends before a particle, as https://example.com/docs에서,
 * and at the punctuation of Chinese, Japanese and Korean.
 *
 * In GitHub's dialect (micromark-extension-gfm-autolink-literal) all of it would be the address. JavaScript, since micromark
 * is.
 */
import {consumeWhile, isInLine, textFrom} from "./markdown_constructs.js";

const CJK = "\\p{Script=Hangul}\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}";
const particle =
  "에서|에게|에는|에도|에|은|는|이|가|을|를|의|와|과|로|으로|도|만|까지|부터|처럼|보다|이나|나|라고|이라|라는|입니다|이다|예요|이에요" +
  "|이며|이고|하고|이랑|랑|께|한테|마다|밖에|참고|참조|확인|및|등";
// Text that follows an address without a space: any letters of these languages after a host, a particle after a path.
const afterHost = new RegExp(`^((?:https?://|www\\.)[^/?#]*?[\\w\\])])[${CJK}]+(?=$|[/?#,)])`, "iu");
const afterPath = new RegExp(`(?<=[\\w)])(?:(?:${particle})\\p{Script=Hangul}{0,4}|\\p{Script=Hiragana}+)$`, "u");
// What ends an address: punctuation of Chinese, Japanese and Korean (。 「」 …), emphasis, a footnote, an image, a formula.
const punctuation = /\*\*|\[\^|!\[|\\[([]|[">\u3001\u3002\u3008-\u3011\uff01\uff08\uff09\uff0c\uff0e\uff1a\uff1b\uff1f\u2018\u2019\u201c\u201d\u2026]/;
// Punctuation of the sentence, a number of a source: [1]
const trail = /(?:[?!.,:;'"*_~]|&[a-z\d]+;|\[\d+\])+$/i;

const addressStart = /^(?:https?:\/\/|www\.)[\p{L}\p{N}[][^\s<|]*/iu;
const LONGEST_ADDRESS = 4000; // characters
// What ends an address as well if it stands before it.
const signs = {"*": "*", "'": "'", "~": "~~"};

/** The address at the beginning of a text, up to where it ends; `sign` may end it as well. */
const addressIn = (text, sign) => {
  const ends = [text.search(punctuation), sign ? text.indexOf(sign) : -1].filter((end) => end >= 0);
  let end = Math.min(text.length, ...ends);
  let opened = 0;
  for (let index = 0; index < end; index += 1) {
    if ("([".includes(text[index])) opened += 1;
    else if (")]".includes(text[index]) && (opened -= 1) < 0) end = index;
  }
  const address = text.slice(0, end).replace(trail, "");
  return afterHost.exec(address)?.[1] ?? address.replace(afterPath, "");
};

/** The construct in place of those of GitHub's dialect, with their tokens. */
export const address = {
  name: "address",
  previous: (code) => !(code > 0 && /[a-z]/i.test(String.fromCharCode(code))),
  tokenize(effects, ok, nok) {
    const [text] = addressStart.exec(textFrom(this.now().offset, LONGEST_ADDRESS)) ?? [];
    if (!text || !address.previous(this.previous)) return nok;
    let {length} = addressIn(text, signs[String.fromCharCode(this.previous)]);
    const types = ["literalAutolink", /^w/i.test(text) ? "literalAutolinkWww" : "literalAutolinkHttp"];
    return length ? consumeWhile(effects, ok, (code) => isInLine(code) && length-- > 0, types) : nok;
  },
};
