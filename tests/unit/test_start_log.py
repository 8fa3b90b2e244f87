"""The startup log: the model, and misspelt variables."""

import logging
from pathlib import Path

import pytest

from chat_app.config import Settings
from chat_app.infrastructure.observability.start_log import log_start
from chat_app.model_servers import ModelServer


def lines(tmp_path: Path, caplog: pytest.LogCaptureFixture, variables: str, **settings: str) -> list[str]:
    """The records logged with these lines in ``.env``."""
    file = tmp_path / ".env"
    file.write_text(variables, encoding="utf-8")
    with caplog.at_level(logging.INFO, logger="chat_app"):
        config = Settings.model_validate(settings)
        log_start(config, config.model, file)
    return caplog.messages


def test_the_demo_model_is_logged_at_start(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    assert lines(tmp_path, caplog, "") == ["answers come from the demo model"]


def test_the_pages_address_is_logged_at_start(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("REFLEX_FRONTEND_PORT", "4000")
    lines(tmp_path, caplog, "")
    assert caplog.records[0].__dict__["fields"] == {"page": "http://localhost:4000"}


def test_a_configured_model_is_logged_at_start_with_its_address(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    (line,) = lines(tmp_path, caplog, "", openai_base_url="http://localhost:11434/v1", openai_model="llama3.2")
    assert line == "answers come from llama3.2 at http://localhost:11434/v1"


def test_a_model_of_another_server_is_logged_with_its_address(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    providers = [ModelServer(name="ollama", base_url="http://localhost:11434/v1")]
    for settings in ({}, {"openai_api_key": "sk-test", "openai_model": "ollama/llama3.2"}):
        config = Settings.model_validate({"providers": providers, **settings})
        with caplog.at_level(logging.INFO, logger="chat_app"):
            log_start(config, "ollama/llama3.2", tmp_path / ".env")
        assert caplog.messages[-1] == "answers come from ollama/llama3.2 at http://localhost:11434/v1"


SHARED = {"database_url": "postgresql://ann:hunter2@db/chat"}


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("rediss://ann:hunter2@redis.example.com:6380/1", "redis.example.com:6380"),
        ("unix:///run/redis.sock?db=1", "/run/redis.sock"),
    ],
)
def test_the_servers_that_several_workers_share_are_logged_at_start_without_passwords(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, url: str, place: str
):
    _, line = lines(tmp_path, caplog, "", **SHARED, redis_url=url, web_concurrency="2")
    assert line == "2 workers on this machine, sharing Redis and PostgreSQL"
    fields = caplog.records[1].__dict__["fields"]
    assert fields == {"workers": 2, "redis": place, "database": "postgresql"}


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("OPENAI_MODLE", "OPENAI_MODEL"),
        ("OPEN_AI_KEY", "OPENAI_API_KEY"),
        ("log_fromat", "LOG_FORMAT"),
        ("REFLEX_BAKEND_PORT", "REFLEX_BACKEND_PORT"),
    ],
)
def test_a_misspelt_variable_is_named_and_its_value_is_not(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, name: str, meant: str
):
    *_, line = lines(tmp_path, caplog, f"{name}=secret\n")
    assert line.startswith(f"{name} in ")
    assert line.endswith(f".env is no variable of this app; {meant} is one")


@pytest.mark.parametrize(
    "variable",
    [
        "OPENAI_MODEL=x",
        "openai_model=x",
        "PGPASSWORD=x",
        "REFLEX_API_URL=x",
        "REFLEX_BACKEND_PATH=x",
        "REFLEX_SSR=x",
        "",
    ],
)
def test_variables_of_other_programs_are_not_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture, variable: str):
    assert len(lines(tmp_path, caplog, variable)) == 1
