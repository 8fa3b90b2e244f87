"""The app below a path of its host, such as ``https://example.com/chat/``."""

from starlette.types import ASGIApp, Receive, Scope, Send


class BelowPath:
    """ASGI middleware that serves the API inside below a path, and at the root as well, as for health checks.

    The path becomes ASGI's ``root_path``, which Starlette's routes leave out by themselves, and ``route_path`` for
    other code.

    Args:
        path: Such as ``/chat``; empty if the app has the whole host.
    """

    def __init__(self, app: ASGIApp, path: str) -> None:
        self._app = app
        self._path = path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket") and f"{scope['path']}/".startswith(f"{self._path}/"):
            scope = {**scope, "root_path": self._path}
        await self._app(scope, receive, send)


class WholePath:
    """ASGI middleware between ``BelowPath`` and Reflex, whose own routes begin with the path."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app({**scope, "root_path": ""} if scope.get("root_path") else scope, receive, send)


def route_path(scope: Scope) -> str:
    """A request's path as the API's routes have it."""
    return scope["path"].removeprefix(scope.get("root_path", ""))
