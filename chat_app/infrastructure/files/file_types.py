"""Recognition of a file's type by its content.

Only signatures are looked at. A file that has one and is something else fails when it is parsed.
"""

import zipfile
from io import BytesIO

from chat_app.infrastructure.files.bounds import Bounds
from chat_app.models.errors import FileRefused

PDF = "application/pdf"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HEIC = "image/heic"
PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp", HEIC, "image/avif")

_SIGNATURES = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
}
# https://nokiatech.github.io/heif/technical.html and https://aomediacodec.github.io/av1-avif/
_BRANDS = {b"avif": "image/avif", b"avis": "image/avif"} | dict.fromkeys(
    (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"), HEIC
)
_BRANDS_BYTES = 256  # a file names a few brands of four bytes each
_BEFORE_PDF = b"\xef\xbb\xbf\0\t\r\n\x0c "  # mail programs add such bytes
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # Word and Excel files before 2007, and encrypted newer ones
_OFFICE_PARTS = {"word/document.xml": WORD, "xl/workbook.xml": EXCEL}
_MAX_ENTRIES = 10_000


def recognise(content: bytes, bounds: Bounds) -> str | None:
    """Return the media type of a picture or document; ``None`` if the content has no known signature.

    Raises:
        FileRefused: The file is of a type that can't be read, or unpacks to more than ``bounds.unpacked``.
    """
    for signature, media_type in _SIGNATURES.items():
        if content.startswith(signature):
            return media_type
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return "image/webp"
    if content[4:8] == b"ftyp":
        return _by_brand(content)
    if content.startswith(b"PK\x03\x04"):
        return _office_type(content, bounds)
    if content.startswith(_OLE):
        raise FileRefused("encrypted" if "EncryptedPackage".encode("utf-16-le") in content else "old_office")
    if content.startswith(b"{\\rtf"):
        raise FileRefused("unsupported")
    return PDF if content[:1024].lstrip(_BEFORE_PDF).startswith(b"%PDF-") else None


def _by_brand(content: bytes) -> str:
    size = min(int.from_bytes(content[:4]), _BRANDS_BYTES, len(content))
    found = [_BRANDS[brand] for at in range(8, size, 4) if (brand := content[at : at + 4]) in _BRANDS]
    if not found:
        raise FileRefused("unsupported")  # a video
    return "image/avif" if "image/avif" in found else HEIC


def _office_type(content: bytes, bounds: Bounds) -> str:
    """Return the type of an office file, measured before anything is unpacked.

    The sizes that the directory names can be trusted: ``zipfile`` reads no further than them.
    """
    with zipfile.ZipFile(BytesIO(content)) as archive:
        entries = archive.infolist()
    names = {each.filename for each in entries}
    media_types = [media_type for part, media_type in _OFFICE_PARTS.items() if part in names]
    if not media_types:
        raise FileRefused("unsupported")
    if len(entries) > _MAX_ENTRIES or sum(each.file_size for each in entries) > bounds.unpacked:
        raise FileRefused("unpacks_too_large")
    return media_types[0]
