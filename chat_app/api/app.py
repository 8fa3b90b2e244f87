"""The HTTP API. It runs alone, or with Reflex mounted inside it."""

from fastapi import FastAPI

from chat_app.api import stream
from chat_app.wiring import Services

BODY_TIMEOUT = 30.0  # seconds


def create_api(services: Services, *, body_timeout: float = BODY_TIMEOUT) -> FastAPI:
    """The API over ``services``, which whoever runs it opens and closes.

    Args:
        body_timeout: Seconds a client may take to send the body of its request.
    """
    api = FastAPI(title="Chat", description=stream.__doc__ or "")
    api.state.services = services
    api.state.body_timeout = body_timeout
    api.include_router(stream.router)
    return api
