"""How often a key may call: exactly, however many ask at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection, connections, transaction

from core import clock
from tenants.limits import take_one
from tenants.models import ApiKey
from tenants.operations import note_use
from tests.tenants.company import Company, make_company, server

NOON = datetime(2026, 11, 16, 17, 0, 10, tzinfo=UTC)


@pytest.mark.django_db(transaction=True)
def test_of_requests_at_once_exactly_the_limit_is_admitted(settings: Any) -> None:
    settings.TENANT_API_RATE = "7/min"
    _key, text = make_company("acme").make_key()

    def call(_number: int) -> int:
        try:
            return server(text).get("/api/v1/keys/current").status
        finally:
            connections.close_all()

    with time_machine.travel(NOON, tick=False), ThreadPoolExecutor(4) as pool:
        statuses = list(pool.map(call, range(12)))

    assert sorted(statuses) == [200] * 7 + [429] * 5


def test_who_is_refused_reads_when_to_come_again(acme: Company, settings: Any) -> None:
    settings.TENANT_API_RATE = "2/min"
    _key, text = acme.make_key()
    _other, other_text = acme.make_key()

    with time_machine.travel(NOON, tick=False):
        left = [server(text).get("/api/v1/tenant").headers["RateLimit-Remaining"] for _ in "ab"]
        refused = server(text).get("/api/v1/tenant")
        assert server(other_text).get("/api/v1/tenant").status == 200
    with time_machine.travel(NOON + timedelta(seconds=50), tick=False):
        assert server(text).get("/api/v1/tenant").status == 200

    assert left == ["1", "0"]
    assert refused.problem() == (429, "throttled")
    assert (refused.headers["Retry-After"], refused.headers["RateLimit-Limit"]) == ("50", "2")


def test_what_is_refused_is_counted_too(acme: Company, settings: Any) -> None:
    settings.TENANT_API_RATE = "2/min"
    _key, text = acme.make_key(scopes=["phone"])

    with time_machine.travel(NOON, tick=False):
        statuses = [server(text).get("/api/v1/tenant").status for _ in range(3)]

    assert statuses == [403, 403, 429]


def test_a_process_with_a_slow_clock_gets_no_second_allowance(acme: Company, settings: Any) -> None:
    settings.TENANT_API_RATE = "2/min"
    key, _text = acme.make_key()

    moments = [NOON, NOON - timedelta(minutes=1), NOON, NOON - timedelta(minutes=1)]

    assert [take_one(key, at=at).admitted for at in moments] == [True, True, False, False]


@pytest.mark.django_db(transaction=True)
def test_noting_a_use_waits_for_nobody() -> None:
    key, _text = make_company("acme").make_key()

    def note() -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '2s'")  # to wait is an error, not a hang
            note_use(key, at=clock.now())
        finally:
            connections.close_all()

    with transaction.atomic(), ThreadPoolExecutor(1) as pool:
        ApiKey.objects.select_for_update().get(pk=key.pk)
        pool.submit(note).result()

    assert ApiKey.objects.get(pk=key.pk).last_used_at is None
    note()
    assert ApiKey.objects.get(pk=key.pk).last_used_at is not None
