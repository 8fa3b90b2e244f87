"""What gunicorn runs in production: uvicorn, with our connections."""

from uvicorn_worker import UvicornWorker

from chat_app.infrastructure.config import settings
from chat_app.infrastructure.http_server import connections


class HttpWorker(UvicornWorker):
    """One process that serves the app."""

    CONFIG_KWARGS = {**UvicornWorker.CONFIG_KWARGS, "http": connections(settings())}  # noqa: RUF012 - as it is there
