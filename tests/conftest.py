"""Shared by all tests."""

import pytest


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """The app runs on asyncio, as Reflex does."""
    return "asyncio"
