"""``/stream``: ask, resume, repeat, stop, disconnect."""

import time
from collections.abc import Callable
from itertools import pairwise
from uuid import uuid1, uuid4

import httpx
import pytest

from tests.fake_upstream import FakeUpstream, chunk
from tests.server import MODEL, ApiServer
from tests.stream_client import Frame, StreamClient

Serve = Callable[..., ApiServer]
Connect = Callable[..., StreamClient]


UNKNOWN = "6d0d1f0e-3c0a-4b5e-9a53-1f8c52d3f0aa"


def order_id() -> str:
    """An id chosen by a program, not a random UUID."""
    return f"order-{time.time_ns()}"


@pytest.fixture(params=["get", "post"])
def ask(request: pytest.FixtureRequest, program: StreamClient) -> Callable:
    """Ask by GET or by POST."""
    return getattr(program, request.param)


class TestAsking:
    def test_an_answer_is_sent_piece_by_piece_and_then_how_it_ended(self, upstream: FakeUpstream, ask: Callable):
        upstream.answer("Hello there", chunk_size=6)
        reply = ask("Hi")
        assert [frame.data for frame in reply.frames[:-1]] == [{"chunk": "Hello "}, {"chunk": "there"}]
        assert reply.done == {
            "done": True,
            "id": reply.frames[0].answer_id,
            "status": "complete",
            "finish_reason": "stop",
            "model": "fake-model",
            "usage": {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18},
        }

    def test_every_frame_has_an_id_of_its_own_in_this_answer(self, ask: Callable):
        frames = ask("Hi").frames
        assert len({frame.id for frame in frames}) == len(frames) > 2
        assert len({frame.answer_id for frame in frames}) == 1

    def test_the_headers_keep_caches_and_proxies_from_holding_it_back(self, ask: Callable):
        headers = ask("Hi").headers
        assert headers["content-type"] == "text/event-stream; charset=utf-8"
        assert headers["cache-control"] == "no-cache, no-transform"
        assert headers["x-accel-buffering"] == "no"

    def test_every_response_has_an_id_of_its_own(self, ask: Callable):
        assert len({ask(message).headers["x-request-id"] for message in ("Hi", "Hi", " ")}) == 3

    def test_asking_makes_no_cookie(self, ask: Callable):
        assert "set-cookie" not in ask("Hi").headers

    def test_a_piece_is_there_before_the_next_one_is_sent(self, upstream: FakeUpstream, program: StreamClient):
        upstream.answer("Hello there", chunk_size=6)
        upstream.hold(after=1)
        with program.following("Hi") as frames:
            assert next(frames).data == {"chunk": "Hello "}
            upstream.release()
            assert next(frames).data == {"chunk": "there"}

    def test_a_get_is_answered_before_the_model_says_anything(self, upstream: FakeUpstream, program: StreamClient):
        upstream.hold(after=0)
        with program.following("Hi") as frames:
            assert upstream.wait_held()
            upstream.release()
            assert next(frames).data == {"chunk": "Hell"}

    def test_history_reaches_the_model(self, upstream: FakeUpstream, program: StreamClient):
        history = [{"role": "user", "content": "One?"}, {"role": "assistant", "content": "One."}]
        assert program.post("둘?", history=history).status == 200
        assert upstream.requests[0].body["messages"][-3:] == [*history, {"role": "user", "content": "둘?"}]

    def test_the_servers_own_model_may_be_named(self, program: StreamClient):
        assert program.post("Hi", model=MODEL).status == 200

    def test_reasoning_is_not_part_of_the_text(self, upstream: FakeUpstream, ask: Callable):
        upstream.answer("Yes.", reasoning="Hm, let me think.")
        reply = ask("Hi")
        assert reply.text == "Yes."
        assert "think" not in reply.body

    def test_reasoning_that_is_asked_for_comes_in_frames_of_its_own(self, upstream: FakeUpstream, ask: Callable):
        upstream.answer("Yes.", reasoning="Hm, let me think.", chunk_size=10)
        reply = ask("Hi", reasoning=True)
        assert [frame.data for frame in reply.frames[:-1]] == [
            {"reasoning": "Hm, let me"},
            {"reasoning": " think."},
            {"chunk": "Yes."},
        ]

    def test_any_text_that_json_may_hold_arrives_whole(self, upstream: FakeUpstream, ask: Callable):
        text = 'one\ntwo\r\nthree\u2028four\x85five\x0b"six"\\ 일곱 👩‍👩‍👧 \n\n'
        upstream.answer(text, chunk_size=100)
        reply = ask("Hi")
        assert reply.text == text
        assert len(reply.body.splitlines()) == reply.body.count("\n")

    def test_an_answer_cut_at_the_length_limit_says_so(self, upstream: FakeUpstream, ask: Callable):
        upstream.answer("Half a sent", finish_reason="length")
        assert ask("Hi").done["finish_reason"] == "length"

    def test_many_answers_at_once_do_not_mix(self, upstream: FakeUpstream, server: ApiServer, connect: Connect):
        names = [f"question {number}" for number in range(5)]
        for name in names:
            upstream.answer(f"answer to {name}", when=name)
        upstream.hold(after=1)
        clients = {name: connect(server) for name in names}
        streams = {name: client.following(name) for name, client in clients.items()}
        frames = {name: stream.__enter__() for name, stream in streams.items()}
        assert upstream.wait_held(5)
        upstream.release()
        texts = {name: "".join(frame.data.get("chunk", "") for frame in frames[name]) for name in names}
        for stream in streams.values():
            stream.__exit__(None, None, None)
        assert texts == {name: f"answer to {name}" for name in names}

    @pytest.mark.parametrize("method", ["HEAD", "OPTIONS"])
    def test_head_and_options_start_no_answer(self, upstream: FakeUpstream, program: StreamClient, method: str):
        response = program.http.request(method, "/stream?message=Hi")
        assert (response.status_code, response.content) == (200, b"")
        assert response.headers["allow"] == "GET, HEAD, OPTIONS, POST"
        assert upstream.calls == 0


class TestResuming:
    def test_after_any_frame_the_rest_of_the_answer_follows(self, upstream: FakeUpstream, program: StreamClient):
        upstream.answer("안녕하세요, 여러분! 👩‍👩‍👧", reasoning="흠", chunk_size=1)
        frames = program.get("Hello").frames
        for index, frame in enumerate(frames[:-1]):
            assert program.go_on(frame.id).frames == frames[index + 1 :]
        assert upstream.calls == 1

    def test_a_reader_can_come_back_to_reasoning(self, upstream: FakeUpstream, program: StreamClient):
        upstream.answer("Yes.", reasoning="Hm, let me think.", chunk_size=10)
        frames = program.get("Hi", reasoning=True).frames
        assert program.get("Hi", {"Last-Event-ID": frames[0].id}, reasoning=True).frames == frames[1:]
        assert program.go_on(frames[0].id).frames == frames[2:]
        assert upstream.calls == 1

    def test_a_post_can_come_back_to_its_answer(self, upstream: FakeUpstream, program: StreamClient):
        frames = program.post("Hello").frames
        assert program.post("Hello", {"Last-Event-ID": frames[0].id}).frames == frames[1:]
        assert upstream.calls == 1

    def test_a_reader_can_come_back_to_an_answer_still_going_on(self, upstream: FakeUpstream, program: StreamClient):
        upstream.answer("Hello there", chunk_size=6)
        upstream.hold(after=1)
        with program.following("Hi") as frames:
            first = next(frames)
        reply: list[Frame] = []
        with program.following("Hi", headers={"Last-Event-ID": first.id}) as frames:
            # The response has begun although there is nothing new to read.
            upstream.release()
            reply = list(frames)
        assert [frame.data.get("chunk") for frame in reply] == ["there", None]
        assert upstream.calls == 1

    def test_a_reader_that_has_read_everything_gets_nothing_more(self, upstream: FakeUpstream, program: StreamClient):
        last = program.get("Hello").frames[-1]
        for event_id in (last.id, f"{last.answer_id}:{2**53 - 1}"):
            reply = program.go_on(event_id)
            assert (reply.status, reply.body) == (204, "")
        assert upstream.calls == 1

    @pytest.mark.parametrize(
        "event_id",
        [
            f"{UNKNOWN}:0",
            f"{UNKNOWN}:0.5",
            f"{UNKNOWN}:end",
            "nonsense",
            "a:b",
            ":1",
            "a:-1",
            "a:1.5",
            f"a:{'9' * 5000}",
            "x" * 9000,
        ],
    )
    @pytest.mark.parametrize("message", ["Hello", " "])
    def test_coming_back_to_an_unknown_answer_starts_nothing(
        self, upstream: FakeUpstream, program: StreamClient, event_id: str, message: str
    ):
        assert program.go_on(event_id, message).status == 204
        assert program.post(message, {"Last-Event-ID": event_id}).status == 204
        assert upstream.calls == 0

    def test_an_empty_last_event_id_asks_anew(self, program: StreamClient):
        assert program.go_on("").text == "Hello from the fake upstream."

    def test_after_an_error_the_error_is_not_repeated(self, upstream: FakeUpstream, program: StreamClient):
        upstream.answer("Hello the", finish_reason=None, usage=None, done=False)
        *_, text, error, done = program.get("Hi").frames
        assert program.go_on(text.id).frames == [error, done]
        assert program.go_on(error.id).frames == [done]
        assert program.go_on(done.id).status == 204

    def test_after_a_refusal_there_is_nothing_more(self, program: StreamClient):
        for frame in program.get(" ").frames:
            assert program.go_on(frame.id, " ").status == 204

    def test_cursors_grow_with_every_frame(self, program: StreamClient):
        cursors = [frame.id.partition(":")[2].split(".") for frame in program.get("Hello").frames]
        *read, end = cursors
        assert end == ["end"]
        assert all(list(map(int, earlier)) < list(map(int, later)) for earlier, later in pairwise(read))


class TestIdempotency:
    """Idempotency: repeated requests with an id of the client's."""

    def test_a_random_uuid_is_the_answers_id(self, program: StreamClient):
        client_id = str(uuid4())
        assert program.post("Hi", id=client_id).done["id"] == client_id

    @pytest.mark.parametrize("make_id", [uuid4, uuid1, order_id])
    def test_the_same_id_is_the_same_answer(self, upstream: FakeUpstream, program: StreamClient, make_id: Callable):
        client_id = str(make_id())
        replies = [program.post("Hi", id=client_id), program.get("Hi", id=client_id), program.post("Hi", id=client_id)]
        assert len({reply.body for reply in replies}) == 1
        assert upstream.calls == 1

    def test_the_same_id_before_the_first_frame_is_the_same_answer(self, upstream: FakeUpstream, program: StreamClient):
        client_id = order_id()
        upstream.hold(after=0)
        with program.following("Hi", id=client_id):
            assert upstream.wait_held()
        with program.following("Hi", id=client_id) as frames:
            upstream.release()
            assert next(frames).data == {"chunk": "Hell"}
        assert upstream.calls == 1

    def test_a_failed_answer_stays_failed(self, upstream: FakeUpstream, program: StreamClient):
        client_id = order_id()
        upstream.fail(500)
        assert [program.post("Hi", id=client_id).status for _ in range(2)] == [502, 502]
        assert upstream.calls == 1

    def test_an_id_that_can_be_guessed_leads_to_no_other_question(self, upstream: FakeUpstream, program: StreamClient):
        client_id = order_id()
        upstream.answer("The secret is 42.", when="What is the secret?")
        program.post("What is the secret?", id=client_id)
        assert program.post("Hi", id=client_id).text == "Hello from the fake upstream."
        assert program.post("Hi", id=client_id, history=[{"role": "user", "content": "What is the secret?"}]).done
        assert upstream.calls == 3

    def test_without_an_id_every_get_is_a_new_question(self, upstream: FakeUpstream, program: StreamClient):
        assert program.get("Hi").done["id"] != program.get("Hi").done["id"]
        assert upstream.calls == 2

    def test_once_the_log_has_expired_an_answer_outside_a_conversation_starts_again(
        self, upstream: FakeUpstream, serve: Serve, connect: Connect
    ):
        program = connect(serve(answer_retention=0.001))
        first = program.post("Hi", id="order-7")
        while program.go_on(first.frames[0].id).status != 204:
            pass
        assert program.post("Hi", id="order-7").text == first.text
        assert upstream.calls == 2


class TestStopping:
    def test_stopping_keeps_the_text_and_closes_the_connection_to_the_model(
        self, upstream: FakeUpstream, server: ApiServer, program: StreamClient, connect: Connect
    ):
        upstream.hold(after=1)
        with program.following("Hi") as frames:
            first = next(frames)
            assert connect(server).stop(first.answer_id) == 204
            (last,) = frames
        assert last.data["status"] == last.data["finish_reason"] == "stopped"
        assert upstream.wait_closed()

    def test_an_answer_can_be_stopped_before_the_first_word(
        self, upstream: FakeUpstream, server: ApiServer, program: StreamClient, connect: Connect
    ):
        upstream.hold(after=0)
        client_id = str(uuid4())
        with program.following("Hi", id=client_id) as frames:
            assert upstream.wait_held()
            assert connect(server).stop(client_id) == 204
            (last,) = frames
        assert last.data["status"] == "stopped"
        assert upstream.wait_closed()

    def test_stopping_an_ended_answer_changes_nothing(self, program: StreamClient):
        reply = program.get("Hi")
        assert program.stop(reply.done["id"]) == 204
        assert program.go_on(reply.frames[0].id).done["status"] == "complete"

    @pytest.mark.parametrize("answer_id", [UNKNOWN, "%20", "a" * 5000, "%00"])
    def test_stopping_an_unknown_answer_is_not_found(self, program: StreamClient, answer_id: str):
        assert program.stop(answer_id) == 404


class TestDisconnecting:
    def test_an_answer_without_readers_is_cancelled_a_while_later(
        self, upstream: FakeUpstream, serve: Serve, connect: Connect
    ):
        program = connect(serve(abandoned_answer_grace=0.05))
        upstream.hold(after=1)
        with program.following("Hi") as frames:
            first = next(frames)
        assert upstream.wait_closed()
        assert program.go_on(first.id).done["status"] == "stopped"

    def test_an_answer_is_cancelled_when_its_post_leaves_before_the_first_word(
        self, upstream: FakeUpstream, serve: Serve, connect: Connect
    ):
        program = connect(serve(abandoned_answer_grace=0.05))
        upstream.hold(after=0)
        with pytest.raises(httpx.ReadTimeout):
            program.http.post("/stream", json={"message": "Hi"}, timeout=0.3)
        assert upstream.wait_calls(1)
        assert upstream.wait_closed()

    def test_an_answer_is_cancelled_when_its_last_reader_has_left(
        self, upstream: FakeUpstream, serve: Serve, connect: Connect
    ):
        server = serve(abandoned_answer_grace=0.05)
        upstream.answer("Hello there", chunk_size=6)
        upstream.hold(after=1)
        with connect(server).following("Hi", id="order-7") as staying:
            with connect(server).following("Hi", id="order-7") as leaving:
                next(leaving)
            next(staying)
            assert not upstream.wait_closed(0.3)
            upstream.release()
            assert next(staying).data == {"chunk": "there"}

    def test_a_reader_that_comes_back_in_time_misses_nothing(self, upstream: FakeUpstream, program: StreamClient):
        upstream.answer("Hello there", chunk_size=6)
        upstream.hold(after=1)
        with program.following("Hi") as frames:
            first = next(frames)
        upstream.release()
        assert program.go_on(first.id).text == "there"


def test_the_described_api_can_be_fetched(program: StreamClient):
    paths = program.http.get("/openapi.json").json()["paths"]
    assert {path: sorted(methods) for path, methods in paths.items()} == {
        "/stream": ["get", "post"],
        "/stream/tickets": ["post"],
        "/stream/{answer_id}": ["delete"],
        "/files": ["post"],
        "/files/{file_id}": ["delete", "get"],
        "/v1/chat/completions": ["post"],
        "/v1/models": ["get"],
        "/v1/models/{model}": ["get"],
        "/health/live": ["get"],
        "/health/ready": ["get"],
        "/metrics": ["get"],
    }


def test_a_text_longer_than_chunks_sent_at_once_arrives_whole(upstream: FakeUpstream, program: StreamClient):
    upstream.answer_chunks([*(chunk({"content": f"{number} "}) for number in range(1000)), chunk({}, "stop")])
    reply = program.get("Hi")
    again = program.go_on(reply.frames[0].id)
    assert again.text.split() == [str(number) for number in range(1, 1000)]
