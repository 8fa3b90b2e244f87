"""The JavaScript beside the components. What is tested, and with which text, is in the files in ``javascript``."""

import subprocess
from pathlib import Path

import pytest

from tests.javascript import CHECKOUT, beside_python, run_node_tests

COMPONENTS = CHECKOUT / "chat_app" / "components"
TESTS = Path(__file__).with_name("javascript")


@pytest.mark.parametrize("module", sorted(COMPONENTS.glob("*.js")), ids=lambda path: path.name)
def test_a_module_has_no_mistake_in_its_syntax(module: Path) -> None:
    command = [beside_python("node"), "--input-type=module", "--check"]
    checking = subprocess.run(command, input=module.read_text(), capture_output=True, text=True, check=False, timeout=60)
    assert checking.returncode == 0, checking.stderr


@pytest.mark.parametrize("module", sorted(COMPONENTS.glob("*.js")), ids=lambda path: path.name)
def test_a_module_says_what_it_does_and_why_python_cannot(module: Path) -> None:
    header = module.read_text().partition("*/")[0]
    assert header.startswith("/**")
    assert "JavaScript, since" in header


@pytest.mark.parametrize("tests", sorted(TESTS.glob("*.test.js")), ids=lambda path: path.name)
def test_the_modules_pass_their_own_tests(tests: Path, tmp_path: Path) -> None:
    run_node_tests(COMPONENTS, tests, tmp_path)
