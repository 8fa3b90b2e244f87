"""Contract of ``ports.FileReader``: files are recognised by their content."""

from io import BytesIO

import pytest
from PIL import Image

from chat_app.infrastructure.files.reader import WorkerFileReader
from chat_app.models.errors import FileRefused
from chat_app.models.file_content import Page
from chat_app.services.ports import FileReader
from tests.fakes import FakeFileReader


@pytest.fixture(params=[WorkerFileReader, FakeFileReader])
async def reader(request: pytest.FixtureRequest) -> FileReader:
    return request.param()


def png(width: int = 4, height: int = 2) -> bytes:
    file = BytesIO()
    Image.new("RGB", (width, height), "red").save(file, "PNG")
    return file.getvalue()


async def test_a_text_is_one_page(reader: FileReader):
    read = await reader.read("Grüße\n안녕하세요\n".encode(), "notes.txt")
    assert (read.media_type, read.pages) == ("text/plain", (Page(1, "Grüße\n안녕하세요\n"),))
    assert (read.picture, read.is_scanned) == (None, False)


async def test_the_name_tells_kinds_of_text_apart(reader: FileReader):
    assert (await reader.read(b"a,b\n1,2\n", "table.csv")).media_type == "text/csv"


async def test_a_picture_comes_in_two_sizes_and_has_no_pages(reader: FileReader):
    read = await reader.read(png(), "red.png")
    assert read.picture and read.thumbnail
    assert (read.media_type, read.picture.media_type, read.pages) == ("image/png", "image/png", ())
    assert (read.picture.width, read.picture.height) == (4, 2)


@pytest.mark.parametrize("name", ["", "red.txt", "red.pdf", "../red.csv"])
async def test_the_content_decides_whatever_the_name_is(reader: FileReader, name: str):
    assert (await reader.read(png(), name)).media_type == "image/png"


@pytest.mark.parametrize(
    ("content", "problem"), [(b"", "empty"), (bytes(range(256)) * 4, "unsupported"), (b"MZ\0\0\x90\0", "unsupported")]
)
async def test_what_cannot_be_read_is_refused(reader: FileReader, content: bytes, problem: str):
    with pytest.raises(FileRefused) as caught:
        await reader.read(content, "report.pdf")
    assert caught.value.problem == problem


async def test_only_pdfs_have_pictures_of_pages(reader: FileReader):
    with pytest.raises(FileRefused):
        await reader.page_pictures(b"text", 3)
