"""README's references to files and variables, and its code, checked by the type checker alone and in the app."""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path

import pytest

from chat_app.config import Settings
from chat_app.texts.english import ENGLISH
from tests.app_server import PROJECT
from tests.readme import BLOCKS, CHECKOUT, README, block

# Variables of Reflex and of the benchmarks.
OTHERS = {
    "REFLEX_FRONTEND_PORT",
    "REFLEX_BACKEND_PORT",
    "REFLEX_BACKEND_HOST",
    "REFLEX_API_URL",
    "REFLEX_FRONTEND_PATH",
    "PEERS_PYTHON",
}
NAMES = re.compile(r"`([A-Z][A-Z\d]*(?:_[A-Z\d]+)+)")
PATHS = re.compile(r"`((?:chat_app|assets|tests|\.ci|\.deploy)/[\w./]*)`")


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the app with README's examples in it."""
    folder = tmp_path_factory.mktemp("readme")
    for source in PROJECT:
        (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / source.name)
    _edit(folder / "chat_app/components/conversation/answer.py", _with_word_count)
    _edit(folder / "chat_app/texts/catalogue.py", lambda source: f"{source.rstrip()}\n    words: str\n")
    for language, words in re.findall(r'Set\s`(words="words")`\sin\s.*?\sand\s`(words="단어")`', README, re.DOTALL):
        _edit(folder / "chat_app/texts/english.py", lambda source, field=language: _with_field(source, field))
        _edit(folder / "chat_app/texts/korean.py", lambda source, field=words: _with_field(source, field))
    for number, each in enumerate(each for each in BLOCKS if each.language == "python" and "import" in each.code):
        (folder / f"snippet_{number}.py").write_text(each.code, "utf-8")
    return folder


def test_readmes_python_passes_the_type_checker_on_its_own_and_in_the_app(app: Path) -> None:
    snippets = [path.name for path in app.glob("snippet_*.py")]
    changed = ["chat_app/components/conversation/answer.py", "chat_app/texts"]
    options = {"include": [*snippets, *changed], "typeCheckingMode": "standard"}
    (app / "pyrightconfig.json").write_text(json.dumps(options), "utf-8")
    checked = _run(app, "pyright", "-p", "pyrightconfig.json")
    assert len(snippets) == 3
    assert checked.returncode == 0, checked.stdout


def test_readmes_example_compiles_in_both_languages(app: Path) -> None:
    code = "from chat_app.components.conversation.answer import answer; print(answer._definition.component)"
    compiled = _run(app, sys.executable, "-c", code)
    assert compiled.returncode == 0, compiled.stderr
    korean = "단어".encode("unicode_escape").decode()
    assert f'{{ ["en"] : "words", ["ko"] : "{korean}" }}' in compiled.stdout


def test_readmes_javascript_has_no_syntax_error(tmp_path: Path) -> None:
    script = tmp_path / "snippet.mjs"
    script.write_text(block("js", "EventSource"), "utf-8")
    checked = _run(tmp_path, "node", "--check", str(script))
    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize("name", sorted(set(NAMES.findall(README))))
def test_each_variable_that_readme_names_exists(name: str) -> None:
    assert name.lower() in Settings.model_fields or name in OTHERS


@pytest.mark.parametrize("path", sorted(set(PATHS.findall(README))))
def test_each_file_that_readme_names_exists(path: str) -> None:
    assert (CHECKOUT / path).exists()


@pytest.mark.parametrize("code", sorted(ENGLISH.errors))
def test_readme_lists_each_error(code: str) -> None:
    (table,) = re.findall(r"^\| status, code \|.*?\n\n", README, re.MULTILINE | re.DOTALL)
    assert f"`{code}`" in table


def test_readmes_defaults_are_the_apps() -> None:
    rows = re.findall(r"^\| `([A-Z_]+)` \| `([^`]*)` \|", README, re.MULTILINE)
    defaults = {name: str(Settings.model_fields[name.lower()].default) for name, _ in rows}
    assert rows
    assert {name: value.lower() for name, value in defaults.items()} == dict(rows)


def test_readmes_settings_for_a_proxy_exist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text(block("ini", "ALLOWED_ORIGINS"), "utf-8")
    monkeypatch.chdir(tmp_path)
    assert set(Settings().model_fields_set) == {"allowed_origins", "cookie_secure", "trusted_proxies"}


def _with_word_count(source: str) -> str:
    """``answer.py`` with README's change applied."""
    function = block("python", "def _word_count").replace('"words"', 'text("words")')
    line = block("python", "_word_count(text_of(parts))")
    tree = ast.parse(source)
    (answer,) = [each for each in tree.body if isinstance(each, ast.FunctionDef) and each.name == "answer"]
    (actions,) = [
        each
        for each in ast.walk(answer)
        if isinstance(each, ast.Call) and isinstance(each.func, ast.Name) and each.func.id == "answer_actions"
    ]
    lines = source.splitlines(keepends=True)
    lines.insert(actions.end_lineno or 0, line)
    return "".join(lines) + "\n\n" + function


def _with_field(source: str, field: str) -> str:
    """A catalogue with another field."""
    return source.replace("Catalogue(\n", f"Catalogue(\n    {field},\n", 1)


def _edit(file: Path, change: Callable[[str], str]) -> None:
    file.write_text(change(file.read_text("utf-8")), "utf-8")


def _run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([sysconfig.get_path("scripts"), os.environ["PATH"]])
    environment = {name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"} | {"PATH": path}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
