"""The JSON form of parts."""

import json
from typing import Any

import pytest

from chat_app.models.codec import from_json, to_json
from chat_app.models.parts import Approval, Data, File, Part, Reasoning, Source, Text, ToolCall, ToolResult, Unknown

PARTS: list[Part] = [
    Text("Hello."),
    Text("lo.", continues=True),
    Reasoning("Hm."),
    Reasoning("Hm.", 1.5),
    ToolCall("c", "clock", '{"zone": "KST"}', "Clock", Approval.WAITING),
    ToolResult("c", "noon", is_error=True, file_ids=("f", "g")),
    File("f", "푸른 하늘.png", "image/png", 1234),
    Source("The sky", "https://example.com/sky", page=3, quote="It is blue."),
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
