"""The Chromium that is installed on the machine, for the tests and the benchmarks that drive one."""

import shutil

MISSING = "Chromium is missing; on Debian and Ubuntu: apt install chromium"

# Without a sandbox root can start it too; the rest keeps it from asking for things by itself.
FLAGS = ("--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync")


def chromium_path() -> str | None:
    """Where the program is, ``None`` if there is none."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
