"""What the published description allows, and what it does not: asked of the site, many times."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import SearchStrategy
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi import checks

from core import clock
from prefill.models import LinkSession, PhoneSession, PlaidItem
from tenants.operations import create_client_token
from tests.prefill.people import fill_every_table
from tests.tenants.company import Company

CHECKED = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
    checks.response_headers_conformance,
    checks.negative_data_rejection,
]
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
SCHEMA = "/api/v1/schema"


@pytest.fixture
def company(acme: Company, settings: Any) -> Iterator[Company]:
    """A company without a rate; no request ends the connection that holds the test."""
    settings.TENANT_API_RATE = "1000000/min"
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield acme
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.slow
def test_answers_are_as_described(company: Company) -> None:
    ask_everything(company, examples=4)


@pytest.mark.long
@pytest.mark.slow
def test_answers_are_as_described_however_often_asked(company: Company) -> None:
    ask_everything(company, examples=80)


def ask_everything(company: Company, *, examples: int) -> None:
    """Ask each operation so many times what it allows, and so many times what it does not."""
    key, text = company.make_key()
    applicant = fill_every_table(company.tenant)
    _token, browsers = create_client_token(key=key, subject=applicant.pk, at=clock.now())
    ids: dict[str, UUID] = {
        "user_id": applicant.pk,
        "item_id": PlaidItem.objects.get().pk,
        "session_id": PhoneSession.objects.get().pk,
        "plaid/events": LinkSession.objects.get().pk,
    }
    asked = 0
    for operation in list_operations():
        for mode in MODES if can_be_wrong(operation) else MODES[:1]:
            ask_often(operation.as_strategy(generation_mode=mode), text, browsers, ids, examples)
            asked += 1
    assert asked > 25


def ask_often(
    cases: SearchStrategy[Any], text: str, browsers: str, ids: dict[str, UUID], examples: int
) -> None:
    callers = iter_callers(text, browsers)

    @settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(cases)
    def ask(case: Any) -> None:
        secret, knows_ids = next(callers)
        if knows_ids:
            name_somebody(case, ids)
        before = transaction.savepoint()  # no `atomic`: no vendor is called inside one
        response = case.call(headers={"Authorization": f"Bearer {secret}"})
        transaction.savepoint_rollback(before)  # the next one finds the same people
        case.validate_response(response, checks=CHECKED)

    ask()


def list_operations() -> list[Any]:
    schema = schemathesis.openapi.from_wsgi(SCHEMA, WSGIHandler())
    return [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]


def can_be_wrong(operation: Any) -> bool:
    return bool(operation.body or operation.path_parameters)


def iter_callers(text: str, browsers: str) -> Iterator[tuple[str, bool]]:
    """Go round: a server and a browser, each with ids of somebody and of nobody."""
    while True:
        yield from ((text, True), (text, False), (browsers, True), (text, True))


def name_somebody(case: Any, ids: dict[str, UUID]) -> None:
    """Have a well-formed id of nobody be one of somebody, or most answers would be 404."""
    for values in (case.path_parameters, case.body):
        for name in set(values) & set(ids) if isinstance(values, dict) else ():
            if re.fullmatch(r"[0-9a-f-]{36}", str(values[name])):
                special = next((ids[path] for path in ids if path in case.path), None)
                values[name] = str((name == "session_id" and special) or ids[name])
