"""Required, constrained and installed versions."""

from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

CHECKOUT = Path(__file__).parents[2]
PINNED = dict(
    line.split("==") for line in (CHECKOUT / ".constraints.txt").read_text("utf-8").splitlines() if "==" in line
)


def requirements(path: str) -> list[Requirement]:
    lines = [line.partition("#")[0].strip() for line in (CHECKOUT / path).read_text("utf-8").splitlines()]
    return [Requirement(line) for line in lines if line and not line.startswith("-")]


@pytest.mark.parametrize("path", ["requirements.txt", "tests/requirements.txt"])
def test_each_required_package_has_the_version_that_was_tested(path: str):
    versions = {each.name: PINNED.get(canonicalize_name(each.name)) for each in requirements(path)}
    assert {name for name, version in versions.items() if version is None} == set()
    wrong = [each for each in requirements(path) if not each.specifier.contains(versions[each.name] or "")]
    assert wrong == []


def test_the_app_needs_nothing_of_the_tests():
    app, tests = ({each.name for each in requirements(path)} for path in ("requirements.txt", "tests/requirements.txt"))
    assert app.isdisjoint(tests)
    assert "pytest" in tests
