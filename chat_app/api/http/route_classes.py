"""Route classes of the API: authentication, limits of the body and error responses around every endpoint.

Route classes rather than middleware, so that only the API's requests pass them and not those of Reflex beside it.
https://fastapi.tiangolo.com/how-to/custom-request-and-route/
"""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from chat_app.api.http.body import with_json_body
from chat_app.api.http.errors import describe_error, stream_error_response
from chat_app.api.security.authentication import ApiCaller
from chat_app.api.security.csrf import ensure_trusted_origin
from chat_app.infrastructure.observability.logs import request_id
from chat_app.models.errors import Unauthorized
from chat_app.models.message import new_id
from chat_app.wiring import Services


class GuardedRoute(APIRoute):
    """Checks the origin, authenticates the caller and receives the body, in this order, then calls the endpoint.

    Exceptions become error responses; every response gets ``X-Request-Id`` and ``Cache-Control``.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            request_id.set(new_id())
            try:
                response = await handle(await self.admit(request))
            except Exception as error:  # of any kind: no traceback may reach the client
                response = self.error_response(request, error)
            response.headers["X-Request-Id"] = request_id.get()
            response.headers.setdefault("Cache-Control", "no-store")
            return response

        return guarded

    def authenticate(self, request: Request) -> ApiCaller:
        """Identify the caller.

        Raises:
            Unauthorized: It has no credentials, or invalid ones.
        """
        return request.app.state.authenticator.caller(request)

    def error_response(self, request: Request, error: Exception) -> Response:
        """The response to a request that raised ``error``."""
        return stream_error_response(request, error)

    async def admit(self, request: Request) -> Request:
        """Check, authenticate and receive the request; returns it with its body and with ``state.caller``.

        Raises:
            Forbidden, Unauthorized, InvalidField: It is not admitted.
        """
        self.check_origin(request)
        request.state.caller = self.authenticate(request)
        return await self.admit_body(request) if self.body_field else request

    def check_origin(self, request: Request) -> None:
        """Check that no other site has caused the request.

        Raises:
            Forbidden: One has.
        """
        ensure_trusted_origin(request.headers, services_of(request).settings.allowed_origins)

    async def admit_body(self, request: Request) -> Request:
        """Receive the body; returns the request with it.

        Raises:
            InvalidField, UploadsFull: As ``with_json_body``.
        """
        settings = services_of(request).settings
        return await with_json_body(
            request,
            max_bytes=settings.max_body_bytes,
            seconds=settings.body_timeout,
            budget=request.app.state.upload_budget,
        )


class KeyRoute(GuardedRoute):
    """Requires an API key, and sends errors with their status to a GET too."""

    def authenticate(self, request: Request) -> ApiCaller:
        caller = super().authenticate(request)
        if caller.key is None:
            raise Unauthorized("no key")
        return caller

    def error_response(self, request: Request, error: Exception) -> Response:
        return describe_error(request, error).response()


def services_of(request: Request) -> Services:
    """The services given to ``chat_app.api.app.create_api``."""
    return request.app.state.services


def caller_of(request: Request) -> ApiCaller:
    """The caller, as ``GuardedRoute.authenticate`` returned it."""
    return request.state.caller
