"""Property-based tests of the API against its OpenAPI description."""

import httpx
import pytest
import schemathesis
from hypothesis import given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.fake_upstream import FakeUpstream
from tests.server import PROGRAM_KEY, ApiServer

CHECKS = [not_a_server_error, content_type_conformance, response_schema_conformance, status_code_conformance]


@pytest.fixture
def description(server: ApiServer, upstream: FakeUpstream) -> schemathesis.BaseSchema:
    return schemathesis.openapi.from_url(f"{server.url}/openapi.json")


def test_no_request_makes_the_api_fail(description: schemathesis.BaseSchema):
    operations = list(description.get_all_operations())
    assert len(operations) > 8
    for operation in operations:
        assert isinstance(operation, Ok)

        @settings(max_examples=25, deadline=None, database=None, derandomize=True)
        @given(operation.ok().as_strategy())
        def send(case: schemathesis.Case) -> None:
            case.call_and_validate(checks=CHECKS, headers={"Authorization": f"Bearer {PROGRAM_KEY}"})

        send()


def test_every_path_says_what_strangers_are_told(server: ApiServer):
    paths = httpx.get(f"{server.url}/openapi.json").json()["paths"]
    guarded = [operation for path in paths if not path.startswith("/health") for operation in paths[path].values()]
    assert all({"401", "403"} <= operation["responses"].keys() for operation in guarded)
