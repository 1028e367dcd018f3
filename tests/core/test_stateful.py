"""Statuses: one way to move, refused by code and database alike where there is no way."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings as site
from django.core.management import call_command
from django.db import DatabaseError, transaction

from brokerage.models import BrokerUser
from core.errors import StaleMove
from core.stateful import Stateful
from tests.cast import make_parent

AT = datetime(2026, 11, 16, 17, 0, tzinfo=UTC)
Status = BrokerUser.Status


@pytest.fixture
def row(db: None) -> BrokerUser:
    parent = make_parent("custodian@family.example")
    return BrokerUser.objects.create(parent=parent, created_at=AT)


def statuses() -> list[type[Stateful]]:
    return [model for model in apps.get_models() if issubclass(model, Stateful)]


def test_a_move_sets_status_and_changes_at_once(row: BrokerUser) -> None:
    row.move_to(Status.CHECKING, vendor_id="user-1", told_at=AT)

    for seen in (row, BrokerUser.objects.get()):
        assert (seen.status, seen.vendor_id, seen.told_at) == ("CHECKING", "user-1", AT)


def test_of_two_who_read_the_same_status_only_the_first_moves(row: BrokerUser) -> None:
    slow = BrokerUser.objects.get()
    row.move_to(Status.CHECKING, vendor_id="user-1", told_at=AT)

    with pytest.raises(StaleMove, match="Somebody else was faster"):
        slow.move_to(Status.CHECKING, vendor_id="user-2", told_at=AT)

    assert BrokerUser.objects.get().vendor_id == "user-1"
    assert (slow.status, slow.vendor_id) == ("INTENDED", "")


def test_a_move_that_is_not_in_the_table_is_refused(row: BrokerUser) -> None:
    with pytest.raises(StaleMove, match="This is already"):
        row.move_to(Status.APPROVED)

    assert BrokerUser.objects.get().status == "INTENDED"


def test_the_database_refuses_a_move_past_the_code(row: BrokerUser) -> None:
    with pytest.raises(DatabaseError, match="INTENDED"), transaction.atomic():
        BrokerUser.objects.update(status="APPROVED", vendor_id="user-1")

    assert BrokerUser.objects.get().status == "INTENDED"


@pytest.mark.parametrize("model", statuses(), ids=lambda model: model.__name__)
def test_every_move_leads_between_statuses_that_exist(model: Any) -> None:
    known = set(model.Status)

    assert set(model.MOVES) <= known
    assert all(set(ends) <= known for ends in model.MOVES.values())
    reached = {model._meta.get_field("status").default}.union(*model.MOVES.values())
    assert reached == known


def test_the_state_diagrams_are_up_to_date(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("states")

    assert capsys.readouterr().out == Path(site.BASE_DIR, "docs", "states.md").read_text()
