"""The API keeps to what it says of itself."""

import json
import uuid
from operator import methodcaller
from typing import Any

import pytest
import schemathesis
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.app import PUBLIC_PATHS, create_app
from api.contract import CONTRACT, document, written
from api.settings import Settings
from ledger import typeid
from tests.integration.api.conftest import World
from tests.integration.api.conftest import shared_world as shared_world  # noqa: PLC0414 - the fixture, by its name

CHECKS = (
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)


READING = ("/people/search", "/opening", "/inspection")
"""What is asked with a body because it is a name, or because each look is recorded: the same again is another look."""


def test_the_committed_document_is_this_programs() -> None:
    assert written(document()) == CONTRACT.read_text(encoding="utf-8"), "run: python -m api.contract"


def test_every_operation_reads_like_documentation() -> None:
    described = document()
    assert "servers" not in described
    tags = {tag["name"] for tag in described["tags"]}
    for path, operations in described["paths"].items():
        for verb, operation in operations.items():
            name = f"{verb} {path}"
            assert operation["summary"], name
            assert len(operation["description"]) > 20, name
            assert set(operation["tags"]) <= tags, name
            if path.startswith("/v1") and path not in PUBLIC_PATHS:
                assert operation["security"], name
                assert {"401", "403", "503"} <= operation["responses"].keys(), name
                parameters = {each["name"] for each in operation["parameters"]} if "parameters" in operation else set()
                is_reading = verb == "get" or path.endswith(READING)
                assert ("Idempotency-Key" in parameters) == (not is_reading), name
            if "requestBody" in operation:
                content = operation["requestBody"]["content"]
                # Bytes of a file have no example; their media types say what they are.
                for form in content.values():
                    assert form.get("example") or form["schema"]["format"] == "binary", name
                assert {"408", "409", "413", "415", "422"} <= operation["responses"].keys(), name
    for name, schema in described["components"]["schemas"].items():
        if name.endswith("In"):
            for field, form in schema["properties"].items():
                assert len(form.get("description", "")) > 10, f"{name}.{field} says what it accepts"
    references = set(json.dumps(described).split('"#/components/schemas/')[1:])
    assert {each.split('"')[0] for each in references} == set(described["components"]["schemas"])


APP = create_app(Settings(), sa.create_engine("postgresql+psycopg://"))
DESCRIBED = schemathesis.openapi.from_asgi("/openapi.json", APP)
OPERATIONS: dict[str, Any] = {each.label: each for each in map(methodcaller("ok"), DESCRIBED.get_all_operations())}


@pytest.mark.parametrize("label", sorted(OPERATIONS))
def test_answers_are_as_the_document_says(label: str, shared_world: World) -> None:
    """Whatever is sent, right or wrong: the status, type and form of the answer are among those described."""
    APP.state.engine = shared_world.engine
    own = typeid.encode(typeid.ASSOCIATION, shared_world.commune.association_id)

    @settings(max_examples=10, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None)
    @given(case=OPERATIONS[label].as_strategy())
    def send(case: Any) -> None:
        if "association_id" in case.path_parameters:
            case.path_parameters["association_id"] = own
        headers = {"Authorization": f"Bearer {shared_world.secrets['province']}", "Idempotency-Key": str(uuid.uuid4())}
        case.call_and_validate(headers=headers, checks=CHECKS)

    send()
