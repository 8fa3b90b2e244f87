"""The HTTP API as a FastAPI application, which Reflex is mounted in, and the middleware around both."""

from typing import Any

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline
from starlette.types import ASGIApp

from chat_app.api.files import routes as files
from chat_app.api.http.below_path import BelowPath
from chat_app.api.http.unknown_paths import unknown_paths
from chat_app.api.http.upload_budget import UploadBudget
from chat_app.api.openai import completions
from chat_app.api.operations import archive, monitoring
from chat_app.api.security.allowed_hosts import AllowedHosts
from chat_app.api.security.authentication import Authenticator
from chat_app.api.security.connect_timeout import ConnectTimeout
from chat_app.api.security.keys import ApiKeys
from chat_app.api.security.proxies import TrustedProxies
from chat_app.api.security.tickets import Tickets
from chat_app.api.security.visitor_cookie import VisitorCookie
from chat_app.api.stream import routes as stream
from chat_app.infrastructure.observability.foreign_logs import remove_queries_from_access_log
from chat_app.infrastructure.security.identity import COOKIE
from chat_app.infrastructure.security.signer import TokenIssuer, ValueSigner
from chat_app.infrastructure.server.connections import TrackedConnections
from chat_app.wiring import Services


def create_api(services: Services, *, is_open: bool = False) -> FastAPI:
    """Create the API.

    Args:
        services: Opened and closed by the caller.
        is_open: Admit clients on this machine without credentials.
    """
    remove_queries_from_access_log()
    api = FastAPIOffline(title="Chat", description=stream.__doc__ or "", redoc_url=None)
    api.state.services = services
    api.state.tickets = _tickets(services)
    api.state.authenticator = _authenticator(services, is_open=is_open)
    api.state.upload_budget = UploadBudget(services.settings.max_upload_bytes)
    for router in (
        stream.router,
        stream.tickets,
        completions.router,
        files.uploads,
        files.downloads,
        files.router,
        archive.router,
        monitoring.health_router,
        monitoring.metrics_router,
    ):
        api.include_router(router)
    api.router.routes.extend(unknown_paths())
    return api


def with_visitors(app: ASGIApp, services: Services, *, path: str = "") -> ASGIApp:
    """Wrap page and API in the middleware for shutdown, proxies, hosts, visitor cookies and silent websockets.

    Args:
        path: The app's path on its host, without a slash at its end; empty for the root.
    """
    settings = services.settings
    signer = ValueSigner(services.secret_key, COOKIE)
    # ``Any``: uvicorn and Starlette have types of their own for an ASGI application.
    connected: Any = ConnectTimeout(app, settings.body_timeout)
    visitors: Any = VisitorCookie(
        connected,
        signer=signer,
        limiter=services.limiter,
        max_new=settings.max_new_visitors_per_minute,
        secure=settings.cookie_secure,
    )
    hosts: Any = AllowedHosts(
        visitors,
        hosts=settings.allowed_hosts,
        origins=settings.allowed_origins,
        authenticator=_authenticator(services),
        metrics=services.metrics,
    )
    behind_proxies: Any = TrustedProxies(hosts, settings.trusted_proxies)
    below: Any = BelowPath(behind_proxies, path) if path else behind_proxies
    tracked: Any = TrackedConnections(below, services.connections)
    return tracked


def _tickets(services: Services) -> Tickets:
    return Tickets(TokenIssuer(services.secret_key, "ticket"), services.limiter)


def _authenticator(services: Services, *, is_open: bool = False) -> Authenticator:
    return Authenticator(ApiKeys(services.settings.stream_api_keys), _tickets(services), is_open=is_open)
