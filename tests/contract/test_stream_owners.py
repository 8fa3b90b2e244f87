"""``/stream``: ownership of answers and conversations, and cross-site requests (CSRF)."""

from collections.abc import Callable
from itertools import permutations
from uuid import uuid4

import pytest

from chat_app.infrastructure.security.identity import visitor
from chat_app.models.conversation import Conversation
from chat_app.models.message import Message, Status
from tests.fake_upstream import FakeUpstream
from tests.server import ORIGIN, ApiServer
from tests.stream_client import StreamClient, new_cookie

Serve = Callable[..., ApiServer]
Connect = Callable[..., StreamClient]


def begin_conversation(server: ApiServer, cookie: str) -> Conversation:
    owner = visitor(cookie)
    assert owner
    conversation = Conversation(owner=owner, title="Hello")
    server.run(lambda services: services.store.add_conversation(conversation))
    return conversation


def messages_of(server: ApiServer, conversation: Conversation) -> list[Message]:
    async def read(services):
        current = await services.conversations.get(conversation.owner, conversation.id)
        return await services.conversations.messages(current, 100)

    return server.run(read)


class TestOwners:
    """Answers are isolated between two visitors and a program without a cookie."""

    @pytest.fixture(params=permutations(["visitor", "another", "program"], 2), ids="-".join)
    def two(self, request: pytest.FixtureRequest, server: ApiServer, connect: Connect) -> list[StreamClient]:
        return [connect(server, **({} if who == "program" else {"cookie": new_cookie()})) for who in request.param]

    def test_a_stranger_can_neither_read_nor_stop_an_answer(self, upstream: FakeUpstream, two: list[StreamClient]):
        owner, stranger = two
        upstream.answer("Hello there", chunk_size=6)
        upstream.hold(after=1)
        with owner.following("Hi") as frames:
            first = next(frames)
            assert stranger.go_on(f"{first.answer_id}:0").status == 204
            assert stranger.go_on(first.id).status == 204
            assert stranger.stop(first.answer_id) == 404
            upstream.release()
            assert next(frames).data == {"chunk": "there"}
            assert next(frames).data["status"] == "complete"
        assert stranger.go_on(f"{first.answer_id}:0").status == 204
        assert upstream.calls == 1

    def test_a_stranger_who_knows_the_answers_id_gets_nothing_by_asking_with_it(
        self, upstream: FakeUpstream, two: list[StreamClient]
    ):
        owner, stranger = two
        client_id = str(uuid4())
        owner.post("Hi", id=client_id)
        reply = stranger.post("Hi", id=client_id)
        assert (reply.status, reply.error["code"]) == (409, "conflict")
        assert upstream.calls == 1

    def test_the_same_guessable_id_is_another_answer_for_each_owner(
        self, upstream: FakeUpstream, two: list[StreamClient]
    ):
        owner, stranger = two
        replies = [client.post("Hi", id="order-7") for client in (owner, stranger, owner, stranger)]
        assert [reply.status for reply in replies] == [200] * 4
        assert replies[0].done["id"] == replies[2].done["id"] != replies[1].done["id"] == replies[3].done["id"]

    def test_a_malformed_cookie_is_no_visitors(self, server: ApiServer, connect: Connect, program: StreamClient):
        reply = connect(server, cookie="chat_visitor=short").post("Hi")
        assert program.go_on(reply.frames[0].id).status == 200


class TestConversations:
    @pytest.fixture
    def cookie(self) -> str:
        return new_cookie()

    @pytest.fixture
    def conversation(self, server: ApiServer, cookie: str) -> Conversation:
        return begin_conversation(server, cookie)

    @pytest.fixture
    def owner(self, server: ApiServer, cookie: str, connect: Connect, upstream: FakeUpstream) -> StreamClient:
        return connect(server, cookie=cookie)

    @pytest.mark.parametrize("method", ["get", "post"])
    def test_question_and_answer_become_part_of_the_conversation(
        self, server: ApiServer, conversation: Conversation, owner: StreamClient, method: str
    ):
        reply = getattr(owner, method)("Hi", conversation_id=conversation.id)
        question, answer = messages_of(server, conversation)
        assert (question.text, answer.text, answer.status) == ("Hi", reply.text, Status.COMPLETE)
        assert answer.id == reply.done["id"]

    def test_the_model_gets_what_was_said_before(
        self, upstream: FakeUpstream, conversation: Conversation, owner: StreamClient
    ):
        owner.post("One?", conversation_id=conversation.id)
        owner.post("Two?", conversation_id=conversation.id)
        said = [message["content"] for message in upstream.requests[1].body["messages"] if message["role"] != "system"]
        assert said == ["One?", "Hello from the fake upstream.", "Two?"]

    @pytest.mark.parametrize("client_id", ["order-7", "2b9ae3f0-5c55-4c0f-8f0c-5b3e5e0f2f11"])
    def test_asking_again_with_the_same_id_is_the_same_answer(
        self, upstream: FakeUpstream, server: ApiServer, cookie: str, owner: StreamClient, client_id: str
    ):
        conversation = begin_conversation(server, cookie)
        replies = [owner.post("Hi", conversation_id=conversation.id, id=client_id) for _ in range(2)]
        assert replies[0].body == replies[1].body
        assert len(messages_of(server, conversation)) == 2
        assert upstream.calls == 1

    def test_asking_again_with_the_id_of_a_stored_answer_is_the_same_answer(
        self, upstream: FakeUpstream, serve: Serve, connect: Connect
    ):
        cookie = new_cookie()
        server = serve(answer_retention=0.001)
        conversation, owner = begin_conversation(server, cookie), connect(server, cookie=cookie)
        first = owner.post("Hi", conversation_id=conversation.id, id="order-7")
        again = owner.post("Hi", conversation_id=conversation.id, id="order-7")
        assert (again.text, again.done) == (first.text, first.done)
        assert owner.go_on(first.frames[0].id).text == first.text[len(first.frames[0].data["chunk"]) :]
        assert owner.go_on(first.frames[-1].id).status == 204
        assert upstream.calls == 1

    def test_an_answer_in_a_conversation_goes_on_without_readers(
        self, upstream: FakeUpstream, serve: Serve, connect: Connect
    ):
        cookie = new_cookie()
        server = serve(abandoned_answer_grace=0.001)
        conversation, owner = begin_conversation(server, cookie), connect(server, cookie=cookie)
        upstream.hold(after=1)
        with owner.following("Hi", conversation_id=conversation.id) as frames:
            first = next(frames)
        assert not upstream.wait_closed(0.3)
        upstream.release()
        reply = owner.go_on(first.id)
        assert first.data["chunk"] + reply.text == "Hello from the fake upstream."
        assert reply.done["status"] == "complete"

    def test_a_conversation_takes_one_question_at_a_time(
        self, upstream: FakeUpstream, conversation: Conversation, owner: StreamClient
    ):
        upstream.hold(after=1)
        with owner.following("Hi", conversation_id=conversation.id) as frames:
            next(frames)
            reply = owner.post("And?", conversation_id=conversation.id)
            assert (reply.status, reply.error["code"]) == (429, "busy")
            upstream.release()
            assert list(frames)[-1].data["done"]
        assert upstream.calls == 1

    @pytest.mark.parametrize("headers", [{}, {"cookie": new_cookie()}], ids=["program", "another visitor"])
    def test_a_stranger_may_not_ask_in_a_conversation(
        self,
        upstream: FakeUpstream,
        server: ApiServer,
        conversation: Conversation,
        connect: Connect,
        headers: dict[str, str],
    ):
        stranger = connect(server, **headers)
        replies = [
            stranger.post("Hi", conversation_id=conversation.id),
            stranger.get("Hi", conversation_id=conversation.id),
        ]
        assert [(reply.status, reply.error["code"]) for reply in replies] == [(404, "not_found"), (200, "not_found")]
        assert messages_of(server, conversation) == []
        assert upstream.calls == 0

    def test_a_strangers_conversation_looks_like_none(
        self, server: ApiServer, conversation: Conversation, connect: Connect
    ):
        stranger = connect(server, cookie=new_cookie())
        existing, missing = (stranger.post("Hi", conversation_id=name) for name in (conversation.id, uuid4().hex))
        assert (existing.status, existing.body) == (missing.status, missing.body)

    def test_a_strangers_answer_in_a_conversation_can_neither_be_read_nor_stopped(
        self, server: ApiServer, conversation: Conversation, owner: StreamClient, connect: Connect
    ):
        answer_id = owner.post("Hi", conversation_id=conversation.id).done["id"]
        for stranger in (connect(server), connect(server, cookie=new_cookie())):
            assert stranger.go_on(f"{answer_id}:0").status == 204
            assert stranger.stop(answer_id) == 404


TRUSTED = [
    {},
    {"Origin": ORIGIN},
    {"Origin": ORIGIN, "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"},
    {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors"},
    {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors"},
    {"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "cors"},
]
FORBIDDEN = [
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": ""},
    {"Origin": ORIGIN.upper()},
    {"Origin": f"{ORIGIN}.evil.example"},
    {"Origin": ORIGIN.replace("https", "http")},
    {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"},
    {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"},
    {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "no-cors"},
    {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "no-cors"},
    {"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate"},
]


class TestSites:
    @pytest.mark.parametrize("headers", TRUSTED, ids=str)
    def test_allowed_sites_may_ask(self, program: StreamClient, headers: dict[str, str]):
        assert program.get("Hi", headers).text
        assert program.post("Hi", headers).text

    @pytest.mark.parametrize("headers", FORBIDDEN, ids=str)
    def test_other_sites_may_not_ask_and_nothing_is_spent(
        self, upstream: FakeUpstream, program: StreamClient, headers: dict[str, str]
    ):
        for reply in (program.get("Hi", headers), program.post("Hi", headers), program.get(" ", headers)):
            assert (reply.status, reply.error["code"]) == (403, "forbidden")
            assert "access-control-allow-origin" not in reply.headers
        assert upstream.calls == 0

    def test_other_sites_may_neither_read_nor_stop_an_answer(self, program: StreamClient):
        reply = program.get("Hi")
        headers = {"Origin": "https://evil.example"}
        assert program.get("Hi", {**headers, "Last-Event-ID": reply.frames[0].id}).status == 403
        assert program.http.delete(f"/stream/{reply.done['id']}", headers=headers).status_code == 403

    def test_the_body_of_a_forbidden_request_is_not_even_looked_at(self, program: StreamClient):
        headers = {"Origin": "https://evil.example", "Content-Type": "text/plain"}
        assert program.http.post("/stream", content=b"{", headers=headers).status_code == 403
