"""The reader of files: starts a worker process for each."""

import asyncio
import logging
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Timer

from chat_app.infrastructure.files.bounds import MEGABYTE, Bounds
from chat_app.infrastructure.files.frames import Request, Result, read_result, write_request
from chat_app.models.errors import FileRefused
from chat_app.models.file_content import FileContent, Picture

logger = logging.getLogger(__name__)

_COMMAND = [sys.executable, "-m", "chat_app.infrastructure.files.worker"]
_PROJECT = Path(__file__).parents[3]
# What Python needs to start and to find packages. Nothing else: the environment of the server has secrets.
_VARIABLES = ("PATH", "LD_LIBRARY_PATH", "PYTHONPATH", "PYTHONHOME", "SYSTEMROOT", "TEMP")
_MAX_RESULT = 100 * MEGABYTE


class WorkerFileReader:
    """Reads files in worker processes. Implements ``services.ports.FileReader``.

    Args:
        workers: The most processes at a time; other files wait.
    """

    def __init__(self, bounds: Bounds | None = None, workers: int = 2) -> None:
        self._bounds = bounds or Bounds()
        # Threads, and not the event loop's processes, which Windows has in one kind of loop only.
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="file-reader")
        self._running: set[subprocess.Popen[bytes]] = set()

    async def read(self, content: bytes, name: str = "") -> FileContent:
        result = await self._run(Request(bounds=self._bounds, name=name), content)
        picture, thumbnail = result.pictures or (None, None)
        return FileContent(result.media_type, result.pages, picture, thumbnail)

    async def page_pictures(self, content: bytes, limit: int) -> list[Picture]:
        result = await self._run(Request(bounds=self._bounds, pictures=limit), content)
        return list(result.pictures)

    async def close(self) -> None:
        """End the workers; the files that they read are refused."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        for process in list(self._running):
            process.kill()

    async def _run(self, request: Request, content: bytes) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._work, request, content)

    def _work(self, request: Request, content: bytes) -> Result:
        """Run a worker to its end."""
        variables = {name: os.environ[name] for name in _VARIABLES if name in os.environ}
        pipe, nothing = subprocess.PIPE, subprocess.DEVNULL
        process = subprocess.Popen(  # noqa: S603 - a constant command
            _COMMAND, cwd=_PROJECT, env=variables, stdin=pipe, stdout=pipe, stderr=nothing, start_new_session=True
        )
        assert process.stdin and process.stdout  # noqa: S101 - pipes
        self._running.add(process)
        # Ends a worker that hangs, wherever: its pipes end, and with them what this thread waits for.
        timer = Timer(request.bounds.seconds, process.kill)
        timer.start()
        try:
            write_request(process.stdin, request, content)
            return read_result(process.stdout, _MAX_RESULT)
        except (OSError, ValueError) as error:
            process.kill()
            logger.warning("a file can't be read: its worker ended with %s, %r", process.wait(), error)
            raise FileRefused("too_complex") from error
        finally:
            timer.cancel()
            process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout):
                stream.close()
            self._running.discard(process)
