"""The second wall: PostgreSQL shows a request only its tenant's rows, whatever is asked."""

from typing import Any
from uuid import uuid4

import pytest
from django.db import ProgrammingError, connection, transaction
from django.urls import get_resolver

from tenants.api.base import METHODS, TenantAPI
from tenants.walls import ROLE, inside
from tests.prefill.people import fill_every_table
from tests.tenants.company import Company, server

CALL_VENDORS = {
    "VerifyPhone.post",
    "ConfirmPhone.post",
    "StartLink.post",
    "FinishLink.post",
    "ConnectData.post",
    "ExchangeData.post",
}
TABLES = ("tenants_tenant", "tenants_membership", "tenants_apikey")
PREFILL = tuple(
    f"prefill_{name}"
    for name in (
        "applicant", "applicantconsent", "rung", "phonesession", "linksession", "plaiditem",
        "plaidaccount", "plaidtransaction", "rawimport", "fieldvalue", "fieldtally", "heldssn",
    )
)  # fmt: skip


def ask(sql: str, *values: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall() if cursor.description else cursor.rowcount


def count(table: str) -> int:
    number: int = ask(f"SELECT count(*) FROM {table}")[0][0]  # noqa: S608
    return number


@pytest.mark.parametrize(("table", "own"), list(zip(TABLES, (1, 3, 1), strict=True)))
def test_a_query_that_forgets_the_tenant_gets_its_rows_only(
    acme: Company, rival: Company, table: str, own: int
) -> None:
    for company in (acme, rival):
        company.make_key()
    everybody = count(table)

    with inside(acme.tenant.pk):
        seen = count(table)

    assert seen == own < everybody
    assert count(table) == everybody


def test_a_query_that_forgets_the_tenant_gets_its_own_people_only(
    acme: Company, rival: Company
) -> None:
    for company in (acme, rival):
        fill_every_table(company.tenant)

    with inside(acme.tenant.pk):
        assert {table: count(table) for table in PREFILL} == dict.fromkeys(PREFILL, 1)
        assert ask("UPDATE prefill_applicant SET external_id = 'u-2'") == 1
        assert ask("DELETE FROM prefill_fieldvalue") == 1
    assert {count(table) for table in PREFILL} == {1, 2}


def test_without_a_tenant_there_are_no_rows(acme: Company) -> None:
    acme.make_key()
    fill_every_table(acme.tenant)

    with transaction.atomic():
        ask(f"SET LOCAL ROLE {ROLE}")
        assert {count(table) for table in (*TABLES, *PREFILL)} == {0}
        ask("SET LOCAL stocksprout.tenant = ''")
        assert {count(table) for table in (*TABLES, *PREFILL)} == {0}
        ask("RESET ROLE")


def test_a_wall_inside_a_wall_leaves_the_outer_one_standing(acme: Company, rival: Company) -> None:
    for company in (acme, rival):
        company.make_key()

    with inside(acme.tenant.pk):
        with inside(acme.tenant.pk):
            assert count("tenants_apikey") == 1
        assert count("tenants_apikey") == 1
        with pytest.raises(ZeroDivisionError), inside(rival.tenant.pk):
            raise ZeroDivisionError
        assert ask("SELECT prefix FROM tenants_apikey") == [(acme.tenant.api_keys.get().prefix,)]
    assert count("tenants_apikey") == 2


def test_a_second_transaction_of_the_connection_is_free_again(
    acme: Company, rival: Company
) -> None:
    with pytest.raises(ZeroDivisionError), inside(acme.tenant.pk):
        raise ZeroDivisionError

    assert ask("SELECT current_user, current_setting('stocksprout.tenant', true)")[0][0] != ROLE
    assert count("tenants_membership") == 6


def test_nothing_can_be_written_past_the_wall(acme: Company, rival: Company) -> None:
    rows: list[tuple[str, list[Any]]] = [
        ("UPDATE tenants_apikey SET scopes = '{}'", []),
        ("DELETE FROM tenants_membership", []),
        ("SELECT count(*) FROM accounts_user", []),
        ("SELECT count(*) FROM core_auditentry WHERE detail IS NOT NULL", []),
        (
            "INSERT INTO core_idempotentrequest (owner, key, fingerprint, body, created_at)"
            " VALUES (%s, 'k', 'f', '', now())",
            [f"tenants.tenant:{rival.tenant.pk}:live"],
        ),
        ("DELETE FROM prefill_applicantconsent", []),
        ("UPDATE prefill_applicant SET tenant_id = %s", [rival.tenant.pk]),
        ("SELECT count(*) FROM prefill_plaidevent", []),
        ("SELECT count(*) FROM prefill_resumelink", []),
    ]
    fill_every_table(acme.tenant)
    for sql, values in rows:
        with pytest.raises(ProgrammingError), inside(acme.tenant.pk):
            ask(sql, *values)


def test_another_tenants_answers_are_not_seen(acme: Company, rival: Company) -> None:
    for company in (acme, rival):
        ask(
            "INSERT INTO core_idempotentrequest (owner, key, fingerprint, body, created_at)"
            " VALUES (%s, %s, 'f', '', now())",
            f"tenants.tenant:{company.tenant.pk}:live",
            str(uuid4()),
        )

    with inside(acme.tenant.pk):
        assert ask("SELECT owner FROM core_idempotentrequest") == [
            (f"tenants.tenant:{acme.tenant.pk}:live",)
        ]


def test_every_endpoint_stands_behind_the_wall_or_calls_a_vendor() -> None:
    views = [
        pattern.callback.view_class  # type: ignore[union-attr]
        for urls in ("tenants.api.urls", "prefill.api.urls")
        for pattern in get_resolver(urls).url_patterns
    ]
    handlers = {
        f"{view.__name__}.{name}": getattr(view, name)
        for view in views
        for name in METHODS
        if hasattr(view, name)
    }

    assert all(issubclass(view, TenantAPI) for view in views)
    in_steps = {name for name, handler in handlers.items() if hasattr(handler, "calls_vendor")}
    assert in_steps == CALL_VENDORS
    for name in handlers.keys() - in_steps:
        assert handlers[name].__code__.co_name == "answer", name
        assert handlers[name].__globals__["__name__"] == "tenants.api.base", name


def test_a_request_is_answered_by_the_walled_role(acme: Company) -> None:
    _key, text = acme.make_key()
    seen: list[str] = []

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if 'FROM "tenants_tenant"' in sql and "JOIN" not in sql:
            seen.append(ask_role(context))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        server(text).get("/api/v1/tenant")

    assert seen == [ROLE]


def ask_role(context: Any) -> str:
    with context["connection"].connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        role: str = cursor.fetchone()[0]
        return role
