"""What is deleted in time, and what is kept."""

import json
from datetime import datetime, timedelta

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connection
from django.utils import timezone
from django_q.models import Task

from brokerage.inbox import accept, set_aside
from brokerage.models import BrokerEvent
from core import retention
from core.models import IdempotentRequest
from core.sweeps import sweep_all
from tests.events.sender import envelope
from tests.stage import Stage

DAY = timedelta(days=1)


def receive(status: str, at: datetime) -> BrokerEvent:
    message = envelope("auth.tokens.created", {})
    accept(json.dumps(message), source=BrokerEvent.Source.SQS, at=at)
    event = BrokerEvent.objects.get(event_id=message["id"])
    if status != "RECEIVED":
        event.move_to(status, handled_at=at, next_step_at=None)
    return event


def test_events_go_after_90_days_and_what_failed_waits_for_a_person(stage: Stage) -> None:
    at = stage.now()
    for status in ("DONE", "IGNORED", "PARKED"):
        receive(status, at - 91 * DAY)
    failed = receive("PARKED", at - 91 * DAY)
    BrokerEvent.objects.filter(pk=failed.pk).update(parked_at=at - 90 * DAY)
    young = receive("DONE", at - 89 * DAY)
    set_aside("no event", source=BrokerEvent.Source.SQS, at=at - 200 * DAY)

    sweep_all(at)

    assert set(BrokerEvent.objects.values_list("pk", flat=True)) == {failed.pk, young.pk}


def test_answers_kept_for_repeats_go_after_a_week(stage: Stage) -> None:
    at = stage.now()
    for number, age in enumerate((8 * DAY, 6 * DAY)):
        IdempotentRequest.objects.create(owner="u:1", key=f"k{number}", created_at=at - age)

    sweep_all(at)

    assert [row.key for row in IdempotentRequest.objects.all()] == ["k1"]


def test_old_tasks_and_expired_sessions_and_cache_rows_go(stage: Stage) -> None:
    now = timezone.now()
    for number, age in enumerate((31, 29)):
        moment = stage.now() - age * DAY
        Task.objects.create(
            id=str(number), name=str(number), func="f", started=moment, stopped=moment
        )
    Session.objects.create(session_key="old", session_data="", expire_date=now - DAY)
    Session.objects.create(session_key="new", session_data="", expire_date=now + DAY)
    cache.set("old", 1, timeout=1)
    cache.set("new", 1, timeout=1000)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE core_cache SET expires = %s WHERE cache_key = ':1:old'", [now - DAY])

    sweep_all(stage.now())

    assert [task.id for task in Task.objects.all()] == ["1"]
    assert [row.session_key for row in Session.objects.all()] == ["new"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM core_cache WHERE cache_key = ':1:old'")
        assert cursor.fetchone()[0] == 0
    assert cache.get("new") == 1


def test_much_is_deleted_in_small_batches_over_several_rounds(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    monkeypatch.setattr(retention, "BATCHES", 2)
    at = stage.now()
    for number in range(7):
        IdempotentRequest.objects.create(owner="u:1", key=str(number), created_at=at - 8 * DAY)

    left = []
    for round_ in range(3):
        retention.forget(at + round_ * timedelta(minutes=11))
        retention.forget(at + round_ * timedelta(minutes=11))  # another worker, too soon
        left.append(IdempotentRequest.objects.count())

    assert left == [3, 0, 0]
