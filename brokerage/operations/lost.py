"""Whether the broker got what we asked for, when its answer was lost, and what staff decide of it.

Our reference tells; where something there tells none and may be the one, nobody can say. Then
nothing is sent, and a person decides.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import uuid5

from django.db import transaction

from accounts.models import User
from brokerage.gateway import DepositState, OrderState, get_broker
from brokerage.models import BankAccount, BrokerAccount, BrokerUser, Case, Deposit, Order
from brokerage.operations.asking import UNSHOWN, Sent, settle, weigh
from brokerage.operations.cases import close_case
from core import audit
from core.errors import StaleMove
from core.queue import enqueue

SKEW = timedelta(hours=1)  # the broker's clock may be before or behind ours
A_DAY = timedelta(days=1)  # its lists may go by another day than ours
MODELS: dict[str, type[Sent]] = {
    "brokerage.brokeruser": BrokerUser,
    "brokerage.brokeraccount": BrokerAccount,
    "brokerage.bankaccount": BankAccount,
    "brokerage.deposit": Deposit,
    "brokerage.order": Order,
}
TASKS: dict[type[Sent], str] = {
    BrokerUser: "brokerage.tasks.advance_broker_user",
    BrokerAccount: "brokerage.tasks.advance_broker_account",
    BankAccount: "brokerage.tasks.advance_bank",
    Deposit: "brokerage.tasks.advance_deposit",
    Order: "brokerage.tasks.advance_order",
}


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
    if trace.found:
        settle(deposit, at)
        return trace.found
    like = [state for state in trace.nameless if _is_like_deposit(deposit, state)]
    weigh(deposit, [(state.id, _describe(state)) for state in like], taken, at)
    return None


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
    settle(deposit, at)
    return state


def find_order(order: Order, at: datetime) -> OrderState | None:
    """Look at the broker for an order by its key; None where it never came.

    :raises Unclear: something there may be it
    :raises Unavailable: the broker gave no usable answer
    """
    if hinted := _read_order_hint(order):
        settle(order, at)
        return hinted
    trace = get_broker().trace_order(
        order.account.vendor_id,
        key=order.key,
        symbol=order.instrument.symbol,
        since=order.created_at - A_DAY,
        until=at + A_DAY,
    )
    known = Order.objects.filter(account=order.account_id).exclude(pk=order.pk)
    taken = set(known.exclude(vendor_id="").values_list("vendor_id", flat=True))
    if trace.found:
        settle(order, at)
        return trace.found
    like = [state for state in trace.nameless if _is_like_order(order, state)]
    weigh(order, [(state.id, _describe(state)) for state in like], taken, at)
    return None


def _read_order_hint(order: Order) -> OrderState | None:
    """Ask for the order staff named as this one; None where it is another after all."""
    if not order.hinted_id:
        return None
    state = get_broker().get_order(order.hinted_id)
    others = Order.objects.filter(vendor_id=state.id).exclude(pk=order.pk)
    is_it = state.reference in ("", str(order.key)) and _is_like_order(order, state)
    return state if is_it and not others.exists() else None


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


def _describe(state: DepositState | OrderState) -> str:
    made = f"made {state.created_at:%Y-%m-%d %H:%M} UTC" if state.created_at else "time not told"
    if isinstance(state, DepositState):
        bank = f", from ••{state.bank_last4}" if state.bank_last4 else ""
        return f"${state.amount}, {made}{bank}, {state.vendor_status}"
    size = f"${state.asked_amount}" if state.asked_amount else f"{state.asked_quantity} shares"
    return f"{state.side} {size} of {state.symbol}, {made}, {state.vendor_status}"


# --- what staff decide ----------------------------------------------------------------------------


def find_lost(case: Case) -> Sent | None:
    """Return what a case waits for a decision about; None where none is due."""
    if case.kind != Case.Kind.LOST or case.status != Case.Status.OPEN:
        return None
    label, _, pk = case.subject.rpartition(":")
    model = MODELS.get(label)
    row = model.objects.filter(pk=pk, vendor_id="").first() if model else None
    return row if row is not None and row.may_be else None


def describe_candidates(case: Case) -> list[tuple[str, str]]:
    """Return what at the broker may be it: its id, and what is told of it, without numbers.

    An empty id: it shows nowhere, and staff have to learn its id there.
    """
    row = find_lost(case)
    return [(one["id"], one["told"]) for one in row.may_be] if row else []


@transaction.atomic
def recognize(case: Case, *, by: User, reason: str, payment: str, at: datetime) -> None:
    """Take one of the candidates for what was asked for; it is followed from now on.

    One that shows nowhere is named by the id staff have learnt; it is compared before it is taken.

    :raises StaleMove: nothing waits for a decision any more, or that one is another's by now
    """
    row = _lock(case)
    model = type(row)
    if not payment or model.objects.filter(vendor_id=payment).exists():
        raise StaleMove("That one may not be it any more. Look again.")
    if payment in {one["id"] for one in row.may_be}:
        model.objects.filter(pk=row.pk).update(vendor_id=payment, may_be=[])
    elif row.may_be == [UNSHOWN]:
        model.objects.filter(pk=row.pk).update(hinted_id=payment)
    else:
        raise StaleMove("That one may not be it any more. Look again.")
    audit.record(f"{model._meta.model_name}.recognized", row, by=by, at=at, reason=reason)
    _go_on(case, row, by, reason, at)


@transaction.atomic
def send_again(case: Case, *, by: User, reason: str, at: datetime) -> None:
    """Find that none of the candidates is it; what forbids sending forbids it still.

    What the broker said it has goes out under the next key: under the old one it would answer the
    same.

    :raises StaleMove: nothing waits for a decision any more
    """
    row = _lock(case)
    model = type(row)
    changes: dict[str, object] = {
        "ruled_out": [*row.ruled_out, *(one["id"] for one in row.may_be)],
        "may_be": [],
        "hinted_id": "",
    }
    if row.may_be == [UNSHOWN]:
        changes |= {"key": uuid5(row.key, "again"), "asked_at": None, "refused_at": None}
    model.objects.filter(pk=row.pk).update(**changes)
    audit.record(f"{model._meta.model_name}.not_there", row, by=by, at=at, reason=reason)
    _go_on(case, row, by, reason, at)


def _lock(case: Case) -> Sent:
    case = Case.objects.select_for_update().get(pk=case.pk)
    found = find_lost(case)
    row: Sent | None = None
    if found is not None:
        row = type(found).objects.select_for_update().get(pk=found.pk)
    if row is None or row.vendor_id or not row.may_be:
        raise StaleMove("There is nothing to decide about this any more.")
    return row


def _go_on(case: Case, row: Sent, by: User, reason: str, at: datetime) -> None:
    """Close the case and have whoever drives the row look at it now."""
    close_case(case, by=by, reason=reason, at=at)
    purchase = getattr(row, "purchase", None)
    if purchase is not None:
        purchase.wake(purchase.pk, at=at)
        enqueue("brokerage.tasks.advance_purchase", pk=purchase.pk)
    else:
        row.wake(row.pk, at=at)
        enqueue(TASKS[type(row)], pk=row.pk)
