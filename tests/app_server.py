"""The app as people run it, in processes of its own, on a copy of the checkout that is built once.

with AppServer(folder, OPENAI_BASE_URL=upstream.base_url) as server:
    ... server.url ...
    server.kill()  # as a power cut does
    server.start()  # on the same port and database, within two seconds
"""

import shutil
from collections.abc import Iterable
from pathlib import Path

from tests.server import SECRET_KEY
from tests.server_process import ServerProcess, free_port

CHECKOUT = Path(__file__).parents[1]
PROJECT = [CHECKOUT / name for name in ("chat_app", "assets", "rxconfig.py", "requirements.txt", "reflex.lock")]

RUN = ["python", "-m", "reflex", "run", "--env", "prod"]

# What it does once it has built the frontend.
_SERVE = """
import os
from reflex.utils.exec import run_backend_prod
from reflex_base.constants import Env
from reflex_base.environment import environment

environment.REFLEX_ENV_MODE.set(Env.PROD)
run_backend_prod("127.0.0.1", int(os.environ["REFLEX_BACKEND_PORT"]), mount_frontend_compiled_app=True)
"""


class AppServer(ServerProcess):
    """Production mode, page and API on one port.

    Args:
        folder: An empty one for the copy.
        sources: The files and folders of the app, this one's or another Reflex app's.
        environment: The app's configuration; nothing of it comes from the environment of the tests.
    """

    def __init__(self, folder: Path, *, sources: Iterable[Path] = PROJECT, **environment: str) -> None:
        _copy(sources, folder)
        port = free_port()
        self.api_url = url = f"http://localhost:{port}"
        super().__init__(
            RUN,
            url,
            ready=[url, f"{url}/ping"],
            folder=folder,
            environment=_environment(folder, port, port) | environment,
        )

    @property
    def database_url(self) -> str:
        return self._environment["DATABASE_URL"]

    def start(self, **environment: str) -> None:
        if (self.folder / ".web" / "build").exists():
            self._run(["python", "-c", _SERVE], environment)
        else:
            self.run(**environment)

    def run(self, **environment: str) -> None:
        """Start it with the command that people use, which sees to it that the page is built."""
        self._run(RUN, environment)


class DevelopmentServer(ServerProcess):
    """Development mode, the page and the API on ports of their own."""

    def __init__(self, folder: Path, **environment: str) -> None:
        page, api = free_port(), free_port()
        url, self.api_url = f"http://localhost:{page}", f"http://localhost:{api}"
        super().__init__(
            ["python", "-m", "reflex", "run"],
            url,
            ready=[url, f"{self.api_url}/ping"],
            folder=folder,
            environment=_environment(folder, page, api) | environment,
        )


def _environment(folder: Path, page: int, api: int) -> dict[str, str]:
    ports = {"REFLEX_FRONTEND_PORT": str(page), "REFLEX_BACKEND_PORT": str(api)}
    variables = {"DATABASE_URL": f"sqlite:///{folder}/chat-{page}.db", "SECRET_KEY": SECRET_KEY}
    # A title is a call to the model that tests of others don't reckon with.
    # Tests and benchmarks ask more than people do.
    limits = dict.fromkeys(
        (
            "MAX_RUNNING_ANSWERS_EACH",
            "MAX_REQUESTS_PER_MINUTE",
            "MAX_REQUESTS_PER_MINUTE_EACH",
            "MAX_NEW_VISITORS_PER_MINUTE",
        ),
        "1000000",
    )
    return {**variables, **limits, "SUGGEST_TITLES": "false", **ports}


def _copy(sources: Iterable[Path], folder: Path) -> None:
    for source in sources:
        if source.is_dir():
            shutil.copytree(source, folder / source.name, ignore=shutil.ignore_patterns("__pycache__"))
        elif source.exists():
            shutil.copy(source, folder)
