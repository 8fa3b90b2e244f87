"""Bounds on what reading a file may cost and return."""

from dataclasses import dataclass

MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Bounds of one file.

    Attributes:
        seconds: Time of the whole, and of the CPU.
        memory: Address space of the worker in bytes, where the system can limit it (not on Windows).
        unpacked: Bytes of a Word or Excel file, unpacked.
        pages: Pages, or sheets.
        chars: Characters of all pages.
        megapixels: Size of a picture as it is decoded; JPEGs are decoded at a half to an eighth of their size.
        side: Longest side of a picture for a model; of a thumbnail; of the picture of a page.
    """

    seconds: float = 30
    memory: int = 1_500 * MEGABYTE
    unpacked: int = 200 * MEGABYTE
    pages: int = 2_000
    chars: int = 5_000_000
    megapixels: int = 64
    side: int = 2048
    thumbnail_side: int = 512
    page_side: int = 1600
