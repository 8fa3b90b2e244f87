"""Formulas in an answer, and dollar signs that begin none."""

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.chat_page import ChatPage, ask_for
from tests.browser.conftest import on_a_phone
from tests.browser.looks import is_wider_than_its_box, page_overflow, scroll_sideways
from tests.fake_upstream import FakeUpstream

LONG = " + ".join(f"x_{{{number}}}" for number in range(60))


def test_an_inline_formula_stands_in_its_line(chat: ChatPage, upstream: FakeUpstream) -> None:
    sources = ("$$x^2$$", r"\(x^2\)", "$x^2$")
    ask_for(chat, upstream, "\n\n".join(f"The area is {source} for each." for source in sources))
    expect(_formulas(chat)).to_have_count(len(sources))
    for source, formula in zip(sources, _formulas(chat).all(), strict=True):
        offset = formula.evaluate("""(formula) =>
            formula.getBoundingClientRect().top - formula.closest("p").getBoundingClientRect().top""")
        assert offset == pytest.approx(0, abs=12), source
        expect(formula, source).to_contain_text("x")


def test_a_display_formula_has_a_line_of_its_own(chat: ChatPage, upstream: FakeUpstream) -> None:
    sources = ("$$\nx^2\n$$", "\\[\nx^2\n\\]", "```math\nx^2\n```")
    ask_for(chat, upstream, "\n\n".join(f"The area is\n\n{source}\n\nfor each." for source in sources))
    expect(_formulas(chat)).to_have_count(len(sources))
    for number, source in enumerate(sources):
        parts = (chat.answer.get_by_text("The area"), _formulas(chat), chat.answer.get_by_text("for each"))
        above, formula, below = (_place(part.nth(number)) for part in parts)
        assert above + 20 < formula < below - 20, source


def test_an_invalid_formula_is_shown_as_it_was_written(chat: ChatPage, upstream: FakeUpstream) -> None:
    ask_for(chat, upstream, r"Half of it: $$\frac{1}{$$ and the end.")
    expect(chat.answer.get_by_role("paragraph")).to_contain_text(r"\frac{1}{")
    expect(chat.answer.get_by_role("paragraph")).to_contain_text("and the end.")


def test_an_unfinished_formula_is_not_drawn_yet(chat: ChatPage, upstream: FakeUpstream) -> None:
    beginning = r"The half is $$\frac{1}"
    upstream.answer(rf"{beginning}{{2}}$$ of it.", chunk_size=len(beginning))
    upstream.hold(after=1)
    chat.say("Hello")
    expect(chat.answer.get_by_role("code")).to_have_text(r"\frac{1}")
    upstream.release()
    expect(_formulas(chat)).to_have_count(1)
    expect(chat.answer.get_by_role("code")).to_have_count(0)


def test_a_formula_can_load_nothing_and_lead_nowhere(chat: ChatPage, upstream: FakeUpstream) -> None:
    requests: list[str] = []
    chat.page.on("request", lambda request: requests.append(request.url))
    lures = [r"\href{javascript:alert(1)}{x}", r"\includegraphics{https://elsewhere.example/x.png}"]
    ask_for(chat, upstream, "\n\n".join(f"$${lure}$$" for lure in lures))
    expect(_formulas(chat)).to_have_count(2)
    expect(chat.answer.get_by_role("link")).to_have_count(0)
    assert [url for url in requests if not url.startswith((chat.url, "data:"))] == []


@on_a_phone
def test_a_long_formula_scrolls_by_itself(chat: ChatPage, upstream: FakeUpstream) -> None:
    ask_for(chat, upstream, f"$$\n{LONG}\n$$\n\nAnd in the line: $${LONG}$$.")
    expect(_formulas(chat)).to_have_count(2)
    assert is_wider_than_its_box(_formulas(chat).first)
    assert scroll_sideways(_formulas(chat).first) > 100
    assert page_overflow(chat.page) == 0


def test_katex_is_fetched_with_the_first_formula(chat: ChatPage, upstream: FakeUpstream) -> None:
    fetched: list[str] = []
    chat.page.on("request", lambda request: fetched.append(request.url.lower()))
    ask_for(chat, upstream, "It costs $5.")
    assert [url for url in fetched if "katex" in url] == []
    ask_for(chat, upstream, "It is $$x^2$$.")
    expect(_formulas(chat)).to_have_count(1)
    assert [url for url in fetched if "katex" in url]


def _formulas(chat: ChatPage) -> Locator:
    """Find the drawn formulas of the newest answer by their MathML, as screen readers do."""
    return chat.answer.get_by_role("math")


def _place(element: Locator) -> float:
    """Return the vertical position of an element's middle, in pixels."""
    box = element.bounding_box()
    assert box
    return box["y"] + box["height"] / 2
