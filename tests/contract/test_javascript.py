"""The JavaScript beside the components. What is tested, and with which text, is in the files in ``javascript``."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.javascript import CHECKOUT, beside_python, run_node_tests

COMPONENTS = CHECKOUT / "chat_app" / "components"
TESTS = Path(__file__).with_name("javascript")


def test_modules_have_no_mistake_in_their_syntax(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text('{"type": "module"}')
    modules = [shutil.copy(module, tmp_path) for module in [*COMPONENTS.glob("*.js"), *TESTS.glob("*.js")]]
    script = "for (const module of process.argv.slice(1)) execFileSync(process.execPath, ['--check', module]);"
    command = [
        beside_python("node"),
        "--input-type=module",
        "-e",
        f"import {{execFileSync}} from 'child_process'; {script}",
    ]
    checking = subprocess.run([*command, *modules], capture_output=True, text=True, check=False, timeout=120)
    assert checking.returncode == 0, checking.stderr


@pytest.mark.parametrize("module", sorted(COMPONENTS.glob("*.js")), ids=lambda path: path.name)
def test_a_module_says_what_it_does_and_why_python_cannot(module: Path) -> None:
    header = module.read_text("utf-8").partition("*/")[0]
    assert header.startswith("/**")
    assert "JavaScript, since" in header.replace("\n *", "")


def test_markdown_becomes_the_elements_it_should(tmp_path: Path) -> None:
    run_node_tests(COMPONENTS, TESTS / "markdown.test.js", tmp_path)


@pytest.mark.parametrize(
    "tests", ["message_time.test.js", "mistake.test.js", "page_start.test.js", "picture_view.test.js"]
)
def test_the_scripts_of_the_page_pass_their_own_tests(tests: str, tmp_path: Path) -> None:
    run_node_tests(COMPONENTS, TESTS / tests, tmp_path)


@pytest.mark.long
def test_markdown_takes_time_that_grows_with_its_length_and_not_faster(tmp_path: Path) -> None:
    run_node_tests(COMPONENTS, TESTS / "linear_time.test.js", tmp_path)
