"""The JSON form of parts."""

import json
from typing import Any

import pytest

from chat_app.models.codec import checked, from_json, to_json
from chat_app.models.parts import Approval, Data, File, Part, Reasoning, Source, Text, ToolCall, ToolResult, Unknown

PARTS: list[Part] = [
    Text("Hello."),
    Text("lo.", continues=True),
    Reasoning("Hm."),
    Reasoning("Hm.", 1.5),
    ToolCall("c", "clock", '{"zone": "KST"}', "Clock", Approval.WAITING),
    ToolResult("c", "noon", is_error=True, file_ids=("f", "g")),
    File("f", "푸른 하늘.png", "image/png", 1234),
    Source("The sky", "https://example.com/sky", page=3, quote="It is blue.", is_verified=False),
    Data("forecast", {"rain": [0.5, None, "많이"]}),
    Unknown("video", {"seconds": 5, "frames": [1, 2]}),
]


@pytest.mark.parametrize("part", PARTS, ids=repr)
def test_a_part_comes_back_the_same(part: Part):
    stored = json.loads(json.dumps(to_json(part)))
    back = from_json(stored)
    assert back == part
    assert to_json(back) == stored  # fields that comparisons leave out, too


def test_default_values_of_a_part_are_left_out():
    assert to_json(Text("Hello.")) == {"kind": "text", "text": "Hello."}


@pytest.mark.parametrize(
    "value",
    [{"kind": "video", "seconds": 5}, {"kind": "text", "text": "Hello.", "colour": "red"}],
    ids=["kind", "field"],
)
def test_a_part_of_a_newer_version_is_kept_as_it_came(value: dict[str, Any]):
    part = from_json(value)
    assert isinstance(part, Unknown)
    assert to_json(part) == value


@pytest.mark.parametrize(
    "value", [{}, {"text": "Hello."}, {"kind": 5}, {"kind": ""}, {"kind": "text"}, {"kind": "text", "text": 5}], ids=str
)
def test_a_value_that_is_no_part_is_refused(value: dict[str, Any]):
    with pytest.raises(ValueError, match=r"."):
        from_json(value)


@pytest.mark.parametrize("part", PARTS, ids=repr)
def test_a_checked_part_is_the_same(part: Part):
    assert checked(part) == part


def test_a_checked_part_is_as_it_is_read_back():
    assert checked(Data("point", {1: (2, "\ud83d")})) == Data("point", {"1": [2, "?"]})


@pytest.mark.parametrize(
    ("part", "problem"),
    [
        (5, "int is no part of an answer"),
        (None, "NoneType is no part of an answer"),
        (Data("set", {1}), "set is not JSON serializable"),
        (Data("number", float("nan")), "not JSON compliant"),
        (ToolResult("c", 7654321), r"ToolResult.text: Input should be a valid string$"),  # pyright: ignore[reportArgumentType] - wrong on purpose
        (Unknown("", {}), "a part without a kind"),
    ],
)
def test_a_value_that_cannot_be_stored_is_no_part(part: object, problem: str):
    with pytest.raises((TypeError, ValueError), match=problem):
        checked(part)
