"""The second wall: PostgreSQL shows a request only its tenant's rows, whatever is asked."""

from typing import Any
from uuid import uuid4

import pytest
from django.db import ProgrammingError, connection, transaction
from django.urls import get_resolver

from tenants.api.base import METHODS, TenantAPI
from tenants.walls import ROLE, inside
from tests.tenants.company import Company, server

TABLES = ("tenants_tenant", "tenants_membership", "tenants_apikey")


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


def test_without_a_tenant_there_are_no_rows(acme: Company) -> None:
    acme.make_key()

    with transaction.atomic():
        ask(f"SET LOCAL ROLE {ROLE}")
        assert [count(table) for table in TABLES] == [0, 0, 0]
        ask("SET LOCAL stocksprout.tenant = ''")
        assert [count(table) for table in TABLES] == [0, 0, 0]
        ask("RESET ROLE")


def test_a_second_transaction_of_the_connection_is_free_again(
    acme: Company, rival: Company
) -> None:
    with pytest.raises(ZeroDivisionError), inside(acme.tenant.pk):
        raise ZeroDivisionError

    assert ask("SELECT current_user, current_setting('stocksprout.tenant', true)")[0][0] != ROLE
    assert count("tenants_membership") == 6


def test_a_wall_inside_a_wall_leaves_the_outer_one_standing(acme: Company, rival: Company) -> None:
    def see() -> tuple[str, int]:
        return ask("SELECT current_user")[0][0], count("tenants_tenant")

    with inside(acme.tenant.pk):
        with inside(rival.tenant.pk):
            assert see() == (ROLE, 1)
        assert see() == (ROLE, 1)
        assert str(ask("SELECT id FROM tenants_tenant")[0][0]) == str(acme.tenant.pk)
        with pytest.raises(ZeroDivisionError), inside(rival.tenant.pk):
            raise ZeroDivisionError
        assert str(ask("SELECT id FROM tenants_tenant")[0][0]) == str(acme.tenant.pk)

    assert see()[0] != ROLE


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
    ]
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


def test_every_endpoint_stands_behind_the_wall() -> None:
    views = [
        pattern.callback.view_class  # type: ignore[union-attr]
        for pattern in get_resolver("tenants.api.urls").url_patterns
    ]

    assert len(views) > 2
    for view in views:
        assert issubclass(view, TenantAPI)
        for name in METHODS:
            if handler := getattr(view, name, None):
                assert handler.__code__.co_name == "answer", (view, name)


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
