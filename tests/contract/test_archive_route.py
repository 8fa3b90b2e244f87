"""``POST /archive``: import of exports, and refusal of other files."""

import json
from collections.abc import Callable

import pytest

from chat_app.models.conversation import Conversation
from chat_app.models.principal import Principal
from chat_app.services.transfer.archive import ConversationTree, dump
from chat_app.services.transfer.imports import PER_MINUTE
from tests.server import ApiServer
from tests.stream_client import StreamClient, new_cookie

Connect = Callable[..., StreamClient]

JSON = {"Content-Type": "application/json"}


@pytest.fixture
def browser(server: ApiServer, connect: Connect) -> StreamClient:
    return connect(server, cookie=new_cookie())


@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["plain", "with a byte order mark"])
def test_an_empty_archive_adds_nothing(server: ApiServer, browser: StreamClient, mark: str):
    empty = server.run(lambda services: services.exports.everything(Principal("nobody")))
    response = browser.http.post("/archive", content=mark + empty, headers=JSON)
    assert (response.status_code, response.json()) == (200, {"conversations": 0, "already_there": 0})


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[" * 100_000, b'{"conversations": [1]}', b"null"])
def test_a_body_that_is_no_archive_is_refused(browser: StreamClient, content: bytes):
    response = browser.http.post("/archive", content=content, headers=JSON)
    assert (response.status_code, response.json()["error"]["code"]) == (422, "invalid_archive")


def test_the_fault_of_an_archive_is_named_in_the_callers_language(browser: StreamClient):
    headers = {**JSON, "Accept-Language": "ko"}
    response = browser.http.post("/archive", content=b'[{"mapping": {}}]', headers=headers)
    assert "ChatGPT에서 내보낸 파일" in response.json()["error"]["message"]


def test_an_archive_imported_twice_is_already_there(server: ApiServer, browser: StreamClient):
    conversation = Conversation(owner=Principal("someone"), title="Cats")
    archive = dump([ConversationTree(conversation, [])])
    replies = [browser.http.post("/archive", content=archive, headers=JSON).json() for _ in range(2)]
    assert replies == [{"conversations": 1, "already_there": 0}, {"conversations": 0, "already_there": 1}]


def test_an_archive_from_another_site_is_refused(browser: StreamClient):
    response = browser.http.post("/archive", content=b"{}", headers={**JSON, "Origin": "https://evil.example"})
    assert response.status_code == 403


def test_an_archive_sent_as_a_form_is_refused(browser: StreamClient):
    assert browser.http.post("/archive", data={"a": "b"}).status_code == 415


def test_an_archive_larger_than_allowed_is_refused(serve: Callable[..., ApiServer], connect: Connect):
    browser = connect(serve(max_import_chars=100), cookie=new_cookie())
    for content in (json.dumps("x" * 200).encode(), b"x" * 500, "한" * 101, iter([b"x" * 500])):
        response = browser.http.post("/archive", content=content, headers=JSON)
        assert (response.status_code, response.json()["error"]["code"]) == (413, "invalid_archive")
    assert browser.http.post("/archive", content="한" * 100, headers=JSON).status_code == 422


def test_an_archive_too_many_in_a_minute_is_refused_before_it_is_received(
    serve: Callable[..., ApiServer], connect: Connect
):
    browser = connect(serve(max_import_chars=100), cookie=new_cookie())
    responses = [browser.http.post("/archive", content=b"x" * 500, headers=JSON) for _ in range(PER_MINUTE + 1)]
    assert [response.status_code for response in responses] == [413] * PER_MINUTE + [429]
    assert int(responses[-1].headers["retry-after"]) > 0
