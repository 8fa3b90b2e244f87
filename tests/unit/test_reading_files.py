"""Reading files in worker processes: pictures, documents and texts, and hostile ones."""

import asyncio
import time
import zlib
from collections.abc import AsyncIterator
from io import BytesIO

import psutil
import pytest
from PIL import Image

from chat_app.infrastructure.files import frames
from chat_app.infrastructure.files.bounds import Bounds
from chat_app.infrastructure.files.pictures import prepare
from chat_app.infrastructure.files.plain_text import decode, media_type_of
from chat_app.infrastructure.files.reader import WorkerFileReader
from chat_app.models.errors import FileRefused
from chat_app.models.file_content import Picture
from chat_app.texts import CATALOGUES
from tests import sample_files
from tests.fakes import until
from tests.sample_files import MARK, excel, pdf, picture, with_part, word, word_table


@pytest.fixture
async def reader() -> AsyncIterator[WorkerFileReader]:
    reader = WorkerFileReader()
    yield reader
    await reader.close()


async def problem_of(content: bytes, name: str = "", **bounds: float) -> str:
    """Why the reader refuses a file."""
    reader = WorkerFileReader(Bounds(**bounds))  # pyright: ignore[reportArgumentType] - as the test has them
    try:
        with pytest.raises(FileRefused) as caught:
            await reader.read(content, name)
    finally:
        await reader.close()
    sentence = CATALOGUES["en"].file_problems[caught.value.problem]
    assert sentence.format_map(caught.value.values)
    return caught.value.problem


def opened(read: Picture | None) -> Image.Image:
    assert read
    image = Image.open(BytesIO(read.content))
    assert (image.width, image.height) == (read.width, read.height)
    assert image.get_format_mimetype() == read.media_type
    return image


class TestPictures:
    @pytest.mark.parametrize("encoding", ["JPEG", "PNG", "WEBP", "AVIF"])
    async def test_metadata_is_removed(self, reader: WorkerFileReader, encoding: str):
        content = picture(encoding)
        assert MARK.encode() in content
        read = await reader.read(content)
        assert read.media_type == f"image/{encoding.lower()}"
        for each in (read.picture, read.thumbnail):
            image = opened(each)
            assert not image.getexif()
            assert image.info.keys() <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
            assert each and MARK.encode() not in each.content

    async def test_pictures_of_iphones_become_jpegs(self, reader: WorkerFileReader):
        assert MARK.encode() in sample_files.HEIC
        read = await reader.read(sample_files.HEIC, "IMG_0001.HEIC")
        image = opened(read.picture)
        assert (read.media_type, image.format, image.size) == ("image/heic", "JPEG", (32, 16))
        assert not image.getexif()

    @pytest.mark.parametrize(("orientation", "corner"), [(3, (35, 17)), (6, (17, 4)), (8, (2, 35))])
    def test_pictures_are_turned_upright(self, orientation: int, corner: tuple[int, int]):
        prepared, _ = prepare(picture("JPEG", orientation=orientation), Bounds())
        image = opened(prepared).convert("RGB")
        assert image.size == ((40, 20) if orientation == 3 else (20, 40))
        red, _, blue = image.getpixel(corner)  # pyright: ignore[reportGeneralTypeIssues] - three bands
        assert blue > red

    def test_pictures_are_scaled_down_and_not_up(self):
        small, large = [prepare(picture("JPEG", size), Bounds()) for size in ((40, 20), (5000, 2500))]
        assert [opened(each).size for each in small] == [(40, 20), (40, 20)]
        assert [opened(each).size for each in large] == [(2048, 1024), (512, 256)]

    def test_an_animation_is_its_first_frame(self):
        image = opened(prepare(sample_files.animation(), Bounds())[0])
        assert image.convert("RGB").getpixel((8, 8)) == (255, 0, 0)
        assert not image.info.get("comment")

    @pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "1", "I;16", "CMYK"])
    def test_pictures_of_any_mode_are_read(self, mode: str):
        file = BytesIO()
        Image.new(mode, (8, 8)).save(file, "JPEG" if mode == "CMYK" else "PNG")
        image = opened(prepare(file.getvalue(), Bounds())[0])
        assert image.has_transparency_data == (mode in ("RGBA", "LA"))


class TestDocuments:
    async def test_a_pdf_is_read_by_pages(self, reader: WorkerFileReader):
        read = await reader.read(pdf("First page", "Second page\nwith two lines"), "no-name")
        assert read.media_type == "application/pdf"
        assert [(page.number, page.text) for page in read.pages] == [
            (1, "First page"),
            (2, "Second page\nwith two lines"),
        ]

    async def test_a_scanned_pdf_has_no_text_and_pictures_of_its_pages(self, reader: WorkerFileReader):
        scanned = pdf("", "", "")
        assert (await reader.read(scanned)).is_scanned
        pictures = await reader.page_pictures(scanned, 2)
        assert [(opened(each).format, each.width, each.height) for each in pictures] == [("JPEG", 1131, 1600)] * 2

    async def test_a_page_of_any_size_becomes_a_picture_of_the_same_size(self, reader: WorkerFileReader):
        (rendered,) = await reader.page_pictures(pdf("", media_box="0 0 9000000 9000000"), 5)
        assert max(rendered.width, rendered.height) <= 1600

    async def test_a_word_file_is_read_by_pages(self, reader: WorkerFileReader):
        read = await reader.read(word("첫 쪽\tEins", "둘째 쪽"))
        assert [(page.number, page.text) for page in read.pages] == [(1, "첫 쪽\tEins"), (2, "둘째 쪽")]

    async def test_a_table_in_a_word_file_is_read_by_rows(self, reader: WorkerFileReader):
        (page,) = (await reader.read(word_table(("Name", "Age"), ("Ann", "42")))).pages
        assert page.text.split("\n")[:2] == ["Name\tAge\t", "Ann\t42\t"]

    async def test_an_excel_file_is_read_by_sheets(self, reader: WorkerFileReader):
        content = excel(Sales=[["City", "Won"], ["서울", 1200], ["Busan, Korea", 3.5]], Empty=[])
        read = await reader.read(content, "sales.txt")
        assert [(page.number, page.title, page.text) for page in read.pages] == [
            (1, "Sales", 'City,Won\n서울,1200\n"Busan, Korea",3.5\n'),
            (2, "Empty", ""),
        ]


class TestTexts:
    @pytest.mark.parametrize(
        ("text", "encoding"),
        [
            ("안녕하세요. 한국어 문서입니다.\n", "cp949"),
            ("이름,나이\n김철수,42\n똠방각하,7\n", "cp949"),
            ("안녕하세요", "utf-8-sig"),
            ("안녕하세요", "utf-16"),
            ("Hello", "utf-16-le"),
            ("안녕하세요", "utf-32"),
            ("Grüße aus Köln. Die Straße führt über die Brücke und schließlich zurück.\n" * 3, "cp1252"),
            ("def f():\n\treturn 1\n", "ascii"),
        ],
    )
    def test_any_usual_encoding_is_recognised(self, text: str, encoding: str):
        mark = b"\xff\xfe" if encoding == "utf-16-le" else b""
        assert decode(mark + text.encode(encoding)) == text

    def test_lines_end_alike_and_letters_are_composed(self):
        assert decode("한글\r\ne\u0301\rz\x01".encode() + b" " * 200) == "한글\né\nz" + " " * 200

    @pytest.mark.parametrize("content", [bytes(range(256)), b"\x7fELF\2\1\1\0\0", b"\x01\x02\x03" * 50, b"a\0b"])
    def test_binary_data_is_no_text(self, content: bytes):
        assert decode(content) is None

    @pytest.mark.parametrize("name", ["page.html", "page.svg", "page.js", "page.xhtml", "x"])
    def test_no_text_has_a_type_that_browsers_execute(self, name: str):
        assert media_type_of(name) == "text/plain"


class TestRefusals:
    @pytest.mark.parametrize(
        ("content", "problem"),
        [
            (b"", "empty"),
            (pdf("secret", encrypted=True), "encrypted"),
            (b"%PDF-1.7\nnothing", "damaged"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "old_office"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
            (with_part(word("a"), "word/document.xml", b"<w:document"), "damaged"),
            (b"\0\0\0\x18ftypmp42\0\0\0\0isommp42", "unsupported"),
            (b"PK\3\4 no archive", "damaged"),
        ],
        ids=["empty", "locked-pdf", "broken-pdf", "doc", "locked-docx", "broken-xml", "video", "no-zip"],
    )
    async def test_each_has_its_own_sentence(self, content: bytes, problem: str):
        assert await problem_of(content, "report.pdf") == problem

    async def test_truncated_files_are_read_in_part_or_refused(self, reader: WorkerFileReader):
        files = [picture(encoding, (400, 200)) for encoding in ("JPEG", "PNG", "WEBP", "AVIF")]
        files += [sample_files.HEIC, pdf("a", "b"), word("a", "b"), excel(a=[[1, 2]])]
        halves = [each[: len(each) // 2] for each in files]
        results = await asyncio.gather(*map(reader.read, halves), return_exceptions=True)
        assert [each for each in results if isinstance(each, Exception) and not isinstance(each, FileRefused)] == []
        assert sum(isinstance(each, FileRefused) for each in results) >= len(files) - 1

    async def test_a_picture_is_measured_before_it_is_decoded(self):
        header = b"IHDR" + (60_000).to_bytes(4) * 2 + b"\x08\x02\0\0\0"
        bomb = b"\x89PNG\r\n\x1a\n\0\0\0\x0d" + header + zlib.crc32(header).to_bytes(4) + b"\0\0\1\0IDAT"
        assert await problem_of(bomb) == "picture_too_large"

    async def test_an_archive_is_measured_before_it_is_unpacked(self):
        bomb = with_part(excel(a=[[1]]), "xl/media/zeros.bin", bytes(5_000_000))
        assert len(bomb) < 20_000
        assert await problem_of(bomb, unpacked=1_000_000) == "unpacks_too_large"

    async def test_entities_are_not_expanded(self):
        """Billion laughs: a few hundred bytes of XML that are gigabytes of text."""
        entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
        body = f'<w:document xmlns:w="{W}"><w:body><w:p><w:r><w:t>&e9;</w:t></w:r></w:p></w:body></w:document>'
        laughs = f'<!DOCTYPE d [<!ENTITY e0 "laughs">{entities}]>{body}'.encode()
        assert await problem_of(with_part(word("a"), "word/document.xml", laughs)) == "damaged"
        assert await problem_of(with_part(excel(a=[["a"]]), "xl/worksheets/sheet1.xml", laughs)) == "damaged"

    async def test_deeply_nested_xml_is_refused(self):
        depth = 100_000
        nested = f'<w:document xmlns:w="{W}"><w:body>{"<w:p>" * depth}{"</w:p>" * depth}</w:body></w:document>'
        assert await problem_of(with_part(word("a"), "word/document.xml", nested.encode())) == "damaged"

    async def test_a_pdf_that_claims_millions_of_pages_is_bounded(self):
        kids = " ".join(["10 0 R"] * 3_000)
        many = pdf("a").replace(b"/Kids [10 0 R] /Count 1", f"/Kids [{kids}] /Count 3000".encode())
        assert await problem_of(many) == "too_many_pages"

    async def test_more_text_than_the_bound_is_refused(self):
        assert await problem_of(b"word " * 100, chars=400) == "too_much_text"
        assert await problem_of(excel(a=[["word"] * 100]), chars=400) == "too_much_text"

    async def test_memory_is_bounded(self):
        file = BytesIO()
        Image.new("1", (7900, 7900)).save(file, "PNG")
        assert await problem_of(file.getvalue(), memory=200_000_000) == "too_complex"


W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def endless() -> bytes:
    """A small Excel file whose rows are as wide as a sheet can be: minutes of work."""
    ns = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    rows = "".join(f'<row r="{n}"><c r="XFD{n}"><v>1</v></c></row>' for n in range(1, 100_000))
    sheet = f'<worksheet xmlns="{ns}"><sheetData>{rows}</sheetData></worksheet>'
    return with_part(excel(a=[[1]]), "xl/worksheets/sheet1.xml", sheet.encode())


def workers() -> list[psutil.Process]:
    children = psutil.Process().children()
    return [each for each in children if "chat_app.infrastructure.files.worker" in " ".join(each.cmdline())]


class TestWorkers:
    async def test_time_is_bounded(self):
        content, started = endless(), time.monotonic()
        assert await problem_of(content, seconds=1) == "too_complex"
        assert time.monotonic() - started < 5
        assert workers() == []

    async def test_a_worker_knows_no_secrets_and_files_wait_for_one(self, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
        reader, content = WorkerFileReader(workers=2), endless()
        reading = [asyncio.create_task(reader.read(content)) for _ in range(4)]
        await until(lambda: len(workers()) == 2)
        assert [each.environ() for each in workers() if "sk-secret" in str(each.environ())] == []
        assert len(workers()) == 2
        await reader.close()
        results = await asyncio.gather(*reading, return_exceptions=True)
        assert all(isinstance(each, FileRefused | asyncio.CancelledError) for each in results)
        await until(lambda: workers() == [])

    @pytest.mark.parametrize(
        "sent",
        [
            b"",
            b"[]\n",
            b'{"problem": "unknown"}\n',
            b'{"problem": "too_much_text", "max": "<b>"}\n',
            b'{"media_type": "a", "pages": [[1, "", 9]], "pictures": []}\nshort',
            b'{"media_type": "a", "pages": [[1, "", 99999999]], "pictures": []}\n',
            b'{"media_type": "a", "pages": [[1, "", -1]], "pictures": []}\n',
            b'{"media_type": "a", "pages": [], "pictures": [["text/html", 1, 1, 4]]}\nhtml',
        ],
    )
    def test_a_result_of_another_form_is_an_error(self, sent: bytes):
        with pytest.raises(ValueError, match=r"worker|JSON|Expecting"):
            frames.read_result(BytesIO(sent), 1000)
