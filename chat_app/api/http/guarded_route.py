"""What every request to the API passes before its endpoint, and every response after it."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from chat_app.api.http.body import with_json_body
from chat_app.api.http.refusals import explain, refuse
from chat_app.api.security.authentication import ApiCaller
from chat_app.api.security.guard import ensure_trusted
from chat_app.infrastructure.observability.logs import request_id
from chat_app.models.errors import Unauthorized
from chat_app.models.message import new_id
from chat_app.wiring import Services


class GuardedRoute(APIRoute):
    """Refuses other sites, strangers and oversized bodies, turns errors into responses, gives every response its id.

    A route rather than a middleware, so that it sees the API's requests only: Reflex is mounted beside them.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            request_id.set(new_id())
            try:
                response = await handle(await self.admit(request))
            except Exception as error:  # whatever it is, no traceback must reach the client
                response = self.refuse(request, error)
            response.headers["X-Request-Id"] = request_id.get()
            response.headers.setdefault("Cache-Control", "no-store")
            return response

        return guarded

    def identify(self, request: Request) -> ApiCaller:
        """The caller that sends the request.

        Raises:
            Unauthorized: It may not.
        """
        return request.app.state.authenticator.caller(request)

    def refuse(self, request: Request, error: Exception) -> Response:
        """The response to a request that ``error`` ended."""
        return refuse(request, error)

    async def admit(self, request: Request) -> Request:
        """The request with its body received, and the caller in its state.

        Raises:
            Forbidden, Unauthorized, InvalidField: It is not admitted.
        """
        settings = services_of(request).settings
        ensure_trusted(request.headers, settings.allowed_origins)
        request.state.caller = self.identify(request)
        if self.body_field is None:
            return request
        return await with_json_body(
            request,
            max_bytes=settings.max_body_bytes,
            seconds=settings.body_timeout,
            uploads=request.app.state.uploads,
        )


class KeyRoute(GuardedRoute):
    """Admits only whoever shows a key; an error always has its status."""

    def identify(self, request: Request) -> ApiCaller:
        caller = super().identify(request)
        if caller.key is None:
            raise Unauthorized("no key")
        return caller

    def refuse(self, request: Request, error: Exception) -> Response:
        return explain(request, error).response()


def services_of(request: Request) -> Services:
    """The services that ``chat_app.api.app.create_api`` was given."""
    return request.app.state.services


def caller_of(request: Request) -> ApiCaller:
    """Who sends the request."""
    return request.state.caller
