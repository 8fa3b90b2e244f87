"""Start: whether the page has to be built first."""

import json
import os
import time
from pathlib import Path

import pytest

from chat_app.__main__ import is_built

PING, PING_ELSEWHERE = "http://localhost:3000/ping", "https://api.example.com/ping"

PAGE, ADDRESSES = ".web/build/client/index.html", ".web/env.json"
SOURCES = [
    "rxconfig.py",
    "requirements.txt",
    "assets/theme.css",
    "chat_app/state/conversation/chat.py",
    "reflex.lock/package.json",
]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose page has just been built, for an API on this machine."""
    for name in (*SOURCES, PAGE):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    _have_page_look_at(tmp_path, PING)
    _change(tmp_path / PAGE, after=1)
    return tmp_path


def test_a_page_is_not_built_again_while_nothing_changes(project: Path):
    assert is_built(project, PING)


@pytest.mark.parametrize("name", [PAGE, ADDRESSES])
def test_an_incomplete_page_is_built_again(project: Path, name: str):
    (project / name).unlink()
    assert not is_built(project, PING)


@pytest.mark.parametrize("name", SOURCES)
def test_a_page_older_than_its_sources_is_built_again(project: Path, name: str):
    _change(project / name, after=2)
    assert not is_built(project, PING)


def test_bytecode_beside_a_source_does_not_count(project: Path):
    (project / "chat_app/__pycache__").mkdir()
    _change(project / "chat_app/__pycache__", after=2)
    _change(project / "chat_app", after=2)
    assert is_built(project, PING)


def test_a_page_serves_any_port_of_this_machine(project: Path):
    _have_page_look_at(project, "http://localhost:4000/ping")
    assert is_built(project, PING)


@pytest.mark.parametrize("ping", [PING_ELSEWHERE, "http://10.0.0.5:3000/ping"])
def test_a_page_that_looks_for_the_api_elsewhere_is_built_again(project: Path, ping: str):
    _have_page_look_at(project, ping)
    assert not is_built(project, PING)


def test_an_api_with_an_address_of_its_own_makes_no_difference(project: Path):
    _have_page_look_at(project, PING_ELSEWHERE)
    assert is_built(project, PING_ELSEWHERE)


def test_a_page_for_another_path_is_built_again(project: Path):
    assert not is_built(project, PING, "/chat")
    below = project / PAGE.replace("client/", "client/chat/")
    below.parent.mkdir()
    (project / PAGE).rename(below)
    assert is_built(project, PING, "/chat/")
    assert not is_built(project, PING)


def _have_page_look_at(project: Path, ping: str) -> None:
    (project / ADDRESSES).write_text(json.dumps({"PING": ping}), encoding="utf-8")


def _change(path: Path, *, after: float) -> None:
    """Set the modification time, in minutes from now."""
    then = time.time() + after * 60
    os.utime(path, (then, then))
