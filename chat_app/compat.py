"""Reflex's and uvicorn's inside, as far as the app depends on it. One function for each thing.

Each says in which version that was read, and what breaks without it.
"""

import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import uvicorn
from reflex.utils import exec as reflex_exec
from reflex_base.constants import PackageJson

from chat_app.infrastructure.production import serve

_KILL_AFTER = 3  # seconds


def is_reflex_command(*names: str) -> bool:
    """Whether this process is Reflex's command line with one of these commands.

    Needed to lock the folder before Reflex 0.10.1 compiles the page; rxconfig.py is also run by servers and tests.
    """
    program = Path(sys.argv[0])
    is_reflex = program.stem == "reflex" or (program.name == "__main__.py" and program.parent.name == "reflex")
    return is_reflex and sys.argv[1:2] != [] and sys.argv[1] in names


def develop_on(host: str) -> None:
    """Have Reflex 0.10.1's development server for the page listen where the API does, not to the whole network."""
    setattr(PackageJson.Commands, "DEV", f"react-router dev --host {host}")  # noqa: B010 - typed as a constant


def serve_in_place() -> None:
    """Have ``reflex run --env prod`` become the HTTP server.

    Reflex 0.10.1 runs gunicorn as a child and waits for it (``reflex.utils.exec.run_uvicorn_backend_prod``): a SIGTERM
    leaves gunicorn behind with the port, and Ctrl-C kills it before answers are saved.
    """
    setattr(reflex_exec, "run_backend_prod", serve)  # noqa: B010 - typed as a function


def serve_development_with(**options: Any) -> None:
    """Have ``uvicorn.run``, which Reflex 0.10.1 calls while developing, use these options, and end what is left then.

    Its app is ``chat_app.development``'s: after a mistake in the code there is a server that says so.

    After a SIGTERM Reflex ends npm's launcher only (``reflex.reflex._run_dev``). The development server for the page,
    three processes further down, would go on serving a page without an API, and Reflex would wait for it.
    """
    setattr(uvicorn, "run", partial(_run_and_end_children, uvicorn.run, **options))  # noqa: B010 - typed as a function


def _run_and_end_children(run: Callable[..., None], *arguments: Any, **options: Any) -> None:
    try:
        run(*arguments, **{**options, "app": "chat_app.development:app"})
    finally:
        children = psutil.Process().children(recursive=True)
        for child in children:
            with suppress(psutil.NoSuchProcess):
                child.terminate()
        for child in psutil.wait_procs(children, timeout=_KILL_AFTER)[1]:
            with suppress(psutil.NoSuchProcess):
                child.kill()
