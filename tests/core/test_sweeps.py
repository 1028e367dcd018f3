"""The rounds of the worker, and the switches that halt parts of it."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.apps import apps
from django.db import transaction
from waffle.testutils import override_switch

from core import audit, switches
from core.errors import DomainError
from core.models import AuditSeal, Heartbeat
from core.sweeps import sweep_all

AT = datetime(2026, 11, 16, 17, 0, tzinfo=UTC)
rounds: list[datetime] = []


def breaks(_at: datetime) -> int:
    raise RuntimeError("a room on fire")


def counts(at: datetime) -> int:
    rounds.append(at)
    return 3


@pytest.fixture
def _two_rooms(monkeypatch: pytest.MonkeyPatch) -> None:
    rounds.clear()
    for config in apps.get_app_configs():
        if getattr(config, "sweep", None):
            monkeypatch.setattr(config, "sweep", f"{__name__}.counts", raising=False)
    first = next(iter(apps.get_app_configs()))
    monkeypatch.setattr(first, "sweep", f"{__name__}.breaks", raising=False)


@pytest.mark.django_db
@pytest.mark.usefixtures("_two_rooms")
def test_a_room_that_fails_does_not_keep_the_others_from_their_round() -> None:
    audit.record("thing.done", Heartbeat(name="thing"), by="tests", at=AT)

    with transaction.atomic():
        done = sweep_all(AT)

    assert rounds
    assert set(rounds) == {AT}
    assert AuditSeal.objects.count() == 1
    assert done == 3 * len(rounds) + 1


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(switches.HALTS))
def test_a_halt_refuses_with_its_sentence_until_it_is_lifted(name: str) -> None:
    switches.check_running(name)

    with override_switch(name, active=True), pytest.raises(DomainError) as refusal:
        switches.check_running(name)

    assert (refusal.value.code, refusal.value.status) == ("halted", 503)
    assert refusal.value.message.startswith(str(switches.HALTS[name]))
    assert refusal.value.retry_after == 3600
    switches.check_running(name)


@pytest.mark.django_db
def test_a_halt_nobody_knows_is_a_bug() -> None:
    unknown: Any = "halt-everything"

    with pytest.raises(KeyError):
        switches.is_halted(unknown)
