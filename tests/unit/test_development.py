"""Development mode with an error in the app's code."""

import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from chat_app.components.kit.text import text
from chat_app.infrastructure.server import development

PING = "http://localhost:8000/ping"


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A file that can be imported as ``broken_app``."""
    monkeypatch.syspath_prepend(str(tmp_path))
    yield tmp_path / "broken_app.py"
    sys.modules.pop("broken_app", None)


async def ask(text: str, **headers: str) -> httpx.Response:
    transport = httpx.ASGITransport(development.failed_app(text))
    async with httpx.AsyncClient(transport=transport) as client:
        return await client.get(PING, headers=headers)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("app = lambda: colour\n", "broken_app.py, line 1: NameError: name 'colour' is not defined"),
        ("\napp = (\n", "broken_app.py, line 2: SyntaxError: '(' was never closed"),
        ("import nowhere_at_all\n", "broken_app.py, line 1: ModuleNotFoundError: No module named 'nowhere_at_all'"),
        ("import json\n\n\ndef app():\n    json.loads('')\n", "broken_app.py, line 5: json.decoder.JSONDecodeError: "),
        ("raise SystemExit('no')\n", "broken_app.py, line 1: SystemExit: no"),
    ],
    ids=["name", "syntax", "import", "inside a library", "exit"],
)
def test_a_mistake_is_explained_with_the_place_in_the_projects_own_code(module: Path, code: str, expected: str):
    module.write_text(code)
    with pytest.raises((Exception, SystemExit)) as raised:
        __import__("broken_app").app()
    assert development.explanation(raised.value, module.parent).startswith(expected)


def test_a_misspelt_name_of_a_sentence_is_explained_with_the_place_that_has_it():
    with pytest.raises(AttributeError) as raised:
        text("stopp")
    assert development.explanation(raised.value).startswith("tests/unit/test_development.py, line ")


async def test_a_failed_app_says_what_is_wrong():
    response = await ask("a.py, line 1: NameError")
    assert (response.status_code, response.text) == (500, "a.py, line 1: NameError")


@pytest.mark.parametrize(
    ("origin", "may_read"),
    [("http://localhost:3000", True), ("http://127.0.0.1:3100", True), ("https://evil.example", False)],
)
async def test_a_failed_app_is_read_by_pages_of_this_machine_alone(origin: str, may_read: bool):
    assert ("access-control-allow-origin" in (await ask("", Origin=origin)).headers) is may_read


def test_notes_on_an_error_do_not_hide_its_message():
    error = NameError("name 'colour' is not defined")
    error.add_note("Happened while evaluating a page")
    assert development.explanation(error) == "NameError: name 'colour' is not defined"
