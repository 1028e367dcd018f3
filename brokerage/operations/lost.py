"""Whether the broker got what we asked for, when its answer was lost.

Our reference tells; where something there tells none and may be the one, nobody can say. Then
nothing is sent, and a person decides.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction

from accounts.models import User
from brokerage.gateway import DepositState, OrderState, get_broker
from brokerage.models import Case, Deposit, Order
from brokerage.operations.cases import close_case, open_case, settle_case
from core import audit
from core.errors import StaleMove
from core.queue import enqueue

SKEW = timedelta(hours=1)  # the broker's clock may be before or behind ours
A_DAY = timedelta(days=1)  # its lists may go by another day than ours
MODELS: dict[str, type[Deposit | Order]] = {
    "brokerage.deposit": Deposit,
    "brokerage.order": Order,
}
TASKS = {Deposit: "brokerage.tasks.advance_deposit", Order: "brokerage.tasks.advance_order"}
SUMMARY = (
    "No answer came to what we asked the broker for, and it has something like it that tells no "
    "reference. Nothing is sent until you have compared: is it this one?"
)


class Unclear(Exception):
    """The broker has something that may be the one; a case is open, nothing may be sent."""


def find_deposit(deposit: Deposit, at: datetime) -> DepositState | None:
    """Look at the broker for a deposit by its key; None where it never came.

    :raises Unclear: something there may be it
    :raises Unavailable: the broker gave no usable answer
    """
    trace = get_broker().trace_deposit(
        deposit.account.vendor_id, key=deposit.key, amount=deposit.amount
    )
    known = Deposit.objects.filter(account=deposit.account_id).exclude(pk=deposit.pk)
    taken = set(known.exclude(vendor_id="").values_list("vendor_id", flat=True))
    like = [state for state in trace.nameless if _is_like_deposit(deposit, state)]
    _note(deposit, [] if trace.found else like, taken, at)
    return trace.found


def read_hint(deposit: Deposit, at: datetime) -> DepositState | None:
    """Ask for the payment an event named as this one; None where it is another after all.

    :raises Unavailable: the broker gave no usable answer
    """
    if not deposit.hinted_id:
        return None
    state = get_broker().get_deposit(deposit.hinted_id)
    others = Deposit.objects.filter(vendor_id=state.id).exclude(pk=deposit.pk)
    differs = state.reference not in ("", str(deposit.key)) or state.amount != deposit.amount
    if differs or others.exists():
        return None
    _note(deposit, [], (), at)
    return state


def find_order(order: Order, at: datetime) -> OrderState | None:
    """Look at the broker for an order by its key; None where it never came.

    :raises Unclear: something there may be it
    :raises Unavailable: the broker gave no usable answer
    """
    trace = get_broker().trace_order(
        order.account.vendor_id,
        key=order.key,
        symbol=order.instrument.symbol,
        since=order.created_at - A_DAY,
        until=at + A_DAY,
    )
    known = Order.objects.filter(account=order.account_id).exclude(pk=order.pk)
    taken = set(known.exclude(vendor_id="").values_list("vendor_id", flat=True))
    like = [state for state in trace.nameless if _is_like_order(order, state)]
    _note(order, [] if trace.found else like, taken, at)
    return trace.found


def _is_like_deposit(deposit: Deposit, state: DepositState) -> bool:
    """Say whether a payment may be this one: amount, bank and time do not speak against it."""
    return (
        state.amount == deposit.amount
        and state.pulled
        and state.bank_last4 in ("", deposit.bank.last4)
        and not _is_older(state.created_at, deposit.created_at)
    )


def _is_like_order(order: Order, state: OrderState) -> bool:
    return (
        state.symbol in ("", order.instrument.symbol)
        and state.side in ("", order.side)
        and not _differ(state.asked_amount, order.amount)
        and not (order.asked_quantity and _differ(state.asked_quantity, order.asked_quantity))
        and not _is_older(state.created_at, order.created_at)
    )


def _is_older(made_at: datetime | None, asked_at: datetime) -> bool:
    return made_at is not None and made_at < asked_at - SKEW


def _differ(told: Decimal | None, asked: Decimal | None) -> bool:
    return bool(told) and told != asked


def _note(
    row: Deposit | Order,
    like: Sequence[DepositState | OrderState],
    taken: Iterable[str],
    at: datetime,
) -> None:
    """Write down what may be the row, with a case while there is any.

    :raises Unclear: there is
    """
    out = {*taken, *row.ruled_out}
    may_be = [{"id": state.id, "told": _describe(state)} for state in like if state.id not in out]
    if may_be != row.may_be:
        with transaction.atomic():
            type(row).objects.filter(pk=row.pk).update(may_be=may_be)
            row.may_be = may_be
            if not may_be:
                settle_case(Case.Kind.LOST, row, finding="It is clear by now.", at=at)
    if may_be:
        with transaction.atomic():
            parent = row.account.child.parent
            open_case(
                Case.Kind.LOST, row, summary=SUMMARY, at=at, account=row.account, parent=parent
            )
        raise Unclear


def _describe(state: DepositState | OrderState) -> str:
    made = f"made {state.created_at:%Y-%m-%d %H:%M} UTC" if state.created_at else "time not told"
    if isinstance(state, DepositState):
        bank = f", from ••{state.bank_last4}" if state.bank_last4 else ""
        return f"${state.amount}, {made}{bank}, {state.vendor_status}"
    size = f"${state.asked_amount}" if state.asked_amount else f"{state.asked_quantity} shares"
    return f"{state.side} {size} of {state.symbol}, {made}, {state.vendor_status}"


# --- what staff decide ----------------------------------------------------------------------------


def find_lost(case: Case) -> Deposit | Order | None:
    """Return what a case waits for a decision about; None where none is due."""
    if case.kind != Case.Kind.LOST or case.status != Case.Status.OPEN:
        return None
    label, _, pk = case.subject.rpartition(":")
    model = MODELS.get(label)
    if model is None:
        return None
    row = model.objects.select_related("account").filter(pk=pk, vendor_id="").first()
    return row if row is not None and row.may_be else None


def describe_candidates(case: Case) -> list[tuple[str, str]]:
    """Return what at the broker may be it: its id, and what is told of it, without numbers."""
    row = find_lost(case)
    return [(one["id"], one["told"]) for one in row.may_be] if row else []


@transaction.atomic
def recognize(case: Case, *, by: User, reason: str, payment: str, at: datetime) -> None:
    """Take one of the candidates for what was asked for; it is followed from now on.

    :raises StaleMove: nothing waits for a decision any more, or that one is another's by now
    """
    row = _lock(case)
    model = type(row)
    listed = {one["id"] for one in row.may_be}
    if payment not in listed or model.objects.filter(vendor_id=payment).exists():
        raise StaleMove("That one may not be it any more. Look again.")
    model.objects.filter(pk=row.pk).update(vendor_id=payment, may_be=[])
    audit.record(f"{model._meta.model_name}.recognized", row, by=by, at=at, reason=reason)
    _go_on(case, row, by, reason, at)


@transaction.atomic
def send_again(case: Case, *, by: User, reason: str, at: datetime) -> None:
    """Find that none of the candidates is it; what forbids sending forbids it still.

    :raises StaleMove: nothing waits for a decision any more
    """
    row = _lock(case)
    model = type(row)
    ruled_out = [*row.ruled_out, *(one["id"] for one in row.may_be)]
    model.objects.filter(pk=row.pk).update(ruled_out=ruled_out, may_be=[])
    audit.record(f"{model._meta.model_name}.not_there", row, by=by, at=at, reason=reason)
    _go_on(case, row, by, reason, at)


def _lock(case: Case) -> Deposit | Order:
    case = Case.objects.select_for_update().get(pk=case.pk)
    found = find_lost(case)
    row: Deposit | Order | None = None
    if found is not None:
        row = type(found).objects.select_for_update().get(pk=found.pk)
    if row is None or row.vendor_id or not row.may_be:
        raise StaleMove("There is nothing to decide about this any more.")
    return row


def _go_on(case: Case, row: Deposit | Order, by: User, reason: str, at: datetime) -> None:
    """Close the case and have whoever drives the row look at it now."""
    close_case(case, by=by, reason=reason, at=at)
    if row.purchase_id:
        row.purchase.wake(row.purchase_id, at=at)  # type: ignore[union-attr]
        enqueue("brokerage.tasks.advance_purchase", pk=row.purchase_id)
    else:
        row.wake(row.pk, at=at)
        enqueue(TASKS[type(row)], pk=row.pk)
