"""A strict client of ``/stream``, which validates the form of every frame."""

import json
import secrets
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from chat_app.infrastructure.security.identity import COOKIE
from chat_app.infrastructure.security.signer import ValueSigner
from tests.app_server import SECRET_KEY

# Loaded once: it takes longer than most tests, and nothing is encrypted here anyway.
_CERTIFICATES = ssl.create_default_context()


@dataclass(frozen=True)
class Frame:
    """One server-sent event."""

    id: str
    data: dict[str, Any]

    @property
    def answer_id(self) -> str:
        return self.id.partition(":")[0]


@dataclass(frozen=True)
class Reply:
    """A whole response."""

    status: int
    headers: httpx.Headers
    body: str

    @property
    def frames(self) -> list[Frame]:
        return [parse(block) for block in self.body.split("\n\n")[:-1]]

    @property
    def text(self) -> str:
        return "".join(frame.data.get("chunk", "") for frame in self.frames)

    @property
    def reasoning(self) -> str:
        """The reasoning, joined."""
        return "".join(frame.data.get("reasoning", "") for frame in self.frames)

    @property
    def done(self) -> dict[str, Any]:
        """The last frame's data."""
        last = self.frames[-1].data
        assert last["done"] is True
        return last

    @property
    def error(self) -> dict[str, Any]:
        """The error, from the body or from the frame before the last."""
        if self.status == 200:
            assert self.done
            return self.frames[-2].data["error"]
        return json.loads(self.body)["error"]


class StreamClient:
    """A client of one server, authenticated by ``headers``.

    Attributes:
        http: The HTTP client, for malformed requests.
    """

    def __init__(self, url: str, **headers: str) -> None:
        self.http = httpx.Client(base_url=url, headers=headers, timeout=10, trust_env=False, verify=_CERTIFICATES)

    def close(self) -> None:
        self.http.close()

    def get(self, message: str, headers: Mapping[str, str] = {}, **question: Any) -> Reply:
        return _reply(self.http.get("/stream", params={"message": message, **question}, headers=headers))

    def post(self, message: str, headers: Mapping[str, str] = {}, **question: Any) -> Reply:
        return _reply(self.http.post("/stream", json={"message": message, **question}, headers=headers))

    def go_on(self, last_event_id: str, message: str = "Hello") -> Reply:
        """Resume after this frame, as an ``EventSource`` does."""
        return self.get(message, {"Last-Event-ID": last_event_id})

    def stop(self, answer_id: str) -> int:
        """Stop an answer, and return the status."""
        return self.http.delete(f"/stream/{answer_id}").status_code

    @contextmanager
    def following(
        self,
        message: str,
        headers: Mapping[str, str] = {},
        **question: Any,
    ) -> Iterator[Iterator[Frame]]:
        """The frames of a GET as they come; the connection is closed at the end."""
        with self.http.stream("GET", "/stream", params={"message": message, **question}, headers=headers) as response:
            assert response.status_code == 200
            yield _frames(response)


def new_cookie() -> str:
    """Return the ``Cookie`` header of a new visitor."""
    return f"{COOKIE}={ValueSigner(SECRET_KEY, COOKIE).sign(secrets.token_urlsafe(32))}"


def parse(block: str) -> Frame:
    """Parse the only frame in a block of lines: an id and data, nothing else."""
    lines = [line for line in block.split("\n") if not line.startswith(":")]
    assert [line.split(": ", 1)[0] for line in lines] == ["id", "data"]
    return Frame(lines[0].removeprefix("id: "), json.loads(lines[1].removeprefix("data: ")))


def _reply(response: httpx.Response) -> Reply:
    return Reply(response.status_code, response.headers, response.text)


def _frames(response: httpx.Response) -> Iterator[Frame]:
    received = ""
    for piece in response.iter_text():
        *blocks, received = (received + piece).split("\n\n")
        yield from map(parse, blocks)
