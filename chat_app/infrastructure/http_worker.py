"""What gunicorn runs in production: uvicorn, with our connections and websockets."""

from uvicorn_worker import UvicornWorker

from chat_app.infrastructure.config import settings
from chat_app.infrastructure.http_server import server_options


class HttpWorker(UvicornWorker):
    """One process that serves the app."""

    CONFIG_KWARGS = {  # noqa: RUF012 - as it is there
        **UvicornWorker.CONFIG_KWARGS,
        **server_options(settings()),
    }
