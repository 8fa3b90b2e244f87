"""Contents of files in a folder, or in S3 and compatible stores."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cached_property, partial
from pathlib import Path

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, from_url

from chat_app.infrastructure.security.private_folder import make_private
from chat_app.models.errors import StorageUnavailable


class ObjectContents:
    """Contents in an object store. Implements ``chat_app.services.ports.FileContents``.

    Args:
        open_store: Opens the store when it is first needed.
    """

    def __init__(self, open_store: Callable[[], ObjectStore]) -> None:
        self._open_store = open_store

    @cached_property
    def _store(self) -> ObjectStore:
        return self._open_store()

    async def put(self, name: str, content: bytes) -> None:
        with _unavailable():
            await obstore.put_async(self._store, name, content)

    async def get(self, name: str) -> bytes | None:
        with suppress(FileNotFoundError), _unavailable():
            found = await obstore.get_async(self._store, name)
            return bytes(await found.bytes_async())
        return None

    async def delete(self, name: str) -> None:
        with suppress(FileNotFoundError), _unavailable():
            await obstore.delete_async(self._store, name)


def contents_at(url: str, folder: Path) -> ObjectContents:
    """Return the store at ``url``, such as ``s3://bucket/prefix``; in ``folder``, created when needed, if it is empty.

    S3 takes its other settings from its usual variables, such as ``AWS_ACCESS_KEY_ID`` and ``AWS_ENDPOINT_URL``.

    Raises:
        ValueError: The URL isn't one of a known store.
    """
    if not url:
        return ObjectContents(partial(_open_folder, folder))
    try:
        store = from_url(url)
    except BaseError as error:
        raise ValueError(str(error)) from None
    return ObjectContents(lambda: store)


def _open_folder(folder: Path) -> LocalStore:
    make_private(folder)
    return LocalStore(folder)


@contextmanager
def _unavailable() -> Iterator[None]:
    """Translate errors of the store, other than a missing object, to ``StorageUnavailable``."""
    try:
        yield
    except FileNotFoundError:
        raise
    except (BaseError, OSError) as error:
        raise StorageUnavailable(f"files: {error!r}"[:500]) from error
