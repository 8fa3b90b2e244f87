"""A worker process: reads one file from its standard input, writes the result to its standard output, and ends.

One process for each file: a file that takes over its worker sees no other, and what a library loses is freed.
"""

import contextlib
import os
import sys
import zipfile
from collections.abc import Iterable
from math import ceil
from typing import IO

# ruff: noqa: PLC0415 - parsers are imported where they are needed: all of them take half a second
# Own modules that need no other package: imported before the limits, so that Python may store their bytecode.
from chat_app.infrastructure.files import file_types, plain_text
from chat_app.infrastructure.files.bounds import Bounds
from chat_app.infrastructure.files.frames import Request, Result, read_request, write_refusal, write_result
from chat_app.models.errors import FileRefused
from chat_app.models.file_content import Page

_NICENESS = 5  # the server's event loop goes first


def main() -> None:
    """Answer one request."""
    output = _private_output()
    request, content = read_request(sys.stdin.buffer)
    _limit(request.bounds)
    try:
        result = _run(request, content)
    except FileRefused as refused:
        write_refusal(output, refused)
    except (MemoryError, RecursionError):
        write_refusal(output, FileRefused("too_complex"))
    except Exception:
        write_refusal(output, FileRefused("damaged"))
    else:
        write_result(output, result)
    # Without the parsers' clean-up, which may take long or crash.
    output.flush()
    os._exit(0)


def _private_output() -> IO[bytes]:
    """Return the standard output, and let all others who write to it write to the standard error."""
    output = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return output


def _limit(bounds: Bounds) -> None:
    """Limit memory and CPU, forbid writing files, and lower the priority."""
    try:
        import resource
    except ImportError:
        return
    seconds = ceil(bounds.seconds)
    limits = {
        resource.RLIMIT_AS: bounds.memory,
        resource.RLIMIT_CPU: seconds,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
    }
    for limit, value in limits.items():
        with contextlib.suppress(OSError, ValueError):  # macOS has no limit of the address space
            resource.setrlimit(limit, (value, value))
    os.nice(_NICENESS)


def _run(request: Request, content: bytes) -> Result:
    if not content:
        raise FileRefused("empty")
    try:
        media_type = file_types.recognise(content, request.bounds)
    except zipfile.BadZipFile as error:
        raise FileRefused("damaged") from error
    if request.pictures is not None:
        return _page_pictures(media_type, content, request.pictures, request.bounds)
    return _read(media_type, content, request)


def _page_pictures(media_type: str | None, content: bytes, limit: int, bounds: Bounds) -> Result:
    if media_type != file_types.PDF:
        raise FileRefused("unsupported")
    from chat_app.infrastructure.files import pdf

    return Result(media_type=media_type, pictures=tuple(pdf.page_pictures(content, limit, bounds)))


def _read(media_type: str | None, content: bytes, request: Request) -> Result:
    bounds = request.bounds
    match media_type:
        case None:
            text = plain_text.decode(content)
            if text is None:
                raise FileRefused("unsupported")
            return Result(media_type=plain_text.media_type_of(request.name), pages=_bounded([Page(1, text)], bounds))
        case file_types.PDF:
            from chat_app.infrastructure.files import pdf

            pages = pdf.pages(content, bounds)
        case file_types.WORD:
            from chat_app.infrastructure.files import word

            pages = word.pages(content)
        case file_types.EXCEL:
            from chat_app.infrastructure.files import excel

            pages = excel.pages(content, bounds)
        case _:
            from chat_app.infrastructure.files import pictures

            return Result(media_type=media_type, pictures=pictures.prepare(content, bounds))
    return Result(media_type=media_type, pages=_bounded(pages, bounds))


def _bounded(pages: Iterable[Page], bounds: Bounds) -> tuple[Page, ...]:
    kept: list[Page] = []
    chars = 0
    for page in pages:
        kept.append(page)
        chars += len(page.text)
        if chars > bounds.chars:
            raise FileRefused("too_much_text", max=bounds.chars)
        if len(kept) > bounds.pages:
            raise FileRefused("too_many_pages", max=bounds.pages)
    return tuple(kept)


if __name__ == "__main__":
    main()
