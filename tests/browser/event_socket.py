"""A client of the app's websocket that sends arbitrary events.

The protocol is Socket.IO (https://socket.io/docs/v4/socket-io-protocol/) with Reflex's events in it.
"""

import json
from contextlib import ExitStack
from typing import Any, Self
from uuid import uuid4

from websockets.sync.client import connect
from websockets.typing import Origin

from chat_app.state.settings.language import LanguageState

_NAMESPACE = "/_event"
_PATIENCE = 15  # seconds


class EventSocket:
    """A websocket connection to the app.

    Args:
        url: The app's address.
        cookie: The ``Cookie`` header.
    """

    def __init__(self, url: str, cookie: str) -> None:
        self.frames: list[str] = []
        self._url = f"{url.replace('http', 'ws')}{_NAMESPACE}/?EIO=4&transport=websocket&token={uuid4()}"
        self._origin = url
        self._connections = ExitStack()
        self._headers = {"Cookie": cookie}

    def __enter__(self) -> Self:
        connecting = connect(self._url, origin=Origin(self._origin), additional_headers=self._headers, max_size=None)
        self._client = self._connections.enter_context(connecting)
        self._client.send(f"40{_NAMESPACE},")
        self.wait_for('"sid"')
        return self

    def __exit__(self, *_: object) -> None:
        self._connections.close()

    def send(self, name: str, payload: dict[str, Any], *, path: str = "/") -> None:
        """Send an event, as from the page with this path."""
        event = {"name": name, "payload": payload, "router_data": {"pathname": path, "asPath": path}}
        self._client.send(f"42{_NAMESPACE},{json.dumps(['event', event])}")

    def wait_until_done(self) -> None:
        """Wait until all events sent so far have been handled, which happens in their order."""
        mark = uuid4().hex
        self.send(f"{LanguageState.get_full_name()}.detect", {}, path=f"/chat/{mark}")  # the page's path comes back
        self.wait_for(mark)

    def wait_for(self, text: str) -> None:
        """Collect frames until one has ``text`` in it."""
        while text not in (frame := self._receive()):
            self.frames.append(frame)
        self.frames.append(frame)

    def _receive(self) -> str:
        return self._client.recv(timeout=_PATIENCE, decode=True)
