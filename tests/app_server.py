"""The app in production or development mode, in processes of its own, on a copy of the checkout.

with AppServer(folder, OPENAI_BASE_URL=upstream.base_url) as server:
    ... server.url ...
    server.kill()  # as a power cut does
    server.start()  # on the same port and database, within two seconds
"""

import shutil
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path

from tests.server_process import ServerProcess, free_port

CHECKOUT = Path(__file__).parents[1]
PROJECT = [CHECKOUT / name for name in ("chat_app", "assets", "rxconfig.py", "requirements.txt", "reflex.lock")]

SERVE = ("python", "-m", "chat_app")
RUN = ("python", "-m", "reflex", "run", "--env", "prod")

SECRET_KEY = "a secret key for tests only"  # noqa: S105


class AppServer(ServerProcess):
    """The app in production mode, page and API on one port.

    Args:
        folder: An empty folder for the copy.
        sources: The files and folders of the app, this one's or another Reflex app's.
        command: The command that serves it.
        environment: The app's configuration; none of it comes from the tests' own environment.
    """

    def __init__(
        self, folder: Path, *, sources: Iterable[Path] = PROJECT, command: Sequence[str] = SERVE, **environment: str
    ) -> None:
        _copy(sources, folder)
        self.port = port = free_port()
        self.api_url = url = f"http://localhost:{port}{environment.get('REFLEX_FRONTEND_PATH', '')}"
        super().__init__(
            command,
            url,
            ready=[f"{url}/", f"{url}/ping"],
            folder=folder,
            environment=_environment(folder, port, port) | environment,
        )

    @property
    def database_url(self) -> str:
        return self._environment["DATABASE_URL"]

    def build(self) -> subprocess.Popen[bytes]:
        """Begin to build the page, without serving it."""
        return self._launch((*SERVE, "--build"), {})


class DevelopmentServer(ServerProcess):
    """The app in development mode, the page and the API on ports of their own."""

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
    # Suggested titles call the model once more, which other tests don't count.
    # Tests and benchmarks ask more often than people.
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
