"""Results as Markdown, readable in a terminal."""

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass
class Table:
    """A title, the names of the columns, and the rows."""

    title: str
    columns: Sequence[str]
    rows: list[Sequence[str]] = field(default_factory=list)
    notes: str = ""

    def __str__(self) -> str:
        widths = [max(map(len, cells)) for cells in zip(self.columns, *self.rows, strict=True)]
        rule = ["-" * width for width in widths]
        lines = ["| " + " | ".join(map(str.ljust, row, widths)) + " |" for row in (self.columns, rule, *self.rows)]
        return "\n".join([f"### {self.title}", "", *lines, *(["", self.notes] if self.notes else [])])


def seconds(value: float) -> str:
    return f"{value:.2f} s"


def milliseconds(value: float) -> str:
    """``value`` is in seconds."""
    return f"{value * 1e3:.1f} ms"


def microseconds(value: float) -> str:
    """``value`` is in seconds."""
    return f"{value * 1e6:.0f} µs"


def kilobytes(value: float) -> str:
    """``value`` is in bytes; a kilobyte is 1000 of them."""
    return f"{value / 1e3:.1f} kB" if value < 1e5 else f"{value / 1e6:.2f} MB"
