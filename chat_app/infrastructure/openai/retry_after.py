"""The delay before a retry that a server asks for."""

import math
import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
# Larger numbers are a moment, in seconds since 1970, rather than a delay.
_EPOCH = 1e9
_MAX_CHARS = 100
_LONGEST = 31 * 86400  # seconds: a limit may be that of a month; anything longer is a mistake
_DURATION = re.compile(r"(\d{1,9}(?:\.\d+)?)(ms|s|m|h|d)")


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds to wait, ``None`` if the server doesn't say, or names an impossible delay.

    Read in this order: ``retry-after-ms`` (OpenAI, Azure), ``retry-after`` as seconds or date (RFC 9110, 10.2.3), and
    ``x-ratelimit-reset-requests`` and ``-tokens``, durations such as ``6m0s`` (OpenAI, Groq), of the limits used up, or
    ``x-ratelimit-reset`` (OpenRouter). Each may also be a moment: a date, or seconds or milliseconds since 1970.

    Args:
        headers: Looked up by lower-case names.
    """
    seconds = _requested(headers)
    return None if seconds is None or seconds > _LONGEST else seconds


def _requested(headers: Mapping[str, str]) -> float | None:
    milliseconds = _number(headers.get("retry-after-ms", ""))
    if milliseconds is not None:
        return milliseconds / 1000
    seconds = _wait(headers.get("retry-after", ""))
    return _reset(headers) if seconds is None else seconds


def _wait(text: str) -> float | None:
    """Seconds to wait, from a number of seconds or a moment."""
    text = text[:_MAX_CHARS].strip()
    number = _number(text)
    if number is None:
        return _until(text)
    if number < _EPOCH:
        return number
    moment = number / 1000 if number >= _EPOCH * 1000 else number
    return max(moment - datetime.now(UTC).timestamp(), 0.0)


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return max(number, 0.0) if math.isfinite(number) else None


def _until(date: str) -> float | None:
    for parse in (datetime.fromisoformat, parsedate_to_datetime):
        with suppress(ValueError, OverflowError):
            moment = parse(date)
            # A date in "-0000", without a time zone, is in UTC (RFC 5322, 3.3).
            return max((moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)).total_seconds(), 0.0)
    return None


def _reset(headers: Mapping[str, str]) -> float | None:
    used_up = [kind for kind in ("requests", "tokens") if headers.get(f"x-ratelimit-remaining-{kind}", "0") == "0"]
    names = [f"x-ratelimit-reset-{kind}" for kind in used_up]
    waits = (_duration(headers.get(name, "")[:_MAX_CHARS]) for name in names)
    return max(filter(None, waits), default=None) or _wait(headers.get("x-ratelimit-reset", ""))


def _duration(text: str) -> float | None:
    parts = _DURATION.findall(text) if _DURATION.match(text) else []
    return sum(float(number) * _UNITS[unit] for number, unit in parts) if parts else _wait(text)
