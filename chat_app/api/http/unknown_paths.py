"""404 and 405 in JSON for paths and methods that the API doesn't have.

Without these routes, Reflex, which is mounted below the API, would answer programs with a page.
"""

from collections.abc import Iterator

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Mount, Route
from starlette.types import Receive, Scope, Send

from chat_app.api.http.refusals import explain
from chat_app.api.openai.completions import refused
from chat_app.api.stream.schemas import InvalidField

_PREFIXES = ("/archive", "/health", "/metrics", "/stream", "/v1")

# Paths of programs whose base URL lacks /v1. Only POST: a GET may be for a page.
_WITHOUT_PREFIX = ("/chat/completions", "/completions", "/embeddings", "/responses")

_METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")


def unknown_paths() -> Iterator[BaseRoute]:
    """The routes, to be added after all others of the API."""
    for prefix in _PREFIXES:
        yield _UnknownRoute(prefix, _Unknown())
        yield _UnknownRoute(f"{prefix}/{{path:path}}", _Unknown())
    for path in _WITHOUT_PREFIX:
        yield _UnknownRoute(path, _Unknown(), methods=["POST"])


class _UnknownRoute(Route):
    """A route of this module, which ``_methods`` leaves out."""


class _Unknown:
    """ASGI application: 404, or 405 where the path has other methods; in OpenAI's form under ``/v1``.

    Starlette would restrict a function to GET. An instance gets every method, also ones that HTTP doesn't define.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await _refuse(Request(scope))(scope, receive, send)


def _refuse(request: Request) -> Response:
    path, method = request.url.path, request.method
    methods = _methods(request)
    if methods:
        error = InvalidField("method", "no_such_method", status=405, method=method, allowed=", ".join(methods))
    elif path in _WITHOUT_PREFIX:
        error = InvalidField("path", "without_v1", status=404, path=path)
    else:
        error = InvalidField("path", "no_such_path", status=404, method=method)
    refusal = explain(request, error)
    response = refused(refusal) if path.startswith("/v1") or path in _WITHOUT_PREFIX else refusal.response()
    if methods:
        response.headers["Allow"] = ", ".join(methods)
    response.headers["Cache-Control"] = "no-store"
    return response


def _methods(request: Request) -> list[str]:
    """The methods that the API has for the path."""
    routes = [route for route in request.app.router.routes if not isinstance(route, Mount | _UnknownRoute)]
    scopes = {method: {**request.scope, "method": method} for method in _METHODS}
    return [name for name, scope in scopes.items() if any(route.matches(scope)[0] is Match.FULL for route in routes)]
