"""The HTTP API. It runs alone, or with Reflex mounted inside it."""

from typing import Any

from fastapi import FastAPI
from starlette.types import ASGIApp
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from chat_app.api import archive, completions, stream, watching
from chat_app.api.authentication import Authenticator
from chat_app.api.keys import ApiKeys
from chat_app.api.tickets import Tickets
from chat_app.api.unknown_paths import unknown_paths
from chat_app.api.uploads import Uploads
from chat_app.api.visitor_cookie import VisitorCookie
from chat_app.identity import COOKIE
from chat_app.infrastructure.access_log import hide_queries
from chat_app.infrastructure.signer import TokenIssuer, ValueSigner
from chat_app.wiring import Services


def create_api(services: Services, *, is_open: bool = False) -> FastAPI:
    """The API over ``services``, which whoever runs it opens and closes.

    Args:
        is_open: Whether anyone on this machine may ask, without a key.
    """
    hide_queries()
    api = FastAPI(title="Chat", description=stream.__doc__ or "")
    keys = ApiKeys(services.settings.stream_api_keys)
    tickets = Tickets(TokenIssuer(services.secret_key, "ticket"), services.limiter)
    api.state.services = services
    api.state.tickets = tickets
    api.state.uploads = Uploads(services.settings.max_upload_bytes)
    api.state.authenticator = Authenticator(keys, tickets, is_open=is_open)
    for router in (
        stream.router,
        stream.tickets,
        completions.router,
        archive.router,
        watching.health,
        watching.figures,
    ):
        api.include_router(router)
    api.router.routes.extend(unknown_paths())
    return api


def with_visitors(app: ASGIApp, services: Services) -> ASGIApp:
    """Page and API together: every request is known to be from its visitor, whatever proxies it came through."""
    settings = services.settings
    signer = ValueSigner(services.secret_key, COOKIE)
    # What ASGI calls an application has types of uvicorn's own, and of Starlette's own.
    visitors: Any = VisitorCookie(
        app,
        signer=signer,
        limiter=services.limiter,
        max_new=settings.max_new_visitors_per_minute,
        secure=settings.cookie_secure,
    )
    behind_proxies: Any = ProxyHeadersMiddleware(visitors, settings.trusted_proxies)
    return behind_proxies
