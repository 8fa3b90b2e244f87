"""Markdown in an answer, raw HTML, and attempts to run or load something."""

from playwright.sync_api import expect

from tests.browser.chat_page import ChatPage, ask_for
from tests.browser.conftest import on_a_phone
from tests.browser.elsewhere import ELSEWHERE
from tests.browser.looks import is_wider_than_its_box, page_overflow, scroll_sideways
from tests.fake_upstream import FakeUpstream


def test_tables_lists_headings_and_emphasis_are_drawn(chat: ChatPage, upstream: FakeUpstream) -> None:
    headings = "# First\n\n## Animals\n\n###### Sixth"
    ask_for(chat, upstream, f"{headings}\n\n| Name | Size |\n|---|---|\n| cat | small |\n\n- one\n- two\n\n**really**")
    # Headings come below the conversation's title.
    expect(chat.page.get_by_role("heading", level=1)).to_have_text("Hello")
    for level, name in [(2, "First"), (3, "Animals"), (6, "Sixth")]:
        expect(chat.answer.get_by_role("heading", name=name, level=level)).to_be_visible()
    expect(chat.answer.get_by_role("columnheader")).to_have_text(["Name", "Size"])
    expect(chat.answer.get_by_role("cell")).to_have_text(["cat", "small"])
    expect(chat.answer.get_by_role("listitem")).to_have_text(["one", "two"])
    expect(chat.answer.get_by_text("really", exact=True)).to_have_css("font-weight", "600")
    assert not is_wider_than_its_box(chat.answer.get_by_role("table"))


def test_unfinished_markdown_is_completed_while_an_answer_streams(chat: ChatPage, upstream: FakeUpstream) -> None:
    beginning = "Press <Ent"
    upstream.answer(f"{beginning}er> **twice**.", chunk_size=len(beginning))
    upstream.hold(after=1)
    chat.say("Hello")
    expect(chat.answer).to_have_text("Press")
    upstream.hold(after=2)
    expect(chat.answer).to_have_text("Press <Enter> twic")
    expect(chat.answer.get_by_role("strong")).to_have_text("twic")
    upstream.release()
    expect(chat.answer).to_have_text("Press <Enter> twice.")


@on_a_phone
def test_a_wide_table_scrolls_by_itself(chat: ChatPage, upstream: FakeUpstream) -> None:
    columns = [f"Column {number}" for number in range(20)]
    ask_for(chat, upstream, f"| {' | '.join(columns)} |\n{'|---' * 20}|\n| {' | '.join(columns)} |")
    table = chat.answer.get_by_role("table")
    expect(table).to_be_visible()
    assert is_wider_than_its_box(table)
    expect(chat.answer.get_by_role("cell", name="Column 19")).not_to_be_in_viewport()
    scroll_sideways(table)
    expect(chat.answer.get_by_role("cell", name="Column 19")).to_be_in_viewport()
    assert page_overflow(chat.page) == 0


def test_a_table_row_is_shown_once_it_is_complete(chat: ChatPage, upstream: FakeUpstream) -> None:
    beginning = "| Name | Size |\n|---|---|\n| cat | small |\n| elep"
    upstream.answer(f"{beginning}hant | large |", chunk_size=len(beginning))
    upstream.hold(after=1)
    chat.say("Hello")
    expect(chat.answer.get_by_role("cell")).to_have_text(["cat", "small"])
    upstream.release()
    expect(chat.answer.get_by_role("cell")).to_have_text(["cat", "small", "elephant", "large"])


def test_a_task_list_says_which_tasks_are_done(chat: ChatPage, upstream: FakeUpstream) -> None:
    ask_for(chat, upstream, "- [x] buy bread\n- [ ] bake a cake\n  - [x] find the pan")
    entries = chat.answer.get_by_role("listitem")
    expect(entries.filter(has_text="bread").get_by_role("checkbox", name="Done")).to_be_checked()
    expect(entries.filter(has_text="cake").first.get_by_role("checkbox", name="To do")).not_to_be_checked()
    for box in chat.answer.get_by_role("checkbox").all():
        expect(box).to_be_disabled()


def test_footnotes_lead_to_each_other_within_their_answer(chat: ChatPage, upstream: FakeUpstream) -> None:
    for number in ("first", "second"):
        ask_for(chat, upstream, f"The {number} claim[^1].\n\n[^1]: The {number} note.")
    chat.reload()
    expect(chat.box).to_be_focused()  # after loading, so that the focus moves no more
    address = chat.page.url
    for answer, number in [(chat.answers.first, "first"), (chat.answers.last, "second")]:
        mark = answer.get_by_role("superscript").get_by_role("link", name="1")
        note = answer.get_by_role("paragraph").filter(has_text=f"The {number} note.").get_by_role("link", name="1")
        mark.click()
        expect(note).to_be_focused()
        note.press("Enter")
        expect(mark).to_be_focused()
    expect(chat.page).to_have_url(address)
    assert len(chat.page.context.pages) == 1


def test_ids_are_unique_on_the_page(chat: ChatPage, upstream: FakeUpstream) -> None:
    for _ in range(2):
        ask_for(chat, upstream, "# Title\n\nA claim[^1].\n\n<a id='message'>a</a>\n\n[^1]: A note.")
    ids = chat.page.evaluate("[...document.querySelectorAll('[id]')].map((each) => each.id)")
    assert "message" in ids  # of the message box
    assert len(ids) == len(set(ids))


def test_text_that_only_looks_like_html_is_shown_as_it_was_written(chat: ChatPage, upstream: FakeUpstream) -> None:
    words = "<script>alert(1)</script> and a Vec<String>"
    ask_for(chat, upstream, f"{words}\n\n- {words}\n\n| Words |\n|---|\n| {words} |\n\nThe **end**.")
    expect(chat.answer.get_by_role("paragraph").first).to_have_text(words)
    expect(chat.answer.get_by_role("listitem")).to_have_text(words)
    expect(chat.answer.get_by_role("cell")).to_have_text(words)
    expect(chat.answer.get_by_role("strong")).to_have_text("end")


def test_html_that_models_use_is_drawn(chat: ChatPage, upstream: FakeUpstream) -> None:
    parts = [
        "H<sub>2</sub>O<BR>and <B>more</B>, <u>really</u>. <!-- unseen -->",
        "<details open>\n<summary>All of it</summary>\n\nA **list** of <foo>:\n<ul><li>one<li>two</ul>\n</details>",
        '<table><tr><td align="right">a Vec<String></td></tr></table>',
        f"<{ELSEWHERE}/page> or <name@elsewhere.example>",
    ]
    ask_for(chat, upstream, "\n\n".join(parts))
    expect(chat.answer.get_by_role("paragraph").first).to_have_text("H2O\nand more, really.", use_inner_text=True)
    expect(chat.answer.get_by_role("subscript")).to_have_text("2")
    expect(chat.answer.get_by_role("group").filter(has_text="All of it")).to_contain_text("A list of <foo>:")
    expect(chat.answer.get_by_role("listitem")).to_have_text(["one", "two"])
    expect(chat.answer.get_by_role("cell")).to_have_text("a Vec<String>")
    expect(chat.answer.get_by_role("link")).to_have_text([f"{ELSEWHERE}/page", "name@elsewhere.example"])


def test_raw_html_does_not_run(chat: ChatPage, upstream: FakeUpstream) -> None:
    attacks = [
        "<script>window.attacked = true</script>",
        "<img src=x onerror='window.attacked = true'>",
        "<svg onload='window.attacked = true'></svg>",
        "<details open ontoggle='window.attacked = true'>more</details>",
        "<iframe srcdoc='<script>parent.attacked = true</script>'></iframe>",
        "<form action='/'><button>Send</button></form>",
        "<style>body { display: none }</style>",
    ]
    ask_for(chat, upstream, "\n\n".join([*attacks, "The end."]))
    expect(chat.answer).to_contain_text("The end.")
    assert chat.page.evaluate("window.attacked") is None
    assert len(chat.page.frames) == 1
    expect(chat.send_button).to_have_count(1)
    expect(chat.box).to_be_visible()


def test_links_with_scripts_or_data_are_no_links(chat: ChatPage, upstream: FakeUpstream) -> None:
    addresses = ("javascript:window.attacked=true", "JaVaScRiPt:window.attacked=true", "data:text/html,<b>hi</b>")
    links = [f"[press here]({address}) and <a href='{address}'>or here</a>" for address in addresses]
    ask_for(chat, upstream, "\n\n".join(links))
    expect(chat.answer.get_by_role("link")).to_have_count(0)
    for number, address in enumerate(addresses):
        for words in ("press here", "or here"):
            chat.answer.get_by_text(words).nth(number).click()
        assert chat.page.evaluate("window.attacked") is None, address
        assert len(chat.page.context.pages) == 1, address


def test_links_and_images_are_links_that_open_in_a_new_tab_without_opener_or_referrer(
    chat: ChatPage, upstream: FakeUpstream
) -> None:
    ask_for(chat, upstream, f"See [the page]({ELSEWHERE}/page) and ![a cat]({ELSEWHERE}/cat.png).")
    for name, path in (("the page", "page"), ("a cat", "cat.png")):
        link = chat.answer.get_by_role("link", name=name)
        expect(link).to_have_attribute("href", f"{ELSEWHERE}/{path}")
        expect(link).to_have_attribute("target", "_blank")
        expect(link).to_have_attribute("rel", "noopener noreferrer")
    expect(chat.answer.get_by_role("img")).to_have_count(0)


def test_nothing_in_an_answer_loads_from_another_site(chat: ChatPage, upstream: FakeUpstream) -> None:
    """An address could leak the conversation."""
    requests: list[str] = []
    chat.page.on("request", lambda request: requests.append(request.url))
    lures = [
        f"![cat]({ELSEWHERE}/1.png)",
        f"[![cat]({ELSEWHERE}/2.png)]({ELSEWHERE})",
        f"![cat][ref]\n\n[ref]: {ELSEWHERE}/3.png",
        f"<img src='{ELSEWHERE}/4.png'>",
        f"<picture><source srcset='{ELSEWHERE}/5.png'><img srcset='{ELSEWHERE}/6.png'></picture>",
        f"<video src='{ELSEWHERE}/7.mp4' poster='{ELSEWHERE}/8.png' autoplay></video>",
        f"<audio src='{ELSEWHERE}/9.mp3' autoplay></audio>",
        f"<link rel='stylesheet' href='{ELSEWHERE}/10.css'>",
        f"<div style='background: url({ELSEWHERE}/11.png)'>text</div>",
        f"<svg><image href='{ELSEWHERE}/12.png'/></svg>",
        f"<iframe src='{ELSEWHERE}/13'></iframe>",
        f"<object data='{ELSEWHERE}/14'></object>",
        f"<input type='image' src='{ELSEWHERE}/15.png'>",
        "![cat](//elsewhere.example/16.png)",
    ]
    ask_for(chat, upstream, "\n\n".join([*lures, "The end."]))
    expect(chat.answer).to_contain_text("The end.")
    chat.reload()
    expect(chat.answer).to_contain_text("The end.")
    assert requests
    assert [url for url in requests if not url.startswith((chat.url, "data:"))] == []
