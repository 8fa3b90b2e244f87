"""Layout shifts while an answer streams, and the size of a first visit."""

import re

from playwright.sync_api import expect

from tests.browser.chat_page import ChatPage
from tests.browser.conftest import NewVisitor, at_both_widths
from tests.fake_upstream import DONE, FakeUpstream, Scenario, chunk, event

PROGRAM = "\n".join(f"def step_{number}(text: str) -> str:\n    return text * {number}\n" for number in range(8))
TABLE = "| Name | Size | Colour |\n|:---|---:|:---:|\n" + "| a cat | small | black and white |\n" * 8
MIXED = f"""# All kinds of things

{"It goes on and on. " * 20}

```python
{PROGRAM}```

{"A paragraph with **bold** words, `code`, $$x^2$$ and [a link](https://elsewhere.example). " * 5}

{TABLE}
$$
\\int_0^1 x^2 \\, dx = \\frac{{1}}{{3}}
$$

1. one
2. two
   - [x] done
   - [ ] to do

> A quotation, and a claim[^1].

```json
{{"key": ["value", 1, true]}}
```

[^1]: The note.
"""

# Half a word at the end of a line moves to the next line as it grows, which is no jump: how often a frame shows that
# depends on how busy the machine is.
_TWO_WORDS = re.compile(r"\S+\s*(?:\S+\s*)?|\s+")

# https://web.dev/articles/cls: the most in a window of five seconds at most, which ends with a second without any.
_OBSERVE_SHIFTS = """
window.shift = 0;
let sum = 0, first = 0, last = 0;
new PerformanceObserver((list) => {
  for (const {value, startTime, hadRecentInput} of list.getEntries()) {
    if (hadRecentInput) continue;
    const goesOn = startTime - last < 1000 && startTime - first < 5000;
    if (!goesOn) first = startTime;
    sum = goesOn ? sum + value : value;
    last = startTime;
    window.shift = Math.max(window.shift, sum);
  }
}).observe({type: "layout-shift", buffered: true});
"""


@at_both_widths
def test_the_layout_does_not_shift_while_a_mixed_answer_streams(chat: ChatPage, upstream: FakeUpstream) -> None:
    chat.page.evaluate(_OBSERVE_SHIFTS)
    pieces = [event(chunk({"content": words})) for words in _TWO_WORDS.findall(MIXED)]
    upstream.plan(Scenario((*pieces, event(chunk({}, "stop")), DONE), delay=0.02))
    chat.ask("Hello")
    expect(chat.answer.get_by_role("button", name="Copy", exact=True)).to_be_attached()
    assert chat.page.evaluate("shift") <= 0.02


def test_a_first_visit_fetches_at_most_400_kb_and_no_optional_library(new_visitor: NewVisitor) -> None:
    """Compressed sizes over the wire, prefetched scripts included."""
    chat = new_visitor()
    chat.page.goto("about:blank")
    fetched = _Fetched(chat)
    chat.open()
    chat.page.wait_for_load_state("networkidle")
    assert 100_000 < sum(fetched.sizes.values()) <= 400_000
    assert [url for url in fetched.sizes if any(name in url for name in ("katex", "mermaid", "python"))] == []


class _Fetched:
    """Bytes that a page fetches, by address."""

    def __init__(self, chat: ChatPage) -> None:
        self.sizes: dict[str, float] = {}
        urls: dict[str, str] = {}
        devtools = chat.page.context.new_cdp_session(chat.page)
        devtools.send("Network.enable")
        devtools.send("Network.setCacheDisabled", {"cacheDisabled": True})
        devtools.on(
            "Network.responseReceived", lambda event: urls.update({event["requestId"]: event["response"]["url"]})
        )
        devtools.on(
            "Network.loadingFinished",
            lambda event: self.sizes.update({urls.get(event["requestId"], ""): event["encodedDataLength"]}),
        )
