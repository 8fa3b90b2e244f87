"""The compression of the page's websocket."""

import tracemalloc

from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, Request, TextMessage
from wsproto.extensions import PerMessageDeflate

from chat_app.infrastructure.server.websocket import Deflate

TEXTS = [f"The {number}th sentence says, at some length, what the {number}th thing is. " * 9 for number in range(20)]


class Page:
    """A server's and a browser's end of one websocket."""

    def __init__(self, compression: PerMessageDeflate) -> None:
        self._server, self._browser = WSConnection(ConnectionType.SERVER), WSConnection(ConnectionType.CLIENT)
        self._pass_on(self._browser.send(Request("localhost", "/", extensions=[PerMessageDeflate()])), self._server)
        self._pass_on(self._server.send(AcceptConnection(extensions=[compression])), self._browser)

    def send(self, text: str) -> int:
        """How many bytes it takes to the browser, which understands them."""
        sent = self._server.send(TextMessage(text))
        (received,) = self._pass_on(sent, self._browser)
        assert isinstance(received, TextMessage)
        assert received.data == text
        return len(sent)

    def _pass_on(self, data: bytes, receiver: WSConnection) -> list[object]:
        receiver.receive_data(data)
        return list(receiver.events())


def test_a_browser_understands_the_compression_and_gets_no_more_bytes_than_usual() -> None:
    ours, usual = Page(Deflate()), Page(PerMessageDeflate())
    assert sum(map(ours.send, TEXTS)) <= 1.05 * sum(map(usual.send, TEXTS)) < sum(map(len, TEXTS)) / 5


def test_a_text_ten_thousands_of_characters_before_is_found_again() -> None:
    page = Page(Deflate())
    first, *others = TEXTS
    cost = page.send(first)
    for text in others:
        page.send(text)
    assert page.send(first) < cost / 2


def test_the_compression_takes_a_hundred_kilobytes_less_than_usual() -> None:
    assert _memory(Deflate()) < _memory(PerMessageDeflate()) - 100_000


def _memory(compression: PerMessageDeflate) -> int:
    page = Page(compression)
    tracemalloc.start()
    try:
        page.send("Hello")
        return tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
