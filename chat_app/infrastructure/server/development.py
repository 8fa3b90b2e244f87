"""The app for development: if its code can't be imported, a stand-in that answers with the error and its place.

uvicorn imports the app anew after each change. If that failed, its process would end, and the page could only say that
the connection is lost.
"""

import logging
import traceback
from importlib import import_module
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.types import ASGIApp

logger = logging.getLogger(__name__)

PROJECT = Path(__file__).parents[3]
# Files that look names up, which isn't where a name was misspelt.
_LOOKUPS = (__file__, str(PROJECT / "chat_app/components/kit/text.py"))

# The page's own addresses, with any port. Other sites must not read errors of the code.
_THIS_MACHINE = r"http://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?"


def app(module: str = "chat_app.chat_app") -> ASGIApp:
    """Return the app as Reflex compiles it, or ``failed_app`` with the error.

    Args:
        module: The importable name of the module with the Reflex app, ``app``.
    """
    try:
        return import_module(module).app()
    except (Exception, SystemExit) as error:
        logger.exception("the app can't be started; it is tried again with the next change")
        return failed_app(explanation(error))


def failed_app(text: str) -> ASGIApp:
    """Return an app that answers every HTTP request with 500 and ``text``, and refuses websockets."""

    async def fail(_: Request) -> PlainTextResponse:
        return PlainTextResponse(text, 500, {"Cache-Control": "no-store"})

    cors = Middleware(CORSMiddleware, allow_origin_regex=_THIS_MACHINE)
    return Starlette(routes=[Route("/{path:path}", fail)], middleware=[cors])


def explanation(error: BaseException, project: Path = PROJECT) -> str:
    """Describe the error, with the last place of its traceback in the project's own code.

    For example ``chat_app/components/conversation/answer.py, line 12: NameError: name 'colour' is not defined``.
    """
    described = traceback.TracebackException.from_exception(error)
    described.__notes__ = None  # Reflex adds the page's name, and notes come after the message
    what = list(described.format_exception_only())[-1].strip()
    if isinstance(error, SyntaxError) and error.filename:
        places = [(error.filename, error.lineno)]
    else:
        places = [(frame.filename, frame.lineno) for frame in traceback.extract_tb(error.__traceback__)]
    own = [
        (Path(file).relative_to(project), line)
        for file, line in places
        if Path(file).is_relative_to(project) and file not in _LOOKUPS
    ]
    return f"{own[-1][0].as_posix()}, line {own[-1][1]}: {what}" if own else what
