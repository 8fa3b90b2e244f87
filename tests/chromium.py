"""The Chromium that is installed on the machine, for the tests and the benchmarks that drive one."""

import shutil

MISSING = "Chromium is missing; on Debian: apt install chromium, or chromium-headless-shell, which is quicker"

# The shell comes first: it has no windows to draw, so that the tests take half the time with it.
_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")

# Without a sandbox root can start it too; the rest keeps it from asking for things by itself.
FLAGS = ("--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync")


def chromium_path() -> str | None:
    """Where the program is, ``None`` if there is none."""
    return next(filter(None, map(shutil.which, _NAMES)), None)
