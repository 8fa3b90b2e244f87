"""``/files``, and questions with files over HTTP."""

from base64 import b64encode
from collections.abc import Callable
from io import BytesIO

import httpx
import pytest
from PIL import Image

from chat_app.services.answering.quotes import INSTRUCTIONS
from tests.fake_upstream import FakeUpstream
from tests.server import ApiServer
from tests.stream_client import StreamClient, new_cookie

Connect = Callable[..., StreamClient]


@pytest.fixture
def browser(server: ApiServer, connect: Connect, upstream: FakeUpstream) -> StreamClient:
    return connect(server, cookie=new_cookie())


def png() -> bytes:
    file = BytesIO()
    Image.new("RGB", (2000, 1500), "red").save(file, "PNG")
    return file.getvalue()


def upload(client: StreamClient, content: bytes, name: str = "notes.txt", **headers: str) -> httpx.Response:
    return client.http.post("/files", files={"file": (name, content, "text/html")}, headers=headers)


def upload_id(client: StreamClient, content: bytes, name: str = "notes.txt") -> str:
    response = upload(client, content, name)
    assert response.status_code == 201, response.text
    return response.json()["id"]


def test_an_uploaded_file_is_downloaded_as_an_attachment_that_no_browser_runs(browser: StreamClient):
    page = "<script>alert(1)</script> 안녕".encode()
    uploaded = upload(browser, page, "보고서.html").json()
    assert (uploaded["name"], uploaded["size"]) == ("보고서.html", len(page))
    response = browser.http.get(f"/files/{uploaded['id']}")
    assert (response.status_code, response.content) == (200, page)
    assert response.headers["content-disposition"].startswith("attachment; filename*=UTF-8''%EB%B3%B4")
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert "sandbox" in response.headers["content-security-policy"]
    assert response.headers["x-content-type-options"] == "nosniff"
    assert "private" in response.headers["cache-control"]


def test_a_picture_has_a_thumbnail_for_the_page(browser: StreamClient):
    file_id = upload_id(browser, png(), "red.png")
    response = browser.http.get(
        f"/files/{file_id}", params={"form": "thumbnail"}, headers={"Sec-Fetch-Mode": "no-cors"}
    )
    assert response.status_code == 200
    assert Image.open(BytesIO(response.content)).width < 1000
    assert response.headers["content-disposition"] == "inline"


def test_another_visitor_finds_no_file(server: ApiServer, browser: StreamClient, connect: Connect):
    file_id = upload_id(browser, b"My secret")
    stranger = connect(server, cookie=new_cookie())
    assert stranger.http.get(f"/files/{file_id}").status_code == 404
    assert stranger.http.delete(f"/files/{file_id}").status_code == 404
    assert stranger.post("Look", files=[file_id]).status == 404
    assert browser.http.get(f"/files/{file_id}").status_code == 200


def test_an_unsent_file_can_be_deleted(browser: StreamClient):
    file_id = upload_id(browser, b"Hello")
    assert browser.http.delete(f"/files/{file_id}").status_code == 204
    assert browser.http.get(f"/files/{file_id}").status_code == 404


def test_a_file_from_another_site_is_refused(browser: StreamClient):
    assert upload(browser, b"Hello", Origin="https://evil.example").status_code == 403


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"json": {"file": "x"}}, 415),
        ({"data": {"file": "no file"}}, 415),
        ({"files": {"other": ("a.txt", b"x")}}, 422),
        ({"files": [("file", ("a.txt", b"x")), ("file", ("b.txt", b"x"))]}, 400),
        ({"content": b"--x\r\nbroken", "headers": {"Content-Type": "multipart/form-data; boundary=x"}}, 422),
        ({"content": b"broken", "headers": {"Content-Type": "multipart/form-data"}}, 400),
    ],
)
def test_a_body_without_one_file_is_refused(browser: StreamClient, sent: dict[str, object], status: int):
    response = browser.http.post("/files", **sent)  # pyright: ignore[reportArgumentType] - any of httpx's arguments
    assert response.status_code == status
    assert response.json()["error"]["message"]


def test_a_file_that_cannot_be_read_is_refused_with_a_sentence_in_the_callers_language(browser: StreamClient):
    response = upload(browser, b"MZ\0\0program", "report.pdf", **{"Accept-Language": "ko"})
    assert (response.status_code, response.json()["error"]["code"]) == (422, "file_refused")
    assert "파일" in response.json()["error"]["message"]


def test_a_file_that_is_too_large_is_refused_before_it_is_received(serve: Callable[..., ApiServer], connect: Connect):
    server = serve(max_file_bytes=1000)
    browser = connect(server, cookie=new_cookie())
    assert upload(browser, b"x" * 1000).status_code == 201
    assert upload(browser, b"x" * 1001).status_code == 422
    assert upload(browser, b"x" * 100_000).status_code == 413


def test_the_model_gets_the_text_of_a_file_with_the_question(browser: StreamClient, upstream: FakeUpstream):
    file_id = upload_id(browser, "비밀번호는 바다".encode(), "notes.txt")
    assert browser.post("What is it?", files=[file_id]).status == 200
    content = upstream.requests[-1].body["messages"][-1]["content"]
    assert content == f'<file name="notes.txt">\n비밀번호는 바다\n</file>\n\n{INSTRUCTIONS}\n\nWhat is it?'


def test_the_model_gets_a_picture_as_a_data_url(browser: StreamClient, upstream: FakeUpstream):
    file_id = upload_id(browser, png(), "red.png")
    assert browser.post("What colour?", files=[file_id]).status == 200
    text, picture = upstream.requests[-1].body["messages"][-1]["content"]
    assert "What colour?" in text["text"]
    assert picture["type"] == "image_url"
    assert picture["image_url"]["url"].startswith("data:image/")
    assert len(picture["image_url"]["url"]) < 4 * len(b64encode(png())) + 10_000


def test_a_program_asks_with_files_of_its_own(program: StreamClient, upstream: FakeUpstream):
    file_id = upload_id(program, b"Hello")
    assert program.post("", files=[file_id]).status == 200
    assert "Hello" in upstream.requests[-1].body["messages"][-1]["content"]
    assert program.post("").status == 422
