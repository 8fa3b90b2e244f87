"""Uses of Reflex beyond its settings. Read in Reflex 0.10.1."""

import inspect
import os
import re
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, Unpack

import psutil
import reflex as rx
import uvicorn
from reflex.utils import exec as reflex_exec
from reflex_base.constants import PackageJson
from reflex_base.plugins.base import PostBuildContext
from reflex_base.utils.imports import ImportDict

_KILL_AFTER = 10  # seconds; Reflex prints the output of a child process that is killed


class HookProps:
    """Mixin for components whose own props are arguments of their hooks.

    Needs ``Component._exclude_props``, the names of props that aren't passed to React. Without it, React warns of
    unknown attributes and puts objects and functions into the document as text.
    """

    def _exclude_props(self) -> list[str]:
        own = (each for each in type(self).__mro__ if issubclass(each, HookProps))
        inherited: list[str] = super()._exclude_props()  # type: ignore[misc] - that of the component it is mixed into
        return [*inherited, *(name for each in own for name in inspect.get_annotations(each))]


def imports_of(expression: rx.Var) -> ImportDict:
    """The imports of an expression, for a component's custom code.

    Needs ``Var._get_all_var_data``. Reflex adds a var's imports only where it renders the var itself; in custom code,
    which is plain text, the names would be undefined.
    """
    data = expression._get_all_var_data()
    return dict(data.old_school_imports()) if data else {}


def speed_up_assets() -> None:
    """Have ``rx.asset`` find its caller without a search through all modules for each frame of Python's frozen modules.

    Needs ``inspect.modulesbyfile``, the cache of ``inspect.getmodule``, which ``rx.asset`` calls for each frame by
    ``inspect.stack``. Without it, these searches take two thirds of the time in which the app is imported
    (https://github.com/python/cpython/issues/92041).
    """
    for module in ("importlib._bootstrap", "importlib._bootstrap_external", "runpy"):
        inspect.modulesbyfile[f"<frozen {module}>"] = module


def is_reflex_command(*names: str) -> bool:
    """Return True if this process is Reflex's command line with one of these commands.

    Needs the name of its script, or of its package with ``python -m``. Without it, rxconfig.py, which servers and tests
    import too, couldn't lock the folder before Reflex compiles the page.
    """
    program = Path(sys.argv[0])
    is_reflex = program.stem == "reflex" or (program.name == "__main__.py" and program.parent.name == "reflex")
    return is_reflex and sys.argv[1:2] != [] and sys.argv[1] in names


def set_development_host(host: str) -> None:
    """Have the page's development server listen on the address of the API.

    Needs ``PackageJson.Commands.DEV``, the command that becomes ``npm run dev``; there is no setting. Without it, the
    server listens on all interfaces.
    """
    setattr(PackageJson.Commands, "DEV", f"react-router dev --host {host}")  # noqa: B010 - typed as a constant


def replace_production_server(serve: Callable[..., None]) -> None:
    """Have ``reflex run --env prod`` call ``serve(host, port, loglevel, mount_frontend_compiled_app)``.

    Needs ``reflex.utils.exec.run_backend_prod``, which runs gunicorn as a child process and waits for it. Without it, a
    SIGTERM leaves gunicorn behind with the port, and Ctrl-C kills it before answers are saved.
    """
    setattr(reflex_exec, "run_backend_prod", serve)  # noqa: B010 - typed as a function


def set_development_server(app: str, **options: Any) -> None:
    """Have ``reflex run`` serve this app with these options of uvicorn, and end its child processes.

    Needs ``uvicorn.run``, which ``reflex.utils.exec.run_uvicorn_backend`` calls. Without it, a mistake in the code ends
    the server instead of being shown on the page, only changes of Python files reload it, and its log isn't the app's.
    After a SIGTERM, which Reflex passes to npm's launcher alone, the page's development server keeps running, and
    Reflex waits for it (https://github.com/reflex-dev/reflex/issues/6980).

    Args:
        app: The import path of a function that returns the app.
    """
    own = {**options, "app": app}
    setattr(uvicorn, "run", partial(_run_and_end_children, uvicorn.run, own))  # noqa: B010 - typed as a function


def _run_and_end_children(run: Callable[..., None], own: dict[str, Any], **options: Any) -> None:
    try:
        run(**{**options, **own})
    finally:
        children = psutil.Process().children(recursive=True)
        for child in children:
            with suppress(psutil.NoSuchProcess):
                child.terminate()
        for child in psutil.wait_procs(children, timeout=_KILL_AFTER)[1]:
            with suppress(psutil.NoSuchProcess):
                child.kill()


def use_root_logger(*, as_json: bool) -> None:
    """Have Reflex's logger use the root logger's handlers, also in the processes that serve the app.

    Needs the environment variable with which the command line has ``reflex_base.utils.log`` attach handlers of its
    own. Without it, each record of Reflex is printed twice, once without time and level.

    Args:
        as_json: Whether Reflex prints as JSON what it doesn't log.
    """
    os.environ.pop("REFLEX_MANAGED_LOGGING", None)
    if as_json:
        os.environ["REFLEX_LOG_JSON"] = "true"


# In the part of the page that is made from .web/env.json.
_BUILT_IN_ADDRESS = re.compile(r"""(["'`])(http|ws)://localhost:\d+(/[^"'`]*)\1""")
# In the part made from .templates/web/utils/state.js, function getBackendURL: hosts that it replaces by the page's.
_REPLACED_HOSTS = re.compile(r"""\[(["'`])localhost\1,\1[^\]]*\]""")


class SameOriginApi(rx.plugins.Plugin):
    """Makes a built page call the API at the origin in the address bar, unless ``REFLEX_API_URL`` is set.

    Needs the API's addresses and ``getBackendURL`` in the built scripts. Reflex builds the addresses into the page; in
    the browser it replaces their host by the page's, but keeps the port of the build, or drops it behind HTTPS. Without
    it, the page has to be built anew for each port.
    """

    def post_build(self, **context: Unpack[PostBuildContext]) -> None:
        """Replace the addresses in the built page.

        Raises:
            RuntimeError: They aren't where this Reflex is known to put them.
        """
        scripts = {path: path.read_text("utf-8") for path in Path(context["static_dir"]).rglob("*.js")}
        addresses = {path for path, text in scripts.items() if _BUILT_IN_ADDRESS.search(text)}
        if not addresses:
            return
        hosts = {path for path, text in scripts.items() if _REPLACED_HOSTS.search(text)}
        if len(hosts) != 1:
            raise RuntimeError("this version of Reflex computes the API's address elsewhere: see compat/reflex.py")
        for path in addresses | hosts:
            text = _BUILT_IN_ADDRESS.sub(r'(location.origin.replace(/^http/,"\2")+"\3")', scripts[path])
            path.write_text(_REPLACED_HOSTS.sub("[]", text), "utf-8")
