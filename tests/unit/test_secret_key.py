"""The secret key: configured, or generated once and kept in a file."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pydantic import SecretStr

from chat_app.config import ConfigError
from chat_app.infrastructure.security.secret_key import secret_key
from tests.server import ChosenSettings


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "data" / "secret_key"


def test_a_configured_key_is_taken_and_nothing_is_written(file: Path):
    assert secret_key(ChosenSettings(secret_key=SecretStr("configured, and long")), file) == "configured, and long"
    assert not file.parent.exists()


def test_a_generated_key_stays_the_same(file: Path):
    first = secret_key(ChosenSettings(), file)
    assert len(first) >= 43
    assert secret_key(ChosenSettings(), file) == first


def test_only_its_owner_can_read_a_generated_key(file: Path):
    secret_key(ChosenSettings(), file)
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["secret_key"]


def test_processes_that_start_at_once_have_the_same_key(file: Path):
    with ThreadPoolExecutor(20) as starting:
        keys = set(starting.map(lambda _: secret_key(ChosenSettings(), file), range(20)))
    assert len(keys) == 1


def test_every_installation_has_another_key(tmp_path: Path):
    assert secret_key(ChosenSettings(), tmp_path / "a") != secret_key(ChosenSettings(), tmp_path / "b")


def test_the_key_has_to_be_configured_where_none_can_be_kept(file: Path):
    file.parent.write_text("a file where the folder should be")
    with pytest.raises(ConfigError, match="SECRET_KEY"):
        secret_key(ChosenSettings(), file)


def test_machines_that_share_redis_need_a_configured_key(file: Path):
    shared = ChosenSettings(database_url="postgresql://localhost/chat", redis_url="redis://localhost")
    with pytest.raises(ConfigError, match=r"^SECRET_KEY: .* with REDIS_URL each machine needs the same one"):
        secret_key(shared, file)
    assert not file.parent.exists()
