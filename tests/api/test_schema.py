"""The published schema: complete, and kept to by the answers."""

import json
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from django.core.management import call_command
from django.test import Client

from tests.api.calling import Caller, with_key
from tests.api.test_children import CHILD
from tests.cast import Family

OPENAPI = "application/vnd.oai.openapi+json"


def test_the_schema_is_made_without_a_warning(tmp_path: Path) -> None:
    file = tmp_path / "schema.yaml"

    call_command("spectacular", "--fail-on-warn", "--validate", file=str(file))

    assert "/api/gifts/{id}/approve" in file.read_text()


def test_the_schema_is_for_everybody(db: None) -> None:
    answer = Client().get("/api/schema", headers={"Accept": OPENAPI})

    assert answer.status_code == 200
    assert json.loads(answer.content)["info"]["title"] == "StockSprout API"


@pytest.mark.bought
def test_the_answers_are_as_the_schema_says(family: Family, app: Caller) -> None:
    gift = family.give()
    schema = json.loads(app.client.get("/api/schema", headers={"Accept": OPENAPI}).content)
    approval, child = {"authorize": True}, family.child.pk
    deposit = {"childId": str(child), "amount": "40.00", "authorize": True}

    for template, path, method, body in (
        ("/api/children", "/api/children", "get", None),
        ("/api/children", "/api/children", "post", CHILD),
        ("/api/gifts", "/api/gifts", "get", None),
        ("/api/gifts/{id}/approve", f"/api/gifts/{gift.pk}/approve", "patch", approval),
        ("/api/deposits", "/api/deposits", "post", deposit),
        (
            "/api/children/{child_id}/deposits",
            f"/api/children/{family.child.pk}/deposits",
            "get",
            None,
        ),
        (
            "/api/children/{child_id}/orders",
            f"/api/children/{family.child.pk}/orders",
            "get",
            None,
        ),
        ("/api/portfolio/{child_id}", f"/api/portfolio/{family.child.pk}", "get", None),
        ("/api/children/{id}/history", f"/api/children/{child}/history", "get", None),
        (
            "/api/children/{id}/statements",
            f"/api/children/{child}/statements",
            "get",
            None,
        ),
        ("/api/sync/status/{child_id}", f"/api/sync/status/{child}", "get", None),
        ("/api/sync/orders/{child_id}", f"/api/sync/orders/{child}", "post", None),
    ):
        answer = with_key(app).call(method.upper(), path, json.dumps(body) if body else "")
        promised = schema["paths"][template][method]["responses"][str(answer.status)]
        told = promised["content"]["application/json"]["schema"]
        jsonschema.validate(answer.body, _plain(told | {"components": schema["components"]}))


def test_an_answer_that_is_not_as_the_schema_says_is_found() -> None:
    told = {"type": "object", "properties": {"sum": {"type": "string", "nullable": True}}}

    jsonschema.validate({"sum": None}, _plain(told))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"sum": 50.0}, _plain(told))


def _plain(schema: Any) -> Any:
    """Return the OpenAPI 3.0 schema as JSON Schema, which knows no `nullable`; nothing may be
    in an answer that is not in the schema."""
    if isinstance(schema, list):
        return [_plain(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    plain = {key: _plain(value) for key, value in schema.items()}
    if isinstance(plain.get("properties"), dict) and plain.get("type") == "object":
        plain.setdefault("additionalProperties", False)
    return {"anyOf": [plain, {"type": "null"}]} if plain.get("nullable") is True else plain


@pytest.mark.parametrize("address", ["/api/schema", "/api/v1/schema"])
def test_who_has_the_schema_is_not_sent_it_again(db: None, address: str) -> None:
    first = Client().get(address, headers={"Accept": OPENAPI})
    same = {"Accept": OPENAPI, "If-None-Match": first["ETag"]}

    assert not first["ETag"].startswith("W/")
    assert Client().get(address, headers=same).status_code == 304
    assert Client().get(f"{address}?version=9&lang=de", headers={"Accept": OPENAPI}).content == (
        first.content
    )
    yaml = Client().get(address, headers={"Accept": "application/vnd.oai.openapi"})
    assert yaml["ETag"] != first["ETag"]
