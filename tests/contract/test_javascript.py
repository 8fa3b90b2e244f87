"""Unit tests of the components' JavaScript, run by Node: one for each file in ``javascript``."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.built_page import built_packages
from tests.javascript import CHECKOUT, node_program, page_packages, run_node_tests

COMPONENTS = CHECKOUT / "chat_app" / "components"
TESTS = Path(__file__).with_name("javascript")
LONG_TEST = "linear_time.test.js"

CHECK_SYNTAX = """
import {readFileSync} from "fs";
import {SourceTextModule} from "vm";
for (const module of process.argv.slice(1)) new SourceTextModule(readFileSync(module, "utf8"), {identifier: module});
"""


@pytest.fixture(scope="module")
def packages(shared_folder: Path) -> Iterator[Path]:
    """The page's ``node_modules``: that of the run's own build of the page, or else one for these tests."""
    if built := built_packages(shared_folder):
        yield built
    else:
        with page_packages() as packages:
            yield packages


@pytest.fixture(scope="module")
def failures(packages: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """The failures of each file of tests. Node runs all files at once: starting it takes longer than most tests."""
    tests = [path for path in sorted(TESTS.glob("*.test.js")) if path.name != LONG_TEST]
    return run_node_tests(COMPONENTS, tests, packages, tmp_path_factory.mktemp("javascript"))


def test_modules_have_no_mistake_in_their_syntax() -> None:
    modules = map(str, [*COMPONENTS.rglob("*.js"), *TESTS.glob("*.js")])
    options = ["--input-type=module", "--experimental-vm-modules"]
    command = [node_program("node"), *options, "-e", CHECK_SYNTAX, *modules]
    checking = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert checking.returncode == 0, checking.stderr


@pytest.mark.parametrize("module", sorted(COMPONENTS.rglob("*.js")), ids=lambda path: path.name)
def test_a_module_says_what_it_does_and_why_python_cannot(module: Path) -> None:
    header = module.read_text("utf-8").partition("*/")[0]
    assert header.startswith("/**")
    assert "JavaScript, since" in header.replace("\n *", "")


@pytest.mark.parametrize("name", sorted(path.name for path in TESTS.glob("*.test.js") if path.name != LONG_TEST))
def test_the_scripts_of_the_page_pass_their_own_tests(name: str, failures: dict[str, list[str]]) -> None:
    assert failures[name] == []


def test_markdown_passes_the_checks_of_the_parsers_development_build(packages: Path, tmp_path: Path) -> None:
    """``reflex run`` serves that build of micromark."""
    name, options = "markdown.test.js", ["--conditions=development"]
    assert run_node_tests(COMPONENTS, [TESTS / name], packages, tmp_path, options=options) == {name: []}


@pytest.mark.long
def test_markdown_takes_time_that_grows_with_its_length_and_not_faster(packages: Path, tmp_path: Path) -> None:
    assert run_node_tests(COMPONENTS, [TESTS / LONG_TEST], packages, tmp_path) == {LONG_TEST: []}
