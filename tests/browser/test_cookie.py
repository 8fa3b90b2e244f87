"""The cookie that identifies a visitor."""

import re

import pytest

from tests.browser.conftest import NewVisitor

# 43 characters of 6 bits each, more than the 128 bits required, and a signature.
VALUE = re.compile(r"[A-Za-z0-9_-]{43}\.[A-Za-z0-9_-]{43}")


@pytest.fixture(params=["production", "development"])
def new_visitor_of_mode(request: pytest.FixtureRequest) -> NewVisitor:
    """The function that opens the app, in production and in development mode."""
    return request.getfixturevalue("new_visitor" if request.param == "production" else "new_developer")


def test_each_browser_keeps_a_random_cookie_out_of_reach_of_scripts_and_other_sites(
    new_visitor_of_mode: NewVisitor,
) -> None:
    first, second = new_visitor_of_mode(), new_visitor_of_mode()
    before = first.cookie["value"]
    assert VALUE.fullmatch(before)
    assert before != second.cookie["value"]
    assert first.cookie["httpOnly"]
    assert first.cookie["sameSite"] == "Lax"
    assert first.page.evaluate("document.cookie") == ""
    first.reload()
    assert first.cookie["value"] == before
