"""Serving page and API in production: the calling process becomes the HTTP server.

As a child process, the server would outlive a SIGTERM to its parent, and Ctrl-C would end it without saving answers.
"""

import os
import shlex
import sys

from reflex_base.config import get_config
from reflex_base.constants import Env, LogLevel
from reflex_base.environment import environment

from chat_app.infrastructure.server.gunicorn_arguments import VARIABLE

APP = "chat_app.chat_app:app"


def serve(
    host: str, port: int, loglevel: LogLevel | None = None, mount_frontend_compiled_app: bool = True
) -> None:  # the parameters are those of reflex.utils.exec.run_backend_prod, in whose place it stands
    """Serve the app that has been built, until a signal ends it."""
    environment.REFLEX_ENV_MODE.set(Env.PROD)
    environment.REFLEX_SKIP_COMPILE.set(True)
    # Or ``rx.asset`` would link scripts into a folder that may be read-only, or may have moved since the build.
    environment.REFLEX_BACKEND_ONLY.set(True)
    environment.REFLEX_MOUNT_FRONTEND_COMPILED_APP.set(mount_frontend_compiled_app)
    level = (loglevel or get_config().loglevel.subprocess_level()).value
    if sys.platform == "win32":  # where there is no gunicorn
        import uvicorn  # noqa: PLC0415 - after rxconfig.py has replaced its ``run``

        uvicorn.run(APP, factory=True, host=host, port=port, log_level=level)
        return
    given = shlex.split(os.environ.get(VARIABLE, ""))
    options = ["--preload", "--bind", f"{host}:{port}", *given, "--log-level", level]
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(sys.executable, [sys.executable, "-m", "gunicorn", *options, f"{APP}()"])  # noqa: S606 - no shell
