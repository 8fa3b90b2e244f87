"""The API below a path of its host."""

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket

from chat_app.api.http.below_path import BelowPath, WholePath, route_path


async def show_path(request: Request) -> PlainTextResponse:
    return PlainTextResponse(route_path(request.scope))


async def send_path(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.send_text(route_path(websocket.scope))
    await websocket.close()


PAGE = Starlette(routes=[Route("/chat/page", show_path), WebSocketRoute("/chat/_event", send_path)])
API = Starlette(routes=[Route("/stream", show_path), Mount("", WholePath(PAGE))])
CLIENT = TestClient(BelowPath(API, "/chat"))


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/chat/stream", "/stream"),
        ("/stream", "/stream"),
        ("/chat/page", "/chat/page"),
        ("/page", None),
        ("/chatter/stream", None),
    ],
)
def test_the_api_is_below_the_path_and_at_the_root_and_the_page_below_it(path: str, found: str | None) -> None:
    response = CLIENT.get(path)
    assert (response.text if response.status_code == 200 else None) == found


def test_the_pages_websocket_is_below_the_path() -> None:
    with CLIENT.websocket_connect("/chat/_event") as websocket:
        assert websocket.receive_text() == "/chat/_event"
