"""The published description of `/api/v1/`: whole, valid, and with examples that are true to it."""

from typing import Any

import jsonschema_rs
import pytest
from django.test import Client
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.validation import validate_schema


@pytest.fixture
def schema(db: None, settings: Any) -> Any:
    GENERATOR_STATS.reset()
    found = Client().get("/api/v1/schema", headers={"Accept": "application/vnd.oai.openapi+json"})
    assert not GENERATOR_STATS, "the description was made with warnings"
    return found.json()


def operations(schema: Any) -> list[tuple[str, dict[str, Any]]]:
    return [
        (method, operation)
        for path in schema["paths"].values()
        for method, operation in path.items()
    ]


def test_the_description_is_valid_and_says_something_of_everything(schema: Any) -> None:
    validate_schema(schema)  # type: ignore[no-untyped-call]
    tags = {tag["name"] for tag in schema["tags"]}

    for _method, operation in operations(schema):
        name = operation["operationId"]
        assert operation["summary"], name
        assert operation["description"], name
        assert set(operation["tags"]) <= tags, name
        assert operation["security"] == [{"bearer": []}, {"api_key": []}], name
        refusals = {int(status) for status in operation["responses"] if status >= "400"}
        assert {401, 403, 404, 429, 500} <= refusals, name
        for status in refusals:
            kinds = operation["responses"][str(status)]["content"]
            assert kinds.keys() == {"application/problem+json"}, name
            reference = kinds["application/problem+json"]["schema"]["$ref"]
            assert reference == "#/components/schemas/ProblemOut", name


def test_what_makes_something_takes_an_idempotency_key(schema: Any) -> None:
    without = {
        operation["operationId"]
        for method, operation in operations(schema)
        if method != "get"
        and "Idempotency-Key" not in {found["name"] for found in operation.get("parameters", [])}
    }

    assert without == {"make_client_token", "note_link_event"}


def test_examples_are_as_described(schema: Any) -> None:
    seen = 0
    for _method, operation in operations(schema):
        contents = [operation.get("requestBody", {}).get("content", {})]
        contents += [answer.get("content", {}) for answer in operation["responses"].values()]
        for content in contents:
            described = content.get("application/json", {})
            for example in described.get("examples", {}).values():
                shape = {"components": schema["components"], **described["schema"]}
                jsonschema_rs.validator_for(as_json_schema(shape)).validate(example["value"])
                seen += 1
    assert seen > 25


def as_json_schema(shape: Any) -> Any:
    """Return a schema of OpenAPI 3.0 as JSON Schema: what may be null says so in its type."""
    if isinstance(shape, list):
        return [as_json_schema(part) for part in shape]
    if not isinstance(shape, dict):
        return shape
    plain = {name: as_json_schema(part) for name, part in shape.items() if name != "nullable"}
    if shape.get("nullable") is True:
        return {"anyOf": [plain, {"type": "null"}]}
    return plain


def test_the_pages_about_it_need_nobody_elses_server(db: None) -> None:
    page = Client().get("/api/v1/docs").content.decode()

    assert "swagger-ui" in page
    assert "https://" not in page
