"""Leases: who holds a row, for how long, and what a late worker may still do to it."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts.security_models import SecurityNote
from brokerage.models import BrokerUser, Order
from core.driven import BACKOFF, LEASE, find_due
from tests.cast import make_parent, make_user

AT = datetime(2026, 11, 16, 17, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.fixture
def row(db: None) -> BrokerUser:
    parent = make_parent("custodian@family.example")
    return BrokerUser.objects.create(parent=parent, created_at=AT, next_step_at=AT)


def take(row: BrokerUser, at: datetime = AT) -> BrokerUser:
    held = BrokerUser.take(row.pk, at=at)
    assert held is not None
    return held


def is_due(row: BrokerUser, at: datetime) -> bool:
    return BrokerUser.objects.due(at).filter(pk=row.pk).exists()


def test_a_row_is_due_from_its_next_step_on(row: BrokerUser) -> None:
    assert not is_due(row, AT - SECOND)
    assert is_due(row, AT)
    assert is_due(row, AT + timedelta(days=9))


def test_the_row_that_waits_longest_comes_first(row: BrokerUser) -> None:
    other = make_parent("other@family.example")
    later = BrokerUser.objects.create(parent=other, created_at=AT, next_step_at=AT - SECOND)

    assert list(BrokerUser.objects.due(AT)) == [later, row]


def test_one_question_finds_the_first_kind_that_is_due(row: BrokerUser) -> None:
    assert find_due([Order, BrokerUser], AT) == 1
    assert find_due([BrokerUser, Order], AT) == 0
    assert find_due([Order], AT) is None
    assert find_due([], AT) is None


def test_one_question_finds_what_each_kind_finds(row: BrokerUser) -> None:
    later = AT + timedelta(days=1)
    states: list[dict[str, datetime | None]] = [
        {"next_step_at": step, "leased_until": lease, "parked_at": parked}
        for step in (None, AT - SECOND, AT, AT + SECOND)
        for lease in (None, AT - SECOND, AT, AT + SECOND)
        for parked in (None, AT)
    ]
    for state in states:
        BrokerUser.objects.update(**state)
        for at in (AT - SECOND, AT, AT + SECOND, later):
            assert (find_due([BrokerUser], at) == 0) is is_due(row, at), (state, at)


def test_a_taken_row_is_nobody_elses_and_not_due(row: BrokerUser) -> None:
    take(row)

    assert BrokerUser.take(row.pk, at=AT) is None
    assert BrokerUser.take(row.pk, at=AT + LEASE - SECOND) is None
    assert not is_due(row, AT + LEASE - SECOND)


def test_a_row_without_a_next_step_is_not_taken(row: BrokerUser) -> None:
    take(row).release(next_step_at=None)

    assert BrokerUser.take(row.pk, at=AT + timedelta(days=1)) is None
    assert not is_due(row, AT + timedelta(days=1))


def test_a_taken_row_is_read_fresh(row: BrokerUser) -> None:
    BrokerUser.objects.update(trouble="lost")

    assert take(row).trouble == "lost"


def test_a_released_row_waits_for_its_next_step_and_forgets_failures(row: BrokerUser) -> None:
    take(row).retry_later(at=AT, trouble="lost")

    take(row, AT + timedelta(minutes=1)).release(next_step_at=AT + timedelta(hours=1))

    row.refresh_from_db()
    assert (row.attempts, row.trouble, row.leased_until) == (0, "", None)
    assert not is_due(row, AT + timedelta(minutes=59))
    assert is_due(row, AT + timedelta(hours=1))


def test_a_failure_is_counted_explained_and_tried_again_later(row: BrokerUser) -> None:
    take(row).retry_later(at=AT, trouble="x" * 300)

    row.refresh_from_db()
    assert (row.attempts, row.trouble, row.leased_until) == (1, "x" * 200, None)
    assert row.next_step_at is not None
    assert row.next_step_at > AT


def test_each_failure_in_turn_waits_longer_up_to_half_an_hour(row: BrokerUser) -> None:
    at, waits = AT, []
    for _attempt in range(len(BACKOFF) + 4):
        take(row, at).retry_later(at=at, trouble="lost")
        row.refresh_from_db()
        assert row.next_step_at is not None
        waits.append((row.next_step_at - at).total_seconds())
        at = row.next_step_at

    expected = [*BACKOFF, 1800, 1800, 1800, 1800]
    assert row.attempts == len(expected)
    for wait, seconds in zip(waits, expected, strict=True):
        assert 0.75 * seconds <= wait <= 1.25 * seconds


def test_waits_are_not_all_alike(row: BrokerUser) -> None:
    waits = set()
    for _attempt in range(20):
        BrokerUser.objects.update(attempts=3, next_step_at=AT)
        take(row).retry_later(at=AT, trouble="lost")
        row.refresh_from_db()
        waits.add(row.next_step_at)

    assert len(waits) > 10


def test_a_dead_workers_row_is_free_when_its_lease_runs_out(row: BrokerUser) -> None:
    take(row)

    assert is_due(row, AT + LEASE)
    assert BrokerUser.take(row.pk, at=AT + LEASE) is not None


def test_a_worker_whose_lease_ran_out_changes_nothing(row: BrokerUser) -> None:
    slow = take(row)
    quick = take(row, AT + LEASE)

    slow.release(next_step_at=None, trouble="late")
    slow.retry_later(at=AT + LEASE, trouble="late")

    row.refresh_from_db()
    assert (row.leased_until, row.next_step_at) == (AT + 2 * LEASE, AT)
    assert (row.attempts, row.trouble) == (0, "")
    assert BrokerUser.take(row.pk, at=AT + LEASE + SECOND) is None
    quick.release(next_step_at=AT + timedelta(days=1))
    row.refresh_from_db()
    assert (row.leased_until, row.next_step_at) == (None, AT + timedelta(days=1))


def test_a_late_worker_does_not_undo_what_the_next_one_finished(row: BrokerUser) -> None:
    slow = take(row)
    take(row, AT + LEASE).release(next_step_at=None)

    slow.release(next_step_at=AT)

    row.refresh_from_db()
    assert row.next_step_at is None


def test_a_flood_of_rows_tried_again_leaves_most_of_a_round_to_new_ones(db: None) -> None:
    at = AT
    user = make_user("flooded@family.example")
    for attempts in (3, 0):
        SecurityNote.objects.bulk_create(
            SecurityNote(user=user, kind="flood", created_at=at, next_step_at=at, attempts=attempts)
            for _one in range(30)
        )
    picked = SecurityNote.objects.filter(pk__in=SecurityNote.objects.pick(at, 20))

    assert (picked.filter(attempts=0).count(), picked.exclude(attempts=0).count()) == (15, 5)
    SecurityNote.objects.filter(attempts=0).delete()
    assert len(SecurityNote.objects.pick(at, 20)) == 20
