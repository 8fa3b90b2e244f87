"""All uses of what is private in Reflex and uvicorn, one function or class each.

Each says in which version it was read, and what breaks without it.
"""

import inspect
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import reflex as rx
import uvicorn
from reflex.utils import exec as reflex_exec
from reflex_base.constants import PackageJson
from reflex_base.utils.imports import ImportDict

from chat_app.infrastructure.server.production import serve

_KILL_AFTER = 3  # seconds


class HookProps:
    """Mixin of components whose own props are arguments of their hooks.

    Reflex 0.10.1 hands all props to React, but for those that ``Component._exclude_props`` names. Without this, React
    would warn of unknown attributes, and put objects and functions into the document as text.
    """

    def _exclude_props(self) -> list[str]:
        own = (each for each in type(self).__mro__ if issubclass(each, HookProps))
        inherited: list[str] = super()._exclude_props()  # type: ignore[misc] - that of the component it is mixed into
        return [*inherited, *(name for each in own for name in inspect.get_annotations(each))]


def imports_of(expression: rx.Var) -> ImportDict:
    """The imports that an expression needs, for a component's custom code, which is plain text.

    Reflex 0.10.1 adds a var's imports (``Var._get_all_var_data``) only where the var itself is rendered.
    """
    data = expression._get_all_var_data()
    return dict(data.old_school_imports()) if data else {}


def is_reflex_command(*names: str) -> bool:
    """Whether this process is Reflex's command line with one of these commands.

    Read in Reflex 0.10.1. Without it, rxconfig.py, which servers and tests run too, couldn't lock the folder before
    Reflex compiles the page.
    """
    program = Path(sys.argv[0])
    is_reflex = program.stem == "reflex" or (program.name == "__main__.py" and program.parent.name == "reflex")
    return is_reflex and sys.argv[1:2] != [] and sys.argv[1] in names


def develop_on(host: str) -> None:
    """Have the development server for the page listen where the API does.

    Reflex 0.10.1 has no setting for it. Without this, the server listens to the whole network.
    """
    setattr(PackageJson.Commands, "DEV", f"react-router dev --host {host}")  # noqa: B010 - typed as a constant


def serve_in_place() -> None:
    """Have ``reflex run --env prod`` become the HTTP server.

    Reflex 0.10.1 runs gunicorn as a child and waits for it (``reflex.utils.exec.run_uvicorn_backend_prod``): a SIGTERM
    leaves gunicorn behind with the port, and Ctrl-C kills it before answers are saved.
    """
    setattr(reflex_exec, "run_backend_prod", serve)  # noqa: B010 - typed as a function


def serve_development_with(**options: Any) -> None:
    """Have ``uvicorn.run``, which Reflex 0.10.1 calls while developing, use these options and end its child processes.

    It serves the app of ``chat_app.infrastructure.server.development``, which shows a mistake in the code on the page.

    After a SIGTERM Reflex ends npm's launcher only (``reflex.reflex._run_dev``). The development server for the page,
    three processes further down, would go on serving a page without an API, and Reflex would wait for it.
    """
    setattr(uvicorn, "run", partial(_run_and_end_children, uvicorn.run, **options))  # noqa: B010 - typed as a function


def _run_and_end_children(run: Callable[..., None], *arguments: Any, **options: Any) -> None:
    try:
        run(*arguments, **{**options, "app": "chat_app.infrastructure.server.development:app"})
    finally:
        children = psutil.Process().children(recursive=True)
        for child in children:
            with suppress(psutil.NoSuchProcess):
                child.terminate()
        for child in psutil.wait_procs(children, timeout=_KILL_AFTER)[1]:
            with suppress(psutil.NoSuchProcess):
                child.kill()
