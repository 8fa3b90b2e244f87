"""The JavaScript beside the components, tested by Node: each file of tests in ``javascript`` says what it expects."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.javascript import CHECKOUT, node_program, run_node_tests

COMPONENTS = CHECKOUT / "chat_app" / "components"
TESTS = Path(__file__).with_name("javascript")
LONG_TEST = "linear_time.test.js"

CHECK_SYNTAX = """
import {execFileSync} from "child_process";
for (const module of process.argv.slice(1)) execFileSync(process.execPath, ["--check", module]);
"""


def test_modules_have_no_mistake_in_their_syntax(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text('{"type": "module"}')
    modules = [shutil.copy(module, tmp_path) for module in [*COMPONENTS.rglob("*.js"), *TESTS.glob("*.js")]]
    command = [node_program("node"), "--input-type=module", "-e", CHECK_SYNTAX, *modules]
    checking = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert checking.returncode == 0, checking.stderr


@pytest.mark.parametrize("module", sorted(COMPONENTS.rglob("*.js")), ids=lambda path: path.name)
def test_a_module_says_what_it_does_and_why_python_cannot(module: Path) -> None:
    header = module.read_text("utf-8").partition("*/")[0]
    assert header.startswith("/**")
    assert "JavaScript, since" in header.replace("\n *", "")


@pytest.mark.parametrize("name", sorted(path.name for path in TESTS.glob("*.test.js") if path.name != LONG_TEST))
def test_the_scripts_of_the_page_pass_their_own_tests(name: str, tmp_path: Path) -> None:
    run_node_tests(COMPONENTS, TESTS / name, tmp_path)


@pytest.mark.long
def test_markdown_takes_time_that_grows_with_its_length_and_not_faster(tmp_path: Path) -> None:
    run_node_tests(COMPONENTS, TESTS / LONG_TEST, tmp_path)
