"""The Chromium installed on the machine, for tests and benchmarks."""

import shutil

MISSING = "Chromium is missing; on Debian: apt install chromium, or chromium-headless-shell, which is quicker"

# The shell comes first: without windows to draw, tests take half the time.
_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")

# No sandbox, so that root can start it; no requests of its own.
FLAGS = ("--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync")


def chromium_path() -> str | None:
    """Return the path of the program, or ``None`` if it isn't installed."""
    return next(filter(None, map(shutil.which, _NAMES)), None)
