"""Errors: unique codes, and whether a retry can help."""

import pytest

from chat_app.models import errors
from chat_app.models.errors import ChatError, RateLimited, is_retryable


def codes() -> dict[str, list[type[ChatError]]]:
    """The errors with each code."""
    tree = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, ChatError)]
    return {code: [kind for kind in tree if kind.code == code] for code in sorted({kind.code for kind in tree})}


def test_a_code_says_the_same_whichever_error_has_it():
    assert [code for code, kinds in codes().items() if len({kind.retryable for kind in kinds}) > 1] == []


@pytest.mark.parametrize("code", codes())
def test_a_code_alone_says_whether_trying_again_can_help(code: str):
    assert is_retryable(code) is codes()[code][0].retryable


@pytest.mark.parametrize(
    ("code", "retryable"),
    [
        ("rate_limited", True),
        ("interrupted", True),
        ("busy", True),
        ("internal", True),
        ("quota", False),
        ("misconfigured", False),
        ("invalid", False),
        ("too_long", False),
        ("a code of a later version", True),
    ],
)
def test_trying_again_helps_where_the_cause_may_pass(code: str, retryable: bool):
    assert is_retryable(code) is retryable


def test_the_tree_in_the_description_is_the_tree():
    def draw(kind: type[ChatError]) -> list[str]:
        return [kind.__name__, *(name for child in kind.__subclasses__() for name in draw(child))]

    drawn = [name for line in (errors.__doc__ or "").splitlines() if "──" in line for name in [line.split("── ")[1]]]
    names = [line.split()[0] for line in drawn]
    assert names == [name for name in draw(ChatError)[1:] if hasattr(errors, name)]


def test_the_detail_of_an_error_is_for_the_log():
    error = RateLimited("slow down", retry_after=7)
    assert (str(error), error.retry_after) == ("slow down", 7)
    assert RateLimited().retry_after is None
