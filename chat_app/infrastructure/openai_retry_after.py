"""How long a server asks to wait."""

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_DURATION = re.compile(r"(\d{1,9}(?:\.\d+)?)(ms|s|m|h|d)")


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait, ``None`` where the server doesn't say.

    Read in this order: ``retry-after-ms`` (OpenAI, Azure), ``retry-after`` as seconds or date (RFC 9110, 10.2.3), and
    ``x-ratelimit-reset-requests`` and ``-tokens``, durations such as ``6m0s`` (OpenAI, Groq), of the limits used up.

    Args:
        headers: Looked up by lower-case names.
    """
    milliseconds = _number(headers.get("retry-after-ms", ""))
    if milliseconds is not None:
        return milliseconds / 1000
    waiting = headers.get("retry-after", "")
    seconds = _number(waiting)
    if seconds is None:
        seconds = _until(waiting)
    return _reset(headers) if seconds is None else seconds


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return max(number, 0.0) if math.isfinite(number) else None


def _until(date: str) -> float | None:
    try:
        moment = parsedate_to_datetime(date)
    except (ValueError, OverflowError):
        return None
    # A date in "-0000", without a time zone, is in UTC (RFC 5322, 3.3).
    return max((moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)).total_seconds(), 0.0)


def _reset(headers: Mapping[str, str]) -> float | None:
    used_up = [kind for kind in ("requests", "tokens") if headers.get(f"x-ratelimit-remaining-{kind}", "0") == "0"]
    return max(
        filter(None, (_duration(headers.get(f"x-ratelimit-reset-{kind}", "")) for kind in used_up)), default=None
    )


def _duration(text: str) -> float | None:
    parts = _DURATION.findall(text)
    return sum(float(number) * _UNITS[unit] for number, unit in parts) if parts else _number(text)
