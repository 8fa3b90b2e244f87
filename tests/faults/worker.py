"""One worker: the API without the page, configured by the environment as the app is.

python -m tests.faults.worker 8001
"""

import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI

from chat_app.api.app import create_api, with_visitors
from chat_app.infrastructure.observability.logs import configure as configure_logs
from chat_app.infrastructure.server.options import uvicorn_options
from chat_app.lifespan import lifespan
from chat_app.wiring import services


@asynccontextmanager
async def _lifespan(_: FastAPI) -> AsyncGenerator[None, None]:
    async with lifespan():
        yield


def main() -> None:
    dependencies = services()
    configure_logs(dependencies.settings.log_format)
    api = create_api(dependencies)
    api.router.lifespan_context = _lifespan
    uvicorn.run(
        with_visitors(api, dependencies),
        port=int(sys.argv[1]),
        log_config=None,
        access_log=False,
        proxy_headers=False,
        **uvicorn_options(dependencies.settings),
    )


if __name__ == "__main__":
    main()
