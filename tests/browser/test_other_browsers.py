"""An answer with everything that may differ between browsers, in Firefox and WebKit."""

from tests.app_server import AppServer
from tests.browser.other_browsers import OtherBrowser
from tests.fake_upstream import FakeUpstream

ANSWER = r"""
1098. First \(x_{1}\)
1099. Second
1100. Third

1. **Check the cable**

   Unplug it.

사과는 3~5개, 배는 10~20개 필요합니다.

Best regards,
Minji Kim

2019. 3. 2. 회사를 설립했다.

It costs $5 – $10, and $O(n)$ is $\ce{H2O}$.

\begin{align}
a &= 1
\end{align}

자세한 내용은 https://example.com/docs에서 (https://ko.wikipedia.org/wiki/서울_(영화))를 보세요.

Hot[^1], **굵게**를.

[^1]: At sea level.

    Lower on a mountain.

```markdown
```bash
make
```
```

- [ ] open
- [x] done

![도표](data:image/png;base64,iVBORw0KGgo=)
"""

# True if the list's padding has room for the longest number.
NUMBERS_FIT = """
const list = answer.querySelector("ol");
const room = parseFloat(getComputedStyle(list).paddingInlineStart);
const canvas = document.createElement("canvas").getContext("2d");
canvas.font = getComputedStyle(list).font;
return room >= canvas.measureText("1100. ").width;
"""


def test_an_answer_looks_right_in_the_other_browsers(
    other_browser: OtherBrowser, server: AppServer, upstream: FakeUpstream
) -> None:
    upstream.answer(ANSWER)
    other_browser.open(server.url)
    other_browser.wait("return document.querySelector('textarea:not([disabled])')?.labels !== undefined")
    other_browser.type("textarea", "Hello\n")
    other_browser.wait(
        "return document.querySelectorAll('article math').length === 4 && !document.querySelector('.katex-error')"
    )

    def run(script: str) -> object:
        return other_browser.run(f"const answer = [...document.querySelectorAll('article')].at(-1); {script}")

    def texts(selector: str) -> object:
        return run(f"return [...answer.querySelectorAll('{selector}')].map((each) => each.innerText.trim())")

    assert run(NUMBERS_FIT)
    assert run("return answer.querySelector('ol').start") == 1098
    assert run("const [a, b] = answer.querySelectorAll('li > p'); return b.offsetTop - a.offsetTop > a.offsetHeight")
    assert texts("del") == []
    lines = texts("p")
    assert isinstance(lines, list)
    for line in (
        "사과는 3~5개, 배는 10~20개 필요합니다.",
        "Best regards,\nMinji Kim",
        "2019. 3. 2. 회사를 설립했다.",
        "도표",
    ):
        assert line in lines
    assert texts("p > a[target]") == ["https://example.com/docs", "https://ko.wikipedia.org/wiki/서울_(영화)"]
    assert texts("strong") == ["Check the cable", "굵게"]
    assert texts(".note p") == ["1 At sea level.", "Lower on a mountain."]
    assert run("return answer.querySelectorAll('.code-block').length") == 1
    assert run("return [...answer.querySelectorAll('.task-box')].map((each) => each.checked)") == [False, True]
    assert run("return document.documentElement.scrollWidth <= innerWidth")
