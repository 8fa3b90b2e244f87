"""Resources used by a server, from Linux's ``/proc`` (https://man7.org/linux/man-pages/man5/proc.5.html)."""

import os
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")
_GROUP, _USER_TIME, _SYSTEM_TIME, _PAGES = (
    2,
    11,
    12,
    21,
)  # places in /proc/<id>/stat after the name, which may contain blanks


def cpu_seconds(group: int) -> float:
    """Processor time of the processes of a group."""
    return sum(int(fields[_USER_TIME]) + int(fields[_SYSTEM_TIME]) for fields in _processes(group)) / _TICKS


def resident_bytes(group: int) -> int:
    """Resident memory of a group's processes, shared pages counted for each: only its growth is meaningful."""
    return sum(int(fields[_PAGES]) for fields in _processes(group)) * _PAGE


def _processes(group: int) -> list[list[str]]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:  # it has ended
            continue
        if int(fields[_GROUP]) == group:
            found.append(fields)
    return found
