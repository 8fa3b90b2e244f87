"""A small real HTTP server that speaks OpenAI's API, well or badly, for tests and benchmarks.

    with FakeUpstream() as upstream:  # its own thread, a free loopback port
        upstream.answer("Hello there")  # the next request gets this, streamed
        upstream.fail(429, {"error": {...}}, {"Retry-After": "7"})  # the one after it, this
        upstream.answer("Noon", when="What time is it?")  # every request whose last user message is this
        ... OpenAIProvider(base_url=upstream.base_url, ...) ...
        assert upstream.calls == 2

What to answer (each takes ``when``; without it, it goes into a queue, one request each; with both empty,
``upstream.default`` answers):

- ``answer(text, chunk_size=, delay=, reasoning=, finish_reason=, done=, usage=)``: a well-formed stream, of a chat
  completion or of the Responses API, whichever the request asks for
- ``answer_chunks([{...}, ...], done=)``: these JSON objects as events, then ``[DONE]``
- ``answer_events([{...}, ...])``: these JSON objects as events of the Responses API, each with its ``type`` as its name
- ``raw_lines(["data: ...", "", ...])``, ``raw_bytes([b"...", ...])``: exactly this; one network write per item of bytes
- ``plain_json({...})``, ``fail(status, {...} or "text", headers)``: no stream
- ``reset_after(n, text)``: a TCP reset after ``n`` pieces of text; after 0 not even a status line is sent
- ``list_models("a", "b")``: the list of models, which doesn't exist otherwise
- ``silent()``: the connection opens and nothing ever comes

While answers run: ``hold(after=n)`` makes every answer pause after its first ``n`` pieces until ``release()``, or until
a later ``hold`` lets it go on as far as there; ``wait_held()`` returns once one has got there. What was seen:
``calls``, ``requests`` (``headers``, ``body``), ``open_connections``; ``wait_calls(n)`` and ``wait_closed()`` wait for
them. Every connection serves one request, so an open connection is an answer still going on. All waits block and
return whether it happened within ``timeout`` seconds; from an async test call them with
``await anyio.to_thread.run_sync(upstream.wait_closed)``.

``Scenario``, ``answer_scenario``, ``chunk``, ``event``, ``response_scenario`` and ``named_event`` build responses of
one's own, for ``upstream.default`` and ``upstream.plan(scenario, when=)``.

Standalone, for benchmarks: ``python -m tests.fake_upstream --port 9000 --tokens 500 --rate 100 --size 6`` answers
every request with ``--tokens`` pieces of ``--size`` characters, ``--rate`` a second.
"""

import argparse
import asyncio
import json
import socket
import struct
import threading
from collections import deque
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

MODEL = "fake-model"
USAGE = {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}
DONE = b"data: [DONE]\n\n"
_WAIT = 5.0


@dataclass(frozen=True)
class Request:
    """One request as received; header names are in lower case."""

    headers: dict[str, str]
    body: dict[str, Any]
    target: str = ""

    @property
    def is_for_response(self) -> bool:
        """Whether it asks through the Responses API."""
        return self.target.partition("?")[0].endswith("/responses")

    @property
    def last_message(self) -> str:
        """The text of the last user message, empty if there is none."""
        turns = self.body.get("input" if self.is_for_response else "messages", [])
        texts = [turn["content"] for turn in turns if turn["role"] == "user"]
        last = texts[-1] if texts else ""
        return last if isinstance(last, str) else last[0]["text"]  # before pictures


@dataclass(frozen=True)
class Scenario:
    """One response.

    Attributes:
        pieces: The body, one network write each.
        delay: Seconds between pieces, kept as a schedule, so that writing takes nothing off the rate.
        ending: ``end`` as HTTP prescribes, ``reset`` the connection, or ``silence``, never to end.
        speaks: Whether there is a status line with headers at all.
    """

    pieces: tuple[bytes, ...] = ()
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": "text/event-stream"})
    delay: float = 0.0
    ending: str = "end"
    speaks: bool = True


def chunk(delta: Mapping[str, Any] | None, finish_reason: str | None = None, **fields: Any) -> dict[str, Any]:
    """A ``chat.completion.chunk`` with one choice; ``fields`` are added to it, or replace its own."""
    choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
    return {"id": "c1", "object": "chat.completion.chunk", "model": MODEL, "choices": [choice], **fields}


def event(data: Any) -> bytes:
    """``data`` as one server-sent event."""
    return f"data: {json.dumps(data, ensure_ascii=False)}\n\n".encode()


def text_pieces(text: str, chunk_size: int, key: str = "content") -> list[bytes]:
    """One event per ``chunk_size`` characters of ``text``."""
    return [event(chunk({key: text[at : at + chunk_size]})) for at in range(0, len(text), chunk_size)]


def answer_scenario(
    text: str,
    *,
    chunk_size: int = 4,
    delay: float = 0.0,
    reasoning: str = "",
    finish_reason: str | None = "stop",
    done: bool = True,
    usage: Mapping[str, int] | None = USAGE,
) -> Scenario:
    """A stream as OpenAI sends it: role and first text, text, finish reason, usage on an event of its own, end mark."""
    pieces = text_pieces(reasoning, chunk_size, "reasoning_content") + text_pieces(text, chunk_size)
    role = event(chunk({"role": "assistant", "content": ""}))
    pieces[:1] = [role + b"".join(pieces[:1])]
    ending = event(chunk({}, finish_reason)) if finish_reason else b""
    ending += event(chunk({}, choices=[], usage=usage)) if usage else b""
    ending += DONE if done else b""
    return Scenario((*pieces, ending) if ending else tuple(pieces), delay=delay)


def named_event(data: Mapping[str, Any]) -> bytes:
    """An event of the Responses API, named by its ``type``."""
    return f"event: {data['type']}\n".encode() + event(data)


def response(output: Iterable[Mapping[str, Any]] = (), **fields: Any) -> dict[str, Any]:
    """A ``response`` object; ``fields`` are added to it, or replace its own."""
    return {
        "id": "resp_1",
        "object": "response",
        "status": "completed",
        "error": None,
        "incomplete_details": None,
        "instructions": "Be brief.",
        "model": MODEL,
        "output": list(output),
        "usage": response_usage(USAGE),
        **fields,
    }


def response_usage(usage: Mapping[str, int]) -> dict[str, Any]:
    """The usage of a chat completion as the Responses API has it."""
    return {
        "input_tokens": usage["prompt_tokens"],
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": usage["completion_tokens"],
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": usage["total_tokens"],
    }


def delta_event(kind: str, text: str, **fields: Any) -> bytes:
    """A delta, as ``response.output_text.delta``, with all that OpenAI sends beside it."""
    where = {"item_id": f"msg_{'0' * 48}", "output_index": 1, "content_index": 0, "sequence_number": 4}
    return named_event({"type": kind, **where, "delta": text, "logprobs": [], "obfuscation": "xKp3", **fields})


def response_scenario(
    text: str,
    *,
    chunk_size: int = 4,
    delay: float = 0.0,
    reasoning: str = "",
    finish_reason: str | None = "stop",
    done: bool = True,
    usage: Mapping[str, int] | None = USAGE,
    annotations: Iterable[Mapping[str, Any]] = (),
) -> Scenario:
    """A stream as the Responses API sends it. Without ``done`` or ``finish_reason`` its last event is missing."""
    content = {"type": "output_text", "text": text, "annotations": list(annotations)}
    message = {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": [content]}
    begun = response(status="in_progress", usage=None)
    opening = b"".join(
        named_event({"type": f"response.{each}", "response": begun}) for each in ("created", "in_progress")
    )
    pieces = _deltas("response.reasoning_summary_text.delta", reasoning, chunk_size)
    opening_message = named_event({"type": "response.output_item.added", "item": {**message, "content": []}})
    texts = _deltas("response.output_text.delta", text, chunk_size)
    texts[:1] = [opening_message + b"".join(texts[:1])]
    pieces += texts
    pieces[:1] = [opening + b"".join(pieces[:1])]
    ending = b"".join(
        named_event({"type": "response.output_text.annotation.added", "annotation": each}) for each in annotations
    )
    ending += named_event({"type": "response.output_text.done", "text": text})
    ending += named_event({"type": "response.output_item.done", "item": message})
    if finish_reason and done:
        limits = {"length": "max_output_tokens", "content_filter": "content_filter"}
        reason = limits.get(finish_reason)
        status = "incomplete" if reason else "completed"
        ended = response(
            [message],
            status=status,
            incomplete_details={"reason": reason} if reason else None,
            usage=response_usage(usage) if usage else None,
        )
        ending += named_event({"type": f"response.{status}", "response": ended})
    return Scenario((*pieces, ending), delay=delay)


def _deltas(kind: str, text: str, chunk_size: int) -> list[bytes]:
    return [delta_event(kind, text[at : at + chunk_size]) for at in range(0, len(text), chunk_size)]


@dataclass(frozen=True)
class Answer:
    """A well-formed stream of ``text`` in either dialect.

    Attributes:
        options: Those of ``answer_scenario`` and ``response_scenario``.
        breaks_after: The number of pieces before a reset of the connection; ``None`` for no reset.
    """

    text: str
    options: Mapping[str, Any] = field(default_factory=dict)
    breaks_after: int | None = None

    def scenario(self, request: Request) -> Scenario:
        """Return the stream that ``request`` asks for."""
        build = response_scenario if request.is_for_response else answer_scenario
        whole = build(self.text, **self.options)
        if self.breaks_after is None:
            return whole
        return Scenario(whole.pieces[: self.breaks_after], ending="reset", speaks=self.breaks_after > 0)


class FakeUpstream:
    """The server; see the module's description.

    Args:
        port: Where to listen on the loopback interface, 0 for any free port.
    """

    def __init__(self, port: int = 0) -> None:
        self.requests: list[Request] = []
        self.open_connections = 0
        self.default: Scenario | Answer = Answer("Hello from the fake upstream.")
        self.model_list = Scenario((b"{}",), 404, {"Content-Type": "application/json"})
        self.shown: list[str] = []
        self._shown: dict[str, Scenario] = {}
        self._port = port
        self._queue: deque[Scenario | Answer] = deque()
        self._by_message: dict[str, Scenario | Answer] = {}
        self._hold_after: int | None = None
        self._held = 0
        self._writers: set[asyncio.StreamWriter] = set()
        self._changed = threading.Condition()
        self._started = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._started.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    @property
    def port(self) -> int:
        return self._port

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._port}/v1"

    @property
    def calls(self) -> int:
        return len(self.requests)

    def plan(self, scenario: Scenario | Answer, when: str | None = None) -> None:
        """Answer the next request so, or every one whose last user message is ``when``."""
        if when is None:
            self._queue.append(scenario)
        else:
            self._by_message[when] = scenario

    def list_models(self, *models: str | Mapping[str, Any]) -> None:
        """List these models, by name or with more fields, in response to ``GET /models``, which is no call."""
        data = [{"id": each, "object": "model"} if isinstance(each, str) else each for each in models]
        body = json.dumps({"object": "list", "data": data}).encode()
        self.model_list = Scenario((body,), headers={"Content-Type": "application/json"})

    def show_model(self, name: str, fields: Mapping[str, Any] | int) -> None:
        """Describe a model as Ollama does, in response to ``POST /api/show``, which is no call; or fail."""
        status = fields if isinstance(fields, int) else 200
        self._shown[name] = Scenario((json.dumps(fields).encode(),), status, {"Content-Type": "application/json"})

    def answer(self, text: str, *, when: str | None = None, **options: Any) -> None:
        """Stream ``text``; the options are those of ``answer_scenario``."""
        self.plan(Answer(text, options), when)

    def answer_chunks(self, chunks: Iterable[Mapping[str, Any]], *, done: bool = True, when: str | None = None) -> None:
        self.plan(Scenario((*map(event, chunks), *([DONE] if done else []))), when)

    def answer_events(self, events: Iterable[Mapping[str, Any]], *, when: str | None = None) -> None:
        self.plan(Scenario(tuple(map(named_event, events))), when)

    def raw_lines(self, lines: Iterable[str], *, when: str | None = None) -> None:
        self.raw_bytes(["".join(f"{line}\n" for line in lines).encode()], when=when)

    def raw_bytes(self, pieces: Iterable[bytes], *, when: str | None = None) -> None:
        self.plan(Scenario(tuple(pieces)), when)

    def plain_json(self, body: object, *, when: str | None = None) -> None:
        self.fail(200, body, when=when)

    def fail(
        self, status: int, body: object = "", headers: Mapping[str, str] | None = None, *, when: str | None = None
    ) -> None:
        """Answer with ``status`` and ``body``, a string as it is or anything else as JSON."""
        text, kind = (body, "text/html") if isinstance(body, str) else (json.dumps(body), "application/json")
        pieces = (text.encode(),) if text else ()
        self.plan(Scenario(pieces, status, {"Content-Type": kind, **(headers or {})}), when)

    def reset_after(self, pieces: int, text: str = "Hello, this will break.", *, when: str | None = None) -> None:
        self.plan(Answer(text, breaks_after=pieces), when)

    def silent(self, *, when: str | None = None) -> None:
        self.plan(Scenario(ending="silence", speaks=False), when)

    def hold(self, after: int = 1) -> None:
        """Pause every answer after its first ``after`` pieces, until ``release``; those that pause earlier go on."""
        self._loop.call_soon_threadsafe(self._hold, after)

    def release(self) -> None:
        self._hold_after = None
        self._loop.call_soon_threadsafe(self._gate.set)

    def wait_held(self, count: int = 1, timeout: float = _WAIT) -> bool:
        """Wait until ``count`` answers are pausing."""
        return self._wait(lambda: self._held >= count, timeout)

    def wait_calls(self, count: int, timeout: float = _WAIT) -> bool:
        """Wait until ``count`` requests have come."""
        return self._wait(lambda: self.calls >= count, timeout)

    def wait_closed(self, timeout: float = _WAIT) -> bool:
        """Wait until no connection is open."""
        return self._wait(lambda: self.open_connections == 0, timeout)

    def _hold(self, after: int) -> None:
        self._hold_after = after
        self._gate.set()
        self._gate.clear()

    def _wait(self, happened: Callable[[], bool], timeout: float) -> bool:
        with self._changed:
            return self._changed.wait_for(happened, timeout)

    def _note(self, *, opened: int = 0, held: int = 0, request: Request | None = None) -> None:
        with self._changed:
            self.open_connections += opened
            self._held += held
            self.requests += [request] if request else []
            self._changed.notify_all()

    async def _run(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop, self._gate = asyncio.Event(), asyncio.Event()
        self._gate.set()
        server = await asyncio.start_server(self._connect, "127.0.0.1", self._port)
        self._port = server.sockets[0].getsockname()[1]
        self._started.set()
        await self._stop.wait()
        for listening in server.sockets:  # closed before an accepted connection is set up, it would forget that one
            self._loop.remove_reader(listening)
        await self._hang_up()
        server.close()

    async def _hang_up(self) -> None:
        """End all connections, even those being accepted, without sending pending data."""
        while others := asyncio.all_tasks() - {asyncio.current_task()}:
            for writer in self._writers:
                writer.transport.abort()
            await asyncio.wait(others, return_when=asyncio.FIRST_COMPLETED)

    def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Coroutine[Any, Any, None]:
        self._writers.add(writer)
        self._note(opened=1)
        return self._serve(reader, writer)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Play one scenario, and stop as soon as the client closes the connection."""
        tasks: list[asyncio.Task[Any]] = []
        try:
            scenario = self._choose(await _read_request(reader))
            tasks = [asyncio.create_task(self._play(scenario, writer)), asyncio.create_task(reader.read())]
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # The client went away before it had asked anything.
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            writer.close()
            self._writers.discard(writer)
            self._note(opened=-1)

    def _choose(self, request: Request) -> Scenario:
        if request.target.partition("?")[0].endswith("/models"):
            return self.model_list
        if request.target.endswith("/api/show"):
            self.shown.append(request.body["model"])
            return self._shown.get(request.body["model"], Scenario((b"{}",), 404))
        self._note(request=request)
        if request.last_message in self._by_message:
            planned = self._by_message[request.last_message]
        else:
            planned = self._queue.popleft() if self._queue else self.default
        return planned.scenario(request) if isinstance(planned, Answer) else planned

    async def _play(self, scenario: Scenario, writer: asyncio.StreamWriter) -> None:
        if scenario.speaks:
            writer.write(_head(scenario))
        due = self._loop.time()
        for sent, piece in enumerate(scenario.pieces):
            await self._pass_gate(sent)
            await asyncio.sleep(due - self._loop.time())
            writer.write(b"%x\r\n%b\r\n" % (len(piece), piece))
            await writer.drain()
            due += scenario.delay
        await self._end(scenario.ending, writer)

    async def _pass_gate(self, sent: int) -> None:
        if self._hold_after != sent:
            return
        self._note(held=1)
        try:
            await self._gate.wait()
        finally:
            self._note(held=-1)

    async def _end(self, ending: str, writer: asyncio.StreamWriter) -> None:
        if ending == "silence":
            await asyncio.Event().wait()
        elif ending == "reset":
            _reset(writer)
        else:
            writer.write(b"0\r\n\r\n")
            await writer.drain()


async def _read_request(reader: asyncio.StreamReader) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    pairs = (line.split(": ", 1) for line in head.splitlines()[1:] if line)
    headers = {name.lower(): value for name, value in pairs}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Request(headers, json.loads(body or b"{}"), target=head.split(" ", 2)[1])


def _head(scenario: Scenario) -> bytes:
    headers = {**scenario.headers, "Transfer-Encoding": "chunked", "Connection": "close"}
    lines = [f"HTTP/1.1 {scenario.status} Fake", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    return "\r\n".join(lines).encode("latin-1")


def _reset(writer: asyncio.StreamWriter) -> None:
    # Lingering for zero seconds makes closing send RST instead of FIN.
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def main() -> None:
    parser = argparse.ArgumentParser(description="Answer every request with the same steady stream.")
    parser.add_argument("--port", type=int, default=9000)
    parser.add_argument("--tokens", type=int, default=500, help="pieces in an answer")
    parser.add_argument("--rate", type=float, default=100, help="pieces a second")
    parser.add_argument("--size", type=int, default=6, help="characters in a piece")
    options = parser.parse_args()
    text = ("word " * options.size * options.tokens)[: options.size * options.tokens]
    with FakeUpstream(options.port) as upstream:
        upstream.default = Answer(text, {"chunk_size": options.size, "delay": 1 / options.rate})
        threading.Event().wait()


if __name__ == "__main__":
    main()
