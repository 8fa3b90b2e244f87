"""Files: upload within limits, forms, deletion, and their place in prompts."""

from datetime import timedelta

import pytest

from chat_app.models.errors import FileRefused, NotFound, StorageUnavailable, TooManyRequests
from chat_app.models.file_content import Page
from chat_app.models.message import Role, Turn, now
from chat_app.models.parts import Text
from chat_app.services.answering.prompt_files import with_files_read
from chat_app.services.answering.quotes import INSTRUCTIONS
from chat_app.services.files.files import UPLOADS_PER_MINUTE, FileLimits, Files
from tests.conversing import ANN, BOB
from tests.fakes import FakeContents, FakeStore, files_in

LIMITS = FileLimits(file_bytes=1000, files=2, message_bytes=1500, quota=3000)
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x04\0\0\0\x02 and more"
REPORT = b"%PDF-1.7\nFirst page\fSecond page"
SCAN = b"%PDF-1.7\n\f\f"


@pytest.fixture
def contents() -> FakeContents:
    return FakeContents()


@pytest.fixture
def files(store: FakeStore, contents: FakeContents) -> Files:
    return files_in(store, contents, LIMITS)


async def attached(files: Files, *contents: bytes, text: str = "Look") -> Turn:
    """A question with files."""
    uploaded = [await files.upload(ANN, f"file {number}.txt", each) for number, each in enumerate(contents, 1)]
    return Turn(Role.USER, text, files.attached(ANN, [file.part for file in uploaded]))


class TestUploading:
    async def test_a_file_is_read_as_it_was_uploaded_by_its_owner_alone(self, files: Files):
        file = await files.upload(ANN, "notes.txt", b"Hello")
        assert (file.name, file.media_type, file.size) == ("notes.txt", "text/plain", 5)
        assert await files.original(ANN, file.id) == b"Hello"
        with pytest.raises(NotFound):
            await files.original(BOB, file.id)

    async def test_a_picture_has_smaller_forms(self, files: Files):
        file = await files.upload(ANN, "red.png", PNG)
        picture = await files.picture(ANN, file.id)
        assert (picture.content, picture.media_type, picture.width, picture.height) == (PNG, "image/png", 4, 2)
        assert await files.thumbnail(ANN, file.id) == picture

    async def test_a_text_has_no_thumbnail(self, files: Files):
        file = await files.upload(ANN, "notes.txt", b"Hello")
        with pytest.raises(NotFound):
            await files.thumbnail(ANN, file.id)

    @pytest.mark.parametrize(
        ("name", "stored"),
        [
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\ann\\보고서.txt", "보고서.txt"),
            ("", "text.plain"),
            ("a\u202etxt.exe", "a_u202etxt.exe"),
            ("a/b\0c\nd.txt", "b_x00c d.txt"),
            ("x" * 500 + ".markdown", "x" * 111 + ".markdown"),
        ],
    )
    async def test_a_name_is_one_line_that_every_system_accepts(self, files: Files, name: str, stored: str):
        assert (await files.upload(ANN, name, b"Hello")).name == stored

    async def test_a_file_that_cannot_be_read_is_refused_and_leaves_nothing(self, files: Files, contents: FakeContents):
        with pytest.raises(FileRefused):
            await files.upload(ANN, "empty.txt", b"")
        assert contents.stored == {}

    async def test_a_file_over_a_limit_is_refused_and_leaves_nothing(self, files: Files, contents: FakeContents):
        with pytest.raises(FileRefused) as caught:
            await files.upload(ANN, "long.txt", b"x" * 1001)
        assert caught.value.problem == "too_large"
        for _ in range(3):
            await files.upload(ANN, "long.txt", b"x" * 1000)
        kept = dict(contents.stored)
        with pytest.raises(FileRefused) as caught:
            await files.upload(ANN, "short.txt", b"x")
        assert caught.value.problem == "quota"
        assert contents.stored == kept

    async def test_too_many_uploads_in_a_minute_are_refused(self, files: Files):
        for _ in range(UPLOADS_PER_MINUTE):
            await files.upload(ANN, "notes.txt", b"x")
        with pytest.raises(TooManyRequests):
            await files.upload(ANN, "notes.txt", b"x")
        await files.upload(BOB, "notes.txt", b"x")

    async def test_an_outage_of_the_contents_is_an_outage_of_storage(self, files: Files, contents: FakeContents):
        contents.is_away = True
        with pytest.raises(StorageUnavailable):
            await files.upload(ANN, "notes.txt", b"Hello")

    async def test_a_deleted_file_leaves_nothing(self, files: Files, contents: FakeContents):
        file = await files.upload(ANN, "red.png", PNG)
        with pytest.raises(NotFound):
            await files.delete(BOB, file.id)
        await files.delete(ANN, file.id)
        assert contents.stored == {}
        with pytest.raises(NotFound):
            await files.get(ANN, file.id)

    async def test_an_old_file_that_was_never_sent_is_purged_with_its_contents(
        self, files: Files, store: FakeStore, contents: FakeContents, monkeypatch: pytest.MonkeyPatch
    ):
        await files.upload(ANN, "red.png", PNG)
        await files.purge()
        assert contents.stored
        monkeypatch.setattr("chat_app.services.files.files.now", lambda: now() + timedelta(days=2))
        await files.purge()
        assert contents.stored == {}


class TestSending:
    async def test_files_become_parts_of_a_message_in_their_order(self, files: Files):
        first, second = [await files.upload(ANN, f"{n}.txt", b"Hello") for n in "ab"]
        parts = await files.for_message(ANN, [second.id, first.id, second.id])
        assert [part.name for part in parts] == ["b.txt", "a.txt"]

    async def test_other_owners_files_are_not_found(self, files: Files):
        file = await files.upload(BOB, "notes.txt", b"Hello")
        with pytest.raises(NotFound):
            await files.for_message(ANN, [file.id])

    async def test_too_many_or_too_large_files_are_refused(self, files: Files):
        ids = [(await files.upload(ANN, "notes.txt", b"x" * 900)).id for _ in range(3)]
        for too_much, problem in ((ids, "too_many"), (ids[:2], "too_large_together")):
            with pytest.raises(FileRefused) as caught:
                await files.for_message(ANN, too_much)
            assert caught.value.problem == problem


class TestPrompt:
    async def test_the_text_of_a_document_comes_with_its_name_and_page_numbers(self, files: Files):
        (turn,) = (await with_files_read([await attached(files, REPORT)], 1000, sees=None)).turns
        pages = '<page number="1"/>\nFirst page\n\n<page number="2"/>\nSecond page'
        assert turn.text_with_documents == f'<file name="file 1.txt">\n{pages}\n</file>\n\n{INSTRUCTIONS}\n\nLook'

    async def test_a_name_cannot_end_the_files_text(self, files: Files):
        file = await files.upload(ANN, 'a"><b', b"Hello")
        turn = Turn(Role.USER, "", files.attached(ANN, [file.part]))
        (read,) = (await with_files_read([turn], 1000, sees=None)).turns
        assert "<b" not in read.text_with_documents

    async def test_a_picture_goes_to_models_that_see(self, files: Files):
        turn = await attached(files, PNG)
        for sees in (True, None):
            (read,) = (await with_files_read([turn], 1000, sees=sees)).turns
            assert [picture.content for picture in read.pictures] == [PNG]
        (read,) = (await with_files_read([turn], 1000, sees=False)).turns
        assert read.pictures == ()
        assert "left out" in read.text_with_documents

    async def test_pages_without_text_go_to_models_as_pictures(self, files: Files):
        (read,) = (await with_files_read([await attached(files, SCAN)], 1000, sees=True)).turns
        assert len(read.pictures) == 3

    async def test_what_does_not_fit_is_left_out_from_the_oldest_on_and_the_prompt_says_so(self, files: Files):
        old, new = await attached(files, b"a" * 80), await attached(files, b"b" * 80)
        read = (await with_files_read([old, Turn(Role.ASSISTANT, "Yes"), new], 100, sees=None)).turns
        assert "b" * 80 in read[2].documents[0]
        assert (
            read[0].documents[0] == '<file name="file 1.txt">\n(This file is left out; it has 80 characters.)\n</file>'
        )

    async def test_a_deleted_file_is_named_in_the_prompt(self, files: Files):
        file = await files.upload(ANN, "notes.txt", b"Hello")
        turn = Turn(Role.USER, "Look", files.attached(ANN, [file.part, Text("Look")]))
        await files.delete(ANN, file.id)
        (read,) = (await with_files_read([turn], 1000, sees=None)).turns
        assert 'name="notes.txt"' in read.text_with_documents
        assert "deleted" in read.text_with_documents

    async def test_agents_read_files_on_demand(self, files: Files):
        (file,) = (await attached(files, REPORT)).files
        assert (file.name, file.media_type) == ("file 1.txt", "application/pdf")
        assert await file.read() == REPORT
        assert await file.text() == "First page\n\nSecond page"
        assert (await file.content()).pages == (Page(1, "First page"), Page(2, "Second page"))
