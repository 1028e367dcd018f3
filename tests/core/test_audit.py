"""The audit trail: what is written, that nobody changes it unseen, that sealers agree."""

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest
import structlog
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from core import audit
from core.models import AuditEntry, AuditSeal, Heartbeat

AT = datetime(2026, 11, 16, 17, 0, tzinfo=UTC)
SUBJECT = Heartbeat(name="thing", at=AT)


def write(count: int = 1) -> list[AuditEntry]:
    return [audit.record("thing.done", SUBJECT, by="tests", at=AT, n=n) for n in range(count)]


def seal_all() -> None:
    while audit.seal_entries(at=AT):
        pass


def head() -> str:
    return audit.verify().head


@contextmanager
def superuser_hand() -> Iterator[Callable[[str], None]]:
    """Let SQL past every trigger, as a database superuser could."""

    def run(sql: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(sql)

    run("SET CONSTRAINTS ALL IMMEDIATE")  # what the test wrote itself is settled first
    run("SET session_replication_role = replica")
    try:
        yield run
    finally:
        run("SET session_replication_role = origin")


def in_thread(work: Callable[[], None]) -> threading.Thread:
    """Run something on a database connection of its own."""

    def body() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=body)
    thread.start()
    return thread


@pytest.mark.django_db
def test_an_entry_says_who_did_what_to_which_row_and_in_which_request() -> None:
    gift = UUID("11111111-1111-1111-1111-111111111111")

    with structlog.contextvars.bound_contextvars(request_id="request-1"):
        audit.record(
            "thing.done", SUBJECT, by=SUBJECT, at=AT, amount=Decimal("50.10"), gift=gift, when=AT
        )

    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.subject) == ("core.heartbeat:thing", "core.heartbeat:thing")
    assert (entry.verb, entry.at, entry.request_id) == ("thing.done", AT, "request-1")
    assert entry.detail == {"amount": "50.10", "gift": str(gift), "when": str(AT)}


@pytest.mark.django_db
def test_a_day_can_be_part_of_an_entry() -> None:
    entry = audit.record("thing.done", SUBJECT, by="tests", at=AT, day=date(2026, 11, 16))

    entry.refresh_from_db()
    assert entry.detail == {"day": "2026-11-16"}


@pytest.mark.django_db
def test_an_entry_is_undone_with_the_write_it_tells_of() -> None:
    with transaction.atomic():
        write()
        transaction.set_rollback(True)

    assert not AuditEntry.objects.exists()


@pytest.mark.django_db
def test_a_sealed_trail_is_whole(capsys: pytest.CaptureFixture[str]) -> None:
    write(3)

    call_command("verify_audit")

    assert re.match(
        r"The audit trail is whole: 3 entries, head 3:[0-9a-f]{64}", capsys.readouterr().out
    )
    assert audit.verify() == audit.Verdict(3, 0, head(), [])


@pytest.mark.django_db
def test_seals_are_made_in_batches_of_one_chain() -> None:
    write(5)

    sealed = [audit.seal_entries(at=AT, limit=2) for _batch in range(4)]

    assert sealed == [2, 2, 1, 0]
    assert audit.verify().faults == []
    assert list(AuditSeal.objects.values_list("position", flat=True)) == [1, 2, 3, 4, 5]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change",
    [
        "actor = 'somebody else'",
        "verb = 'thing.undone'",
        "subject = 'core.heartbeat:other'",
        "at = at + interval '1 microsecond'",
        "detail = '{\"n\": 7}'",
        "request_id = 'another'",
    ],
)
def test_an_altered_entry_is_found_and_named(change: str) -> None:
    entry = write(3)[1]
    seal_all()

    with superuser_hand() as run:
        run(f"UPDATE core_auditentry SET {change} WHERE id = {entry.pk}")  # noqa: S608

    with pytest.raises(CommandError, match=rf"entry {entry.pk} \(seal 2\) was altered") as error:
        call_command("verify_audit")
    assert str(error.value).count("was altered") == 1


@pytest.mark.django_db
def test_two_entries_that_changed_places_are_found() -> None:
    first, second = write(2)
    seal_all()

    with superuser_hand() as run:
        run("UPDATE core_auditseal SET entry_id = -1 WHERE position = 1")
        run(f"UPDATE core_auditseal SET entry_id = {first.pk} WHERE position = 2")  # noqa: S608
        run(f"UPDATE core_auditseal SET entry_id = {second.pk} WHERE position = 1")  # noqa: S608

    with pytest.raises(CommandError, match="was altered"):
        call_command("verify_audit")


@pytest.mark.django_db
def test_a_deleted_entry_is_found() -> None:
    entry = write(3)[1]
    seal_all()

    with superuser_hand() as run:
        run(f"DELETE FROM core_auditentry WHERE id = {entry.pk}")  # noqa: S608

    with pytest.raises(CommandError, match="2 is missing"):
        call_command("verify_audit")


@pytest.mark.django_db
def test_a_deleted_seal_is_found() -> None:
    write(3)
    seal_all()

    with superuser_hand() as run:
        run("DELETE FROM core_auditseal WHERE position = 2")

    with pytest.raises(CommandError, match="seal 2 is missing"):
        call_command("verify_audit")


@pytest.mark.django_db
def test_a_deleted_beginning_is_found() -> None:
    first = write(3)[0]
    seal_all()

    with superuser_hand() as run:
        run("DELETE FROM core_auditseal WHERE position = 1")
        run(f"DELETE FROM core_auditentry WHERE id = {first.pk}")  # noqa: S608

    with pytest.raises(CommandError, match="seal 1 is missing"):
        call_command("verify_audit")


@pytest.mark.django_db
def test_a_trail_cut_at_its_end_is_found_with_a_head_noted_earlier() -> None:
    last = write(3)[2]
    seal_all()
    anchor = head()

    with superuser_hand() as run:
        run("DELETE FROM core_auditseal WHERE position = 3")
        run(f"DELETE FROM core_auditentry WHERE id = {last.pk}")  # noqa: S608

    call_command("verify_audit")  # nothing in the rows themselves shows it
    with pytest.raises(CommandError, match=f"anchored head {anchor} is not in the chain"):
        call_command("verify_audit", anchor=anchor)


@pytest.mark.django_db
def test_a_head_noted_earlier_stays_in_a_growing_chain() -> None:
    write(2)
    seal_all()
    anchor = head()
    write(2)
    seal_all()

    call_command("verify_audit", anchor=anchor)


@pytest.mark.django_db
def test_a_chain_made_up_anew_is_found_with_a_head_noted_earlier() -> None:
    write(3)
    seal_all()
    anchor = head()

    with superuser_hand() as run:
        run("DELETE FROM core_auditseal")
        run("UPDATE core_auditentry SET actor = 'somebody else'")

    with pytest.raises(CommandError, match="anchored head"):
        call_command("verify_audit", anchor=anchor)


@pytest.mark.django_db
@pytest.mark.parametrize("table", ["core_auditentry", "core_auditseal"])
@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE {table} SET {column} = {column}",
        "DELETE FROM {table}",
        "TRUNCATE {table} CASCADE",
    ],
)
def test_the_database_refuses_to_change_the_trail(table: str, sql: str) -> None:
    write(2)
    seal_all()
    column = "verb" if table == "core_auditentry" else "hash"
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    with (
        pytest.raises(DatabaseError, match=r"Cannot update or delete|append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql.format(table=table, column=column))

    assert audit.verify() == audit.Verdict(2, 0, head(), [])


@pytest.mark.django_db(transaction=True)
def test_an_entry_committed_late_is_sealed_too() -> None:
    written, may_commit = threading.Event(), threading.Event()

    def commit_late() -> None:
        with transaction.atomic():
            write()
            written.set()
            assert may_commit.wait(10)

    late = in_thread(commit_late)
    assert written.wait(10)
    write(2)
    seal_all()
    assert audit.verify().sealed == 2
    may_commit.set()
    late.join(10)

    seal_all()

    assert audit.verify() == audit.Verdict(3, 0, head(), [])
    sealed = list(AuditSeal.objects.order_by("position").values_list("entry_id", flat=True))
    assert sealed != sorted(sealed)


@pytest.mark.django_db(transaction=True)
def test_sealers_at_work_at_once_make_one_chain() -> None:
    write(60)
    start = threading.Barrier(4)

    def seal() -> None:
        start.wait(10)
        for _attempt in range(200):
            audit.seal_entries(at=AT, limit=5)
            if not AuditEntry.objects.filter(seal__isnull=True).exists():
                return

    for thread in [in_thread(seal) for _sealer in range(4)]:
        thread.join(30)

    assert audit.verify() == audit.Verdict(60, 0, head(), [])
