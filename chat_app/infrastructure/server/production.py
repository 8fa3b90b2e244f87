"""The production server: the calling process becomes the HTTP server for page and API.

As a child process, the server would outlive a SIGTERM to its parent, and Ctrl-C would end it without saving answers.
"""

import os
import shlex
import sys

import uvicorn
from reflex_base.config import get_config
from reflex_base.constants import Env, LogLevel
from reflex_base.environment import environment

from chat_app.config import settings
from chat_app.infrastructure.observability.metrics import make_shared_folder
from chat_app.infrastructure.server.options import VARIABLE, uvicorn_options, worker_count

APP = "chat_app.chat_app:app"


def serve(
    host: str, port: int, loglevel: LogLevel | None = None, mount_frontend_compiled_app: bool = True
) -> None:  # the parameters are those of reflex.utils.exec.run_backend_prod, in whose place it stands
    """Serve the built app until a signal ends it."""
    environment.REFLEX_ENV_MODE.set(Env.PROD)
    environment.REFLEX_SKIP_COMPILE.set(True)
    # Or ``rx.asset`` would link scripts into a folder that may be read-only, or may have moved since the build.
    environment.REFLEX_BACKEND_ONLY.set(True)
    environment.REFLEX_MOUNT_FRONTEND_COMPILED_APP.set(mount_frontend_compiled_app)
    level = (loglevel or get_config().loglevel.subprocess_level()).value
    if sys.platform == "win32":  # where there is no gunicorn
        config = uvicorn.Config(
            APP, factory=True, host=host, port=port, log_level=level, log_config=None, **uvicorn_options(settings())
        )
        uvicorn.Server(config).run()
        return
    given = shlex.split(os.environ.get(VARIABLE, ""))
    workers = worker_count(os.environ.get(VARIABLE, ""))
    os.environ["WEB_CONCURRENCY"] = str(workers)  # the workers' own settings, whichever variable named it
    if workers > 1:
        make_shared_folder()
    options = ["--preload", "--bind", f"{host}:{port}", *given, "--log-level", level]
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(sys.executable, [sys.executable, "-m", "gunicorn", *options, f"{APP}()"])  # noqa: S606 - no shell
