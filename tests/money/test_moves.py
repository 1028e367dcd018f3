"""What the database itself refuses, whoever asks: moves, second payments, rewritten history."""

from itertools import product
from typing import Any

import pytest
from django.apps import apps
from django.db import Error, IntegrityError, connection, models, transaction

from brokerage.models import BankAccount, BrokerAccount, BrokerUser, Deposit, Order, Purchase
from core.audit import record, verify
from core.errors import StaleMove
from core.models import AuditEntry, AuditSeal
from core.stateful import Stateful
from gifting.models import Gift
from tests.cast import Family

STATEFUL = [model for model in apps.get_models() if issubclass(model, Stateful)]
ROWS: list[tuple[type[Stateful], str]] = [
    (BrokerUser, "INTENDED"),
    (BrokerAccount, "PENDING"),
    (BankAccount, "INTENDED"),
    (Purchase, "FUNDED"),
    (Deposit, "PENDING"),
    (Order, "NEW"),
    (Gift, "PENDING"),
]


def run(sql: str, *values: Any) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)


def is_refused(sql: str, *values: Any) -> str:
    """Return why the database refused, "" where it did not."""
    try:
        run(sql, *values)
    except Error as error:
        return str(error)
    return ""


def guard_of(table: str) -> str:
    """Return the function that PostgreSQL runs before each update of a status in this table."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgfoid::regproc::text FROM pg_trigger WHERE tgrelid = %s::regclass "
            "AND tgname LIKE 'pgtrigger_moves_%%' AND tgenabled = 'O' "
            "AND tgtype = 19",  # before, update, each row (pg_trigger.h)
            [table],
        )
        (guard,) = [row[0] for row in cursor.fetchall()]
    return str(guard)


@pytest.mark.parametrize("model", STATEFUL, ids=lambda model: model._meta.label)
def test_the_database_allows_exactly_the_moves_of_the_table(
    db: None, model: type[Stateful]
) -> None:
    statuses = [str(status.value) for status in model.Status]  # type: ignore[attr-defined]
    run("CREATE TEMP TABLE probe (status text) ON COMMIT DROP")
    run(
        "CREATE TRIGGER guard BEFORE UPDATE ON probe FOR EACH ROW "
        f"EXECUTE FUNCTION {guard_of(model._meta.db_table)}()"
    )

    allowed = set()
    for old, new in product(statuses, statuses):
        run("DELETE FROM probe")
        run("INSERT INTO probe VALUES (%s)", old)
        if not is_refused("UPDATE probe SET status = %s", new):
            allowed.add((old, new))

    moves = {(str(old), str(new)) for old, ends in model.MOVES.items() for new in ends}
    staying = {(status, status) for status in statuses}
    assert allowed - staying == moves - staying


@pytest.mark.parametrize(("model", "back"), ROWS, ids=lambda value: getattr(value, "__name__", ""))
@pytest.mark.bought
def test_raw_sql_can_not_move_a_row_back(family: Family, model: type[Stateful], back: str) -> None:
    row = model._base_manager.get(**({"parent": family.parent} if model is BrokerUser else {}))
    table = model._meta.db_table

    refusal = is_refused(f"UPDATE {table} SET status = %s WHERE id = %s", back, row.pk)  # noqa: S608

    assert "Invalid transition" in refusal
    assert model._base_manager.get(pk=row.pk).status == row.status


def test_a_move_from_what_is_no_longer_so_is_refused_and_changes_nothing(family: Family) -> None:
    purchase = family.approve(family.give())
    late = Purchase.objects.get(pk=purchase.pk)
    purchase.move_to(Purchase.Status.FUNDING)

    with pytest.raises(StaleMove, match="Somebody else was faster"):
        late.move_to(Purchase.Status.FAILED, failure="too late")

    kept = Purchase.objects.get(pk=purchase.pk)
    assert (kept.status, kept.failure) == ("FUNDING", "")


@pytest.mark.bought
def test_a_move_outside_the_table_is_refused_in_words(family: Family) -> None:
    purchase = family.purchase()

    with pytest.raises(StaleMove, match="This is already shares bought"):
        purchase.move_to(Purchase.Status.QUEUED)


def copy_of(row: models.Model, **changes: Any) -> models.Model:
    """Return an unsaved second row that is alike in all that is not unique."""
    fields = {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if field.name not in {"id", "key", "vendor_id"}
    }
    return type(row)(**(fields | changes))


@pytest.mark.parametrize("status", ["INTENDED", "PENDING", "ON_HOLD", "SETTLED"])
@pytest.mark.bought
def test_a_second_live_deposit_is_refused(family: Family, status: str) -> None:
    deposit = family.purchase().deposits.get()

    with pytest.raises(IntegrityError, match="deposit_one_live"), transaction.atomic():
        copy_of(deposit, status=status).save()


@pytest.mark.parametrize("status", ["INTENDED", "NEW", "PARTIAL_FILL", "FILLED"])
@pytest.mark.bought
def test_a_second_live_order_is_refused(family: Family, status: str) -> None:
    order = family.purchase().orders.get()

    with pytest.raises(IntegrityError, match="order_one_live"), transaction.atomic():
        copy_of(order, status=status).save()


@pytest.mark.parametrize("twin", ["key", "vendor_id"])
@pytest.mark.parametrize("rows", ["deposits", "orders"])
@pytest.mark.bought
def test_no_two_rows_are_one_at_the_broker(family: Family, rows: str, twin: str) -> None:
    row = getattr(family.purchase(), rows).get()
    ended = "FAILED" if rows == "deposits" else "CANCELED"
    copy = copy_of(row, status=ended, **{twin: getattr(row, twin)})

    with pytest.raises(IntegrityError, match=twin), transaction.atomic():
        copy.save()


@pytest.mark.bought
def test_one_gift_is_one_purchase(family: Family) -> None:
    purchase, other = family.purchase(), family.approve(family.give())

    refusal = is_refused(
        "UPDATE brokerage_purchase SET reference = %s WHERE id = %s", purchase.reference, other.pk
    )

    assert "reference" in refusal


REWRITES = {
    "change": "UPDATE {table} SET {column} = {column} WHERE {column} = %s",
    "delete": "DELETE FROM {table} WHERE {column} = %s",
    "truncate": "TRUNCATE {table} CASCADE",
}


@pytest.mark.daily(4)
@pytest.mark.parametrize("rewrite", REWRITES)
@pytest.mark.parametrize("table", ["core_auditentry", "core_auditseal", "accounts_consent"])
def test_history_can_not_be_rewritten(family: Family, table: str, rewrite: str) -> None:
    family.approve(family.give())
    family.stage.work()
    model = next(model for model in apps.get_models() if model._meta.db_table == table)
    rows = model._base_manager.count()
    kept = model._base_manager.all()[:1].get()
    run("SET CONSTRAINTS ALL IMMEDIATE")  # what else would keep TRUNCATE off in this transaction

    sql = REWRITES[rewrite].format(table=table, column=model._meta.pk.column)
    refusal = is_refused(sql, *([kept.pk] if "%s" in sql else []))

    assert "pgtrigger: Cannot" in refusal or "append-only" in refusal
    assert model._base_manager.count() == rows > 0


def test_an_entry_written_past_the_guards_breaks_the_chain(family: Family) -> None:
    entry = record("gift.given", family.child, by="test", at=family.stage.now())
    family.stage.work()
    assert AuditSeal.objects.filter(entry=entry).exists()

    run("SET LOCAL session_replication_role = replica")
    run("UPDATE core_auditentry SET verb = 'gift.forged' WHERE id = %s", entry.pk)
    run("SET LOCAL session_replication_role = DEFAULT")

    assert f"entry {entry.pk}" in verify().faults[0]
    assert AuditEntry.objects.get(pk=entry.pk).verb == "gift.forged"
