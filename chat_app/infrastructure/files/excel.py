"""Text of Excel files: a page for each sheet, with rows as CSV."""

import csv
from collections.abc import Iterator
from io import BytesIO, StringIO

from openpyxl import load_workbook

from chat_app.infrastructure.files.bounds import Bounds
from chat_app.infrastructure.files.plain_text import clean
from chat_app.models.errors import FileRefused
from chat_app.models.file_content import Page


def pages(content: bytes, bounds: Bounds) -> Iterator[Page]:
    """Read each sheet, row by row; of formulas the values that Excel has stored.

    Raises:
        FileRefused: A sheet has too much text, or there are too many of them.
    """
    # Read-only: rows are parsed one by one, whatever size the sheet claims to have.
    workbook = load_workbook(BytesIO(content), read_only=True, data_only=True, keep_links=False)
    if len(workbook.worksheets) > bounds.pages:
        raise FileRefused("too_many_pages", max=bounds.pages)
    for number, sheet in enumerate(workbook.worksheets, 1):
        sheet.reset_dimensions()
        table = StringIO()
        writer = csv.writer(table, lineterminator="\n")
        for row in sheet.iter_rows(values_only=True):
            cells = ["" if value is None else value for value in row]
            while cells and cells[-1] == "":
                cells.pop()
            if cells:
                writer.writerow(cells)
            if table.tell() > bounds.chars:
                raise FileRefused("too_much_text", max=bounds.chars)
        yield Page(number, clean(table.getvalue()), title=sheet.title)
