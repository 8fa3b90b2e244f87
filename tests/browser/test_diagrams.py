"""Mermaid diagrams in an answer, drawn on request."""

from textwrap import indent

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.chat_page import ChatPage, ask_for
from tests.browser.conftest import on_a_phone
from tests.browser.elsewhere import ELSEWHERE, fetched_elsewhere
from tests.browser.looks import page_overflow
from tests.fake_upstream import FakeUpstream

CHART = "```mermaid\nflowchart LR\n    Start --> StepEnded\n```"
BROKEN = "```mermaid\nflowchart LR\n    A[An open bracket --> B\n```"
_LOOSE = f"""%%{{init: {{"securityLevel": "loose", "themeCSS": "* {{ background: url({ELSEWHERE}/0.png) }}"}}}}%%"""
LURES = {
    "handler": """A["<img src=x onerror='window.attacked = true'>a"]""",
    "script": """A["<script>window.attacked = true</script>a"]""",
    "frame": """A["<iframe srcdoc='<script>parent.attacked = true</script>'></iframe>"]""",
    "picture": f"""A["<img src='{ELSEWHERE}/1.png'>a"]""",
    "picture of a node": f"""A@{{ img: "{ELSEWHERE}/2.png", label: "a", w: 60, h: 60 }}""",
    "style": f"A --> B\n    style A fill:url({ELSEWHERE}/3.svg)",
    "link": 'A --> B\n    click A href "javascript:window.attacked=true"',
    "call": "A --> B\n    click A call attack()",
}
DRAWN_IN = 30_000  # milliseconds; Mermaid is large, and the machine may be busy


@on_a_phone
def test_buttons_fetch_mermaid_draw_a_diagram_and_bring_its_code_back(chat: ChatPage, upstream: FakeUpstream) -> None:
    fetched: list[str] = []
    chat.page.on("request", lambda request: fetched.append(request.url.rpartition("/")[2]))
    ask_for(chat, upstream, CHART)
    expect(chat.answer.get_by_role("code")).to_contain_text("Start --> StepEnded")
    expect(_picture(chat)).to_have_count(0)
    # The highlighter's language has a similar name.
    assert [name for name in fetched if name.startswith("mermaid.core")] == []
    _draw(chat.answer)
    expect(_picture(chat)).to_be_visible(timeout=DRAWN_IN)
    assert [name for name in fetched if name.startswith("mermaid.core")]
    assert _picture(chat).evaluate("image => image.decode().then(() => image.naturalWidth)") > 50
    expect(chat.answer.get_by_role("code")).to_be_hidden()
    assert page_overflow(chat.page) == 0
    chat.answer.get_by_role("button", name="Show code", exact=True).click()
    expect(chat.answer.get_by_role("code")).to_contain_text("Start --> StepEnded")
    expect(_picture(chat)).to_have_count(0)


def test_an_unfinished_diagram_cannot_be_drawn(chat: ChatPage, upstream: FakeUpstream) -> None:
    beginning = CHART.removesuffix("\n```")
    upstream.answer(CHART, chunk_size=len(beginning))
    upstream.hold(after=1)
    chat.say("Hello")
    expect(chat.answer.get_by_role("code")).to_contain_text("Start --> StepEnded")
    expect(chat.answer.get_by_role("button", name="Draw diagram", exact=True)).to_be_hidden()
    upstream.release()
    expect(chat.answer.get_by_role("button", name="Draw diagram", exact=True)).to_be_visible()


def test_a_mistake_in_a_diagram_is_shown_in_its_place_alone(chat: ChatPage, upstream: FakeUpstream) -> None:
    ask_for(chat, upstream, BROKEN)
    around = _children_of_body(chat)
    _draw(chat.answer)
    alert = chat.answer.get_by_role("alert")
    expect(alert).to_contain_text("can’t be drawn", timeout=DRAWN_IN)
    expect(chat.alert).to_have_count(1)
    expect(chat.answer.get_by_role("code")).to_contain_text("An open bracket")
    expect(_picture(chat)).to_have_count(0)
    assert _children_of_body(chat) == around


def test_nothing_in_a_diagram_runs_or_loads(chat: ChatPage, upstream: FakeUpstream) -> None:
    fetched = fetched_elsewhere(chat)
    chat.page.evaluate("() => { window.attack = () => { window.attacked = true; }; }")
    diagrams = [f"```mermaid\n{_LOOSE}\nflowchart LR\n    {lure}\n```" for lure in LURES.values()]
    ask_for(chat, upstream, "\n".join(f"- {indent(diagram, '  ').lstrip()}" for diagram in diagrams))
    for name, entry in zip(LURES, chat.answer.get_by_role("listitem").all(), strict=True):
        _draw(entry)
        outcome = entry.get_by_role("img", name="Diagram", exact=True).or_(entry.get_by_role("alert"))
        expect(outcome, name).to_be_visible(timeout=DRAWN_IN)
        outcome.click()
        assert chat.page.evaluate("window.attacked") is None, name
        assert len(chat.page.context.pages) == 1, name
        assert fetched == [], name


def test_a_diagram_opens_as_large_as_the_window_and_zooms(chat: ChatPage, upstream: FakeUpstream) -> None:
    ask_for(chat, upstream, CHART)
    _draw(chat.answer)
    expect(_picture(chat)).to_be_visible(timeout=DRAWN_IN)
    enlarge = chat.answer.get_by_role("button", name="Enlarge", exact=True)
    enlarge.click()
    view = chat.page.get_by_role("dialog", name="Diagram")
    picture = view.get_by_role("img", name="Diagram")
    before = picture.bounding_box()
    view.get_by_role("button", name="Zoom in", exact=True).click()
    chat.page.keyboard.press("+")
    after = picture.bounding_box()
    assert before
    assert after
    assert after["width"] == pytest.approx(before["width"] * 1.25**2, rel=0.01)
    chat.page.keyboard.press("Escape")
    expect(view).to_have_count(0)
    expect(enlarge).to_be_focused()


def _draw(place: Locator) -> None:
    place.get_by_role("button", name="Draw diagram", exact=True).click()


def _picture(chat: ChatPage) -> Locator:
    return chat.answer.get_by_role("img", name="Diagram", exact=True)


def _children_of_body(chat: ChatPage) -> int:
    return chat.page.evaluate("document.body.childElementCount")
