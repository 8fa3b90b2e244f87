"""Small files of each kind, and the parts that hostile ones are made of."""

import zipfile
from base64 import b64decode
from io import BytesIO
from typing import Any

from docx import Document
from docx.enum.text import WD_BREAK
from openpyxl import Workbook
from PIL import Image
from PIL.PngImagePlugin import PngInfo

MARK = "SecretPhone"
"""Stands in the metadata of each picture."""

_ORIENTATION, _MAKER, _LOCATION = 0x0112, 0x010F, 0x8825


def picture(encoding: str, size: tuple[int, int] = (40, 20), *, orientation: int = 1, mode: str = "RGB") -> bytes:
    """A red picture with a blue upper left corner, and metadata: a place, a comment, the maker of the camera."""
    image = Image.new(mode, size, "red")
    image.paste(Image.new(mode, (size[0] // 4, size[1] // 4), "blue"))
    exif = Image.Exif()
    exif[_ORIENTATION] = orientation
    exif[_MAKER] = MARK
    exif[_LOCATION] = {1: "N", 2: (37.0, 33.0, 59.0), 3: "E", 4: (126.0, 58.0, 41.0)}
    options: dict[str, Any] = {"exif": exif}
    if encoding == "PNG":
        options["pnginfo"] = PngInfo()
        options["pnginfo"].add_text("Comment", MARK)
    elif encoding == "JPEG":
        options |= {"comment": MARK.encode(), "xmp": f"<x:xmpmeta>{MARK}</x:xmpmeta>".encode(), "quality": 95}
    file = BytesIO()
    image.save(file, encoding, **options)
    return file.getvalue()


def animation() -> bytes:
    """A GIF whose first frame is red, its second blue."""
    file = BytesIO()
    frames = [Image.new("RGB", (16, 16), colour) for colour in ("red", "blue")]
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:], comment=MARK.encode())
    return file.getvalue()


def pdf(*texts: str, encrypted: bool = False, media_box: str = "0 0 595 842") -> bytes:
    """A PDF with a page for each text, in ASCII; a page without text has no content, as one that was scanned."""
    kids = " ".join(f"{10 + 2 * number} 0 R" for number in range(len(texts)))
    objects = {
        1: "<< /Type /Catalog /Pages 2 0 R >>",
        2: f"<< /Type /Pages /Kids [{kids}] /Count {len(texts)} >>",
        3: "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    }
    for number, text in enumerate(texts):
        lines = " ".join(f"({line}) Tj 0 -16 Td" for line in text.splitlines())
        content = f"BT /F1 12 Tf 72 720 Td {lines} ET"
        page, stream = 10 + 2 * number, 11 + 2 * number
        objects[page] = (
            f"<< /Type /Page /Parent 2 0 R /MediaBox [{media_box}] /Contents {stream} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>"
        )
        objects[stream] = f"<< /Length {len(content)} >>\nstream\n{content}\nendstream"
    trailer = "/Root 1 0 R"
    if encrypted:
        objects[4] = f"<< /Filter /Standard /V 1 /R 2 /P -4 /O <{'41' * 32}> /U <{'42' * 32}> >>"
        trailer += f" /Encrypt 4 0 R /ID [<{'43' * 16}> <{'43' * 16}>]"
    body = "".join(f"{number} 0 obj\n{value}\nendobj\n" for number, value in objects.items())
    return f"%PDF-1.4\n{body}trailer\n<< {trailer} /Size {max(objects) + 1} >>\n%%EOF\n".encode()


def word(*pages: str) -> bytes:
    """A Word file with a break after each page."""
    document = Document()
    for number, text in enumerate(pages):
        paragraph = document.add_paragraph(text)
        if number < len(pages) - 1:
            paragraph.add_run().add_break(WD_BREAK.PAGE)
    file = BytesIO()
    document.save(file)
    return file.getvalue()


def word_table(*rows: tuple[str, ...]) -> bytes:
    document = Document()
    table = document.add_table(len(rows), len(rows[0]))
    for row, texts in zip(table.rows, rows, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    file = BytesIO()
    document.save(file)
    return file.getvalue()


def excel(**sheets: list[list[Any]]) -> bytes:
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    for title, rows in sheets.items():
        sheet = workbook.create_sheet(title)
        for row in rows:
            sheet.append(row)
    file = BytesIO()
    workbook.save(file)
    return file.getvalue()


def with_part(archive: bytes, name: str, content: bytes) -> bytes:
    """An office file with one of its parts replaced, or added."""
    file = BytesIO()
    with zipfile.ZipFile(BytesIO(archive)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for each in old.namelist():
            if each != name:
                new.writestr(each, old.read(each))
        new.writestr(name, content)
    return file.getvalue()


# 32 by 16 pixels, red, with a place and MARK as the maker of the camera. Only decoders of HEIC are free.
HEIC = b64decode(
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAb1tZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAADRpbG9j"
    "AAAAAERAAAIAAQAAAAAB4QABAAAAAAAAACkAAgAAAAACCgABAAAAAAAAAHIAAAA4aWluZgAAAAAAAgAAABVpbmZlAgAAAAABAABodmMxAAAA"
    "ABVpbmZlAgAAAQACAABFeGlmAAAAAA5waXRtAAAAAAABAAAA/GlwcnAAAADcaXBjbwAAAHVodmNDAQNwAAAAkAAAAAAAHvAA/P34+AAADwNg"
    "AAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQGEAAQApQgEBA3AAAAMAkAAAAwAAAwAeoCCBBZbqrprm4CGgwIAAAAyAAAADAIRiAAEABkQB"
    "wXPBiQAAABNjb2xybmNseAABAA0ABoAAAAAUaXNwZQAAAAAAAABAAAAAQAAAAChjbGFwAAAAIAAAAAEAAAAQAAAAAf///+AAAAAC////0AAA"
    "AAIAAAAQcGl4aQAAAAADCAgIAAAAGGlwbWEAAAAAAAAAAQABBYECAwWEAAAAGmlyZWYAAAAAAAAADmNkc2MAAgABAAEAAACjbWRhdAAAACUo"
    "Aa8LSFeQcPX9Olf/z0u/E2QcPlEheUCo1WpWgJySOXqQK4CwAAAABkV4aWYAAE1NACoAAAAIAAIBDwACAAAADAAAACaIJQAEAAAAAQAAADIA"
    "AAAAU2VjcmV0UGhvbmUAAAIAAQACAAAAAk4AAAAAAgAFAAAAAwAAAFAAAAAAAAAAJQAAAAEAAAAhAAAAAQAAADsAAAAB"
)
