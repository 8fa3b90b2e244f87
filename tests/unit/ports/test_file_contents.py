"""Contract of ``ports.FileContents``: a folder, an S3 server, and the fake."""

from pathlib import Path

import pytest

from chat_app.infrastructure.files.contents import contents_at
from chat_app.models.errors import StorageUnavailable
from chat_app.services.ports import FileContents
from tests.fakes import FakeContents
from tests.s3_server import S3Server


@pytest.fixture(params=["folder", "s3", "fake"])
def contents(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FileContents:
    if request.param == "fake":
        return FakeContents()
    if request.param == "folder":
        return contents_at("", tmp_path / "files")
    s3: S3Server = request.getfixturevalue("s3_server")
    for name, value in s3.variables.items():
        monkeypatch.setenv(name, value)
    return contents_at(f"s3://{s3.create_bucket()}/chat", tmp_path)


async def test_a_content_is_read_as_it_was_stored(contents: FileContents):
    whole = bytes(range(256)) * 10_000
    await contents.put("a1/original", whole)
    await contents.put("a1/text", b"")
    assert await contents.get("a1/original") == whole
    assert await contents.get("a1/text") == b""


async def test_an_unknown_content_is_none(contents: FileContents):
    await contents.put("a1/original", b"Hello")
    assert await contents.get("a1/text") is None
    assert await contents.get("a2/original") is None


async def test_a_deleted_content_is_gone_and_the_others_stay(contents: FileContents):
    for name in ("a1/original", "a1/text", "a2/original"):
        await contents.put(name, name.encode())
    await contents.delete("a1/original")
    await contents.delete("a1/original")
    assert await contents.get("a1/original") is None
    assert await contents.get("a1/text") == b"a1/text"
    assert await contents.get("a2/original") == b"a2/original"


def test_a_folder_is_created_when_it_is_needed_and_only_its_owner_may_read_it(tmp_path: Path):
    folder = tmp_path / "files"
    contents = contents_at("", folder)
    assert not folder.exists()
    assert contents._store
    assert folder.stat().st_mode & 0o777 == 0o700


async def test_a_store_that_cannot_be_reached_is_unavailable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "files").write_text("not a folder")
    with pytest.raises(StorageUnavailable):
        await contents_at("", tmp_path / "files").put("a1/original", b"Hello")


@pytest.mark.parametrize("url", ["nothing", "ftp://host/path", "s3://"])
def test_an_address_of_no_known_store_is_refused(tmp_path: Path, url: str):
    with pytest.raises(ValueError):
        contents_at(url, tmp_path)
