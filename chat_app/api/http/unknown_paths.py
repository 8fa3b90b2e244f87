"""Fallback routes: 404 and 405 in JSON for unknown paths and methods of the API.

Without them, Reflex, which is mounted below the API, would answer with a page.
"""

from collections.abc import Iterator

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Mount, Route
from starlette.types import Receive, Scope, Send

from chat_app.api.http.below_path import route_path
from chat_app.api.http.errors import InvalidField, describe_error
from chat_app.api.openai.errors import openai_error_response

_PREFIXES = ("/archive", "/health", "/metrics", "/stream", "/v1")

# OpenAI clients whose base URL lacks /v1. Only POST: a GET may be for a page.
_WITHOUT_PREFIX = ("/chat/completions", "/completions", "/embeddings", "/responses")

_METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")


def unknown_paths() -> Iterator[BaseRoute]:
    """The fallback routes; they must come after all others of the API."""
    for prefix in _PREFIXES:
        yield _FallbackRoute(prefix, _Fallback())
        yield _FallbackRoute(f"{prefix}/{{path:path}}", _Fallback())
    for path in _WITHOUT_PREFIX:
        yield _FallbackRoute(path, _Fallback(), methods=["POST"])


class _FallbackRoute(Route):
    """A type of its own, which ``_methods`` excludes from the API's real routes."""


class _Fallback:
    """ASGI application that responds with 404, or with 405 where the path has other methods.

    An instance rather than a function: Starlette restricts a function to GET, and lets an instance have every method.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await _error_response(Request(scope))(scope, receive, send)


def _error_response(request: Request) -> Response:
    path, method = route_path(request.scope), request.method
    methods = _methods(request)
    if methods:
        error = InvalidField("method", "no_such_method", status=405, method=method, allowed=", ".join(methods))
    elif path in _WITHOUT_PREFIX:
        error = InvalidField("path", "without_v1", status=404, path=path)
    else:
        error = InvalidField("path", "no_such_path", status=404, method=method)
    details = describe_error(request, error)
    is_openai = path.startswith("/v1") or path in _WITHOUT_PREFIX
    response = openai_error_response(details) if is_openai else details.response()
    if methods:
        response.headers["Allow"] = ", ".join(methods)
    response.headers["Cache-Control"] = "no-store"
    return response


def _methods(request: Request) -> list[str]:
    """The methods that the API's other routes have for the path."""
    routes = [route for route in request.app.router.routes if not isinstance(route, Mount | _FallbackRoute)]
    scopes = {method: {**request.scope, "method": method} for method in _METHODS}
    return [name for name, scope in scopes.items() if any(route.matches(scope)[0] is Match.FULL for route in routes)]
