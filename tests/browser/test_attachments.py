"""Files for the next message: chosen, pasted and dropped; shown with the message."""

import re
from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Locator, Route, expect

from tests.browser.chat_page import ChatPage
from tests.fake_upstream import FakeUpstream

pytestmark = pytest.mark.across_workers

DROP = """([text, name]) => {
  const transfer = new DataTransfer();
  transfer.items.add(new File([text], name));
  document.body.dispatchEvent(new DragEvent("drop", {dataTransfer: transfer, bubbles: true, cancelable: true}));
}"""
PASTE = """(box, text) => {
  const transfer = new DataTransfer();
  transfer.setData("text/plain", text);
  box.dispatchEvent(new ClipboardEvent("paste", {clipboardData: transfer, bubbles: true, cancelable: true}));
}"""


def picture() -> bytes:
    file = BytesIO()
    Image.new("RGB", (1200, 800), "teal").save(file, "PNG")
    return file.getvalue()


def attached(chat: ChatPage) -> Locator:
    """The files above the message box."""
    return chat.page.locator("form").get_by_role("list", name="Attached files").get_by_role("listitem")


def test_files_are_attached_sent_and_shown_after_a_reload(chat: ChatPage, upstream: FakeUpstream) -> None:
    chat.page.get_by_label("Attach files").set_input_files(
        [
            {"name": "sea.png", "mimeType": "image/png", "buffer": picture()},
            {"name": "메모.txt", "mimeType": "text/plain", "buffer": "바다".encode()},
        ]
    )
    expect(attached(chat)).to_have_count(2)
    chat.page.evaluate(DROP, ["a mistake", "mistake.txt"])
    expect(attached(chat)).to_have_count(3)
    chat.page.get_by_role("button", name="Remove mistake.txt").click()
    expect(attached(chat)).to_have_count(2)
    chat.say("What is it?")
    expect(attached(chat)).to_have_count(0)
    chat.wait_until_answered()
    content = upstream.requests[-1].body["messages"][-1]["content"]
    assert "바다" in content[0]["text"]
    assert content[1]["image_url"]["url"].startswith("data:image/")
    for _ in range(2):
        files = chat.questions.get_by_role("list", name="Attached files")
        expect(files.get_by_role("link", name="메모.txt")).to_be_visible()
        thumbnail = files.get_by_role("img", name="sea.png")
        expect(thumbnail).to_have_js_property("complete", value=True)
        assert thumbnail.evaluate("image => image.naturalWidth") > 0
        chat.page.reload()


def test_a_long_paste_becomes_a_file_and_a_short_one_stays_text(chat: ChatPage) -> None:
    chat.box.evaluate(PASTE, "x" * 5_000)
    expect(attached(chat)).to_have_text(re.compile(r"pasted\.txt.*5\.0 kB"))
    expect(chat.box).to_have_value("")


def test_a_file_that_cannot_be_read_is_refused_with_a_sentence(chat: ChatPage) -> None:
    chat.page.get_by_label("Attach files").set_input_files(
        {"name": "program.exe", "mimeType": "application/pdf", "buffer": b"MZ\0\0\x90\0"}
    )
    expect(chat.alert).to_contain_text("Files of that type can’t be read.")
    expect(attached(chat)).to_have_count(0)


def test_a_message_sent_during_an_upload_waits_for_it_and_stays_in_the_box_if_it_fails(chat: ChatPage) -> None:
    notes: FilePayload = {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"The sea"}
    uploads: list[Route] = []
    chat.page.route("**/files", lambda route: uploads.append(route))  # noqa: PLW0108 - Playwright needs a function
    chat.page.get_by_label("Attach files").set_input_files(notes)
    chat.box.fill("What is it?")
    chat.box.press("Enter")
    expect(chat.page.get_by_role("progressbar", name="Uploading")).to_be_visible()
    uploads[0].abort()
    expect(chat.alert).to_contain_text("couldn’t be uploaded")
    chat.page.unroute("**/files")
    chat.page.get_by_label("Attach files").set_input_files(notes)
    expect(attached(chat)).to_have_count(1)
    expect(chat.box).to_have_value("What is it?")
    chat.box.press("Enter")
    expect(chat.questions).to_have_count(1)
    expect(chat.questions.get_by_role("link", name="notes.txt")).to_be_visible()
