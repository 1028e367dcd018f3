"""What becomes of a deposit after it settled."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F

from brokerage.gateway import DepositState, get_broker
from brokerage.models import BrokerAccount, Deposit, Purchase
from brokerage.operations.purchases import take_back
from core import audit

ORDER_UNDER_WAY = timedelta(minutes=15)
Status = Deposit.Status


def recheck_deposit(pk: UUID, *, at: datetime) -> datetime | None:
    """Ask whether the bank took a settled deposit back (a consumer's bank may for 60 days).

    The purchase it paid for moves after it, but not while an order is under way, whose fill must be
    booked first. Returns when to come again, None where all is written down.

    :raises Unavailable: the broker gave no usable answer
    """
    deposit = Deposit.objects.get(pk=pk)
    if deposit.status == Status.SETTLED:
        state = get_broker().get_deposit(deposit.vendor_id)
        if state.status == Status.RETURNED:
            _record_return(deposit, state, at)
    if deposit.status != Status.RETURNED:
        return None
    purchase = Purchase.objects.get(deposits=deposit)
    if purchase.status == Purchase.Status.ORDERING:
        return at + ORDER_UNDER_WAY
    if purchase.can_move_to(Purchase.Status.RETURNED):
        with transaction.atomic():
            take_back(purchase, at=at)
    return None


def _record_return(deposit: Deposit, state: DepositState, at: datetime) -> None:
    with transaction.atomic():
        # Money has gone: a cash reading from before is void.
        BrokerAccount.objects.filter(pk=deposit.account_id).update(spending=F("spending") + 1)
        deposit.move_to(
            Status.RETURNED, vendor_status=state.vendor_status, failure=state.failure[:200]
        )
        audit.record("deposit.returned", deposit, by="brokerage", at=at, amount=deposit.amount)
