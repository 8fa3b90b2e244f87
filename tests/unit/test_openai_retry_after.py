"""Retry delays of model servers, in all of their formats."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from chat_app.infrastructure.openai.retry_after import retry_after


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": ""}, None),
        ({"retry-after": " 3 "}, 3),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "1e400"}, None),
        ({"retry-after": "Thu, 01 Jan 1970 00:00:00 GMT"}, 0),
        ({"retry-after": "Thu, 01 Jan 1970 00:00:00 -0000"}, 0),
        ({"retry-after": "Thu, 99 Jan 1970 00:00:00 GMT"}, None),
        ({"retry-after": "Thu, 01 Jan 99999999999999999999 00:00:00 GMT"}, None),
        ({"retry-after": "99999999"}, None),
        ({"retry-after-ms": "99999999999"}, None),
        ({"retry-after": "Fri, 31 Dec 9999 23:59:59 GMT"}, None),
        ({"retry-after": "in 5 minutes, thank you"}, None),
        ({"retry-after-ms": "soon", "retry-after": "2"}, 2),
        ({"retry-after-ms": "-1", "retry-after": "2"}, 0),
        ({"retry-after": "soon", "x-ratelimit-reset-requests": "6m0s"}, 360),
        ({"x-ratelimit-reset-requests": "1d2h3m4.5s"}, 93784.5),
        ({"x-ratelimit-reset-requests": "30"}, 30),
        ({"x-ratelimit-reset-requests": "soon"}, None),
        ({"x-ratelimit-reset-requests": "1s", "x-ratelimit-reset-tokens": "9s"}, 9),
        (
            {
                "x-ratelimit-remaining-requests": "0",
                "x-ratelimit-reset-requests": "1s",
                "x-ratelimit-remaining-tokens": "10",
                "x-ratelimit-reset-tokens": "9s",
            },
            1,
        ),
    ],
)
def test_a_number_of_seconds_or_milliseconds_becomes_seconds(headers: dict[str, str], seconds: float | None):
    assert retry_after(headers) == seconds


@pytest.mark.parametrize("zone", ["GMT", "+0000", "-0000"])
def test_a_moment_becomes_the_time_until_then(zone: str):
    moment = format_datetime(datetime.now(UTC) + timedelta(minutes=5)).replace("+0000", zone)
    seconds = retry_after({"retry-after": moment})
    assert seconds is not None
    assert 240 < seconds <= 300


def test_a_number_that_json_can_not_hold_is_ignored():
    assert retry_after({"x-ratelimit-reset-requests": f"{'9' * 400}s"}) is None
