"""The purchase engine: one intent becomes one deposit and one order, whatever dies in between.

Each step writes what it is about to ask under a stored key, commits, asks the broker outside any
transaction, and records the answer by compare-and-swap. A repeat of any step is harmless.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from uuid import UUID, uuid5

from django.conf import settings
from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from accounts.models import Consent
from brokerage.buying_power import get_unsent
from brokerage.gateway import Cash, Rejected, get_broker
from brokerage.models import (
    BankAccount,
    BrokerAccount,
    Deposit,
    Instrument,
    Order,
    Purchase,
)
from brokerage.operations import deposits
from brokerage.operations.banks import check_vouched
from brokerage.operations.moves import ENDS, fail_purchase, move_purchase
from brokerage.operations.orders import follow_order, write_order
from brokerage.operations.terms import read_terms
from brokerage.polling import poll_at
from brokerage.rules import BANK_GONE, check_can_retry, check_can_start_purchase, is_bank_paused
from core import audit
from core.driving import WAIT, drive
from core.errors import NotNow
from core.queue import enqueue
from core.switches import is_halted

TASK = "brokerage.tasks.advance_purchase"
Status = Purchase.Status
SMALLEST = Decimal(1)  # dollars worth an order


@dataclass(frozen=True)
class PurchaseIntent:
    """What is to be bought for whom, paid from where. `reference` is the caller's own row."""

    account: BrokerAccount
    bank: BankAccount
    instrument: Instrument
    amount: Decimal
    reference: UUID
    authorization: Consent


def start_purchase(intent: PurchaseIntent, *, at: datetime) -> Purchase:
    """Write the intent in the caller's transaction and have it driven after commit.

    :raises NotNow: the account, the bank, the instrument or a halt forbid it
    """
    locked = BrokerAccount.objects.select_for_update(of=("self",)).select_related("child")
    account = locked.get(pk=intent.account.pk)  # not closed meanwhile
    bank = BankAccount.objects.select_for_update().get(pk=intent.bank.pk)  # not removed meanwhile
    check_can_start_purchase(account, bank, intent.instrument)
    purchase = Purchase.objects.create(
        account=account,
        bank=bank,
        instrument=intent.instrument,
        amount=intent.amount,
        reference=intent.reference,
        authorization=intent.authorization,
        created_at=at,
        next_step_at=at,
    )
    audit.record("purchase.started", purchase, by="brokerage", at=at, amount=intent.amount)
    enqueue(TASK, pk=purchase.pk)
    return purchase


def retry_purchase(
    ended: Purchase, *, bank: BankAccount, authorization: Consent, at: datetime
) -> Purchase:
    """Start a new purchase in the place of one that came to nothing; that one keeps its history.

    Its reference follows from the old one, so that one failure is followed by one new try.

    :raises NotNow: shares were bought, the money is in the account, the bank's return forbids it,
        or what would forbid any purchase
    """
    check_can_retry(ended)
    intent = PurchaseIntent(
        account=ended.account,
        bank=bank,
        instrument=ended.instrument,
        amount=ended.amount,
        reference=next_reference(ended),
        authorization=authorization,
    )
    return start_purchase(intent, at=at)


def next_reference(ended: Purchase) -> UUID:
    """Return the reference of the purchase that takes this one's place."""
    return uuid5(ended.pk, "again")


def advance_purchase(pk: UUID, *, at: datetime) -> None:
    """Take a purchase one step."""
    drive(Purchase, pk, _step, task=TASK, at=at)


def _step(purchase: Purchase, at: datetime) -> datetime | None:
    if purchase.status == Status.QUEUED:
        return _begin_funding(purchase, at)
    if purchase.status == Status.FUNDING:
        return _follow_deposit(purchase, at)
    if purchase.status == Status.FUNDED:
        return _begin_ordering(purchase, at)
    if purchase.status == Status.ORDERING:
        return _follow_order(purchase, at)
    return None


# --- the deposit --------------------------------------------------------------------------------


def _begin_funding(purchase: Purchase, at: datetime) -> datetime | None:
    """Write the deposit, not yet sent."""
    bank, account = purchase.bank, purchase.account
    check_vouched(bank, at=at)
    if bank.status in (BankAccount.Status.DISABLED, BankAccount.Status.REMOVED):
        with transaction.atomic():
            fail_purchase(purchase, Status.FAILED, str(BANK_GONE), at)
        return None
    ready = account.status == BrokerAccount.Status.OPEN and bank.status == BankAccount.Status.ACTIVE
    if not ready or is_bank_paused(bank) or is_halted("halt-deposits"):
        return at + WAIT
    with transaction.atomic():
        deposits.intend_deposit(account, bank, purchase.amount, at, purchase=purchase)
        move_purchase(purchase, Status.FUNDING, at)
    return at


def _follow_deposit(purchase: Purchase, at: datetime) -> datetime | None:
    deposit = purchase.deposits.get(status__in=Deposit.LIVE)
    return deposits.follow_deposit(deposit, at, moved=partial(_move_with_deposit, purchase))


def _move_with_deposit(purchase: Purchase, deposit: Deposit, at: datetime) -> None:
    if deposit.status in deposits.ENDED_BADLY:
        fail_purchase(purchase, Status(deposit.status), deposit.failure, at)
    elif deposit.status == Deposit.Status.SETTLED:
        move_purchase(purchase, Status.FUNDED, at)


# --- the order ------------------------------------------------------------------------------------


def _begin_ordering(purchase: Purchase, at: datetime) -> datetime | None:
    """Reserve settled cash and write the order, not yet sent.

    What the bank took back meanwhile buys nothing, the cash may be another gift's. The cash reading
    counts only if nothing was spent since before it was asked for; what is written but not yet sent
    is subtracted, so that two purchases never spend the same dollar. An order of the custodian's
    own leaves untouched what a gift's money is to buy.
    """
    if is_halted("halt-orders"):
        return at + WAIT
    before = BrokerAccount.objects.get(pk=purchase.account_id)
    hopeless = _why_never(purchase, before, at)
    if hopeless is None and not _can_buy_now(purchase.instrument, before):
        return at + WAIT
    deposit = purchase.deposits.get(status=Deposit.Status.SETTLED)
    follow = partial(_move_with_deposit, purchase)
    if not deposits.money_is_there(deposit, at, moved=follow):
        return None if purchase.status in ENDS else poll_at(at)
    cash = get_broker().get_cash(before.vendor_id)
    if hopeless is not None:
        _leave_the_money(purchase, hopeless, cash, at)
        return None
    with transaction.atomic():
        account = BrokerAccount.objects.select_for_update().get(pk=before.pk)
        if account.spending != before.spending:
            return at
        amount = _affordable(purchase, cash.for_trade - get_unsent(account))
        if amount is None:
            return poll_at(at)  # settled, but the broker withholds it or another order has it
        order = Order(
            purchase=purchase,
            account=account,
            instrument=purchase.instrument,
            amount=amount,
            asked_at=at,
        )
        write_order(order, at=at)
        audit.record("order.intended", order, by="brokerage", at=at, amount=order.amount)
        move_purchase(purchase, Status.ORDERING, at)
    return at


def _affordable(purchase: Purchase, free: Decimal) -> Decimal | None:
    """Return the dollars to buy for; None while the money is not free.

    What the broker took as fees for earlier orders is missing in the account: so much less is
    bought, and no more than that.
    """
    short = purchase.amount - free
    if short <= 0:
        return purchase.amount
    fees = Order.objects.filter(account=purchase.account_id).aggregate(total=Sum("fees"))["total"]
    return free if fees and short <= fees and free >= SMALLEST else None


def _can_buy_now(instrument: Instrument, account: BrokerAccount) -> bool:
    return (
        instrument.status == Instrument.Status.ACTIVE
        and account.status == BrokerAccount.Status.OPEN
    )


def _why_never(purchase: Purchase, account: BrokerAccount, at: datetime) -> str | None:
    """Return why this share will not be bought any more; None while it is worth waiting.

    Our catalogue counts as gone what the broker merely leaves out of its list while it is halted:
    the broker is asked before a purchase is given up.
    """
    instrument = purchase.instrument
    if account.status == BrokerAccount.Status.CLOSED:
        return _("The account is closed.")
    arrived = purchase.deposits.filter(status=Deposit.Status.SETTLED)
    since = arrived.values_list("settled_at", flat=True).first() or purchase.created_at
    waited = at - since >= timedelta(days=settings.HALTED_GIFT_DAYS)
    gone = instrument.status == Instrument.Status.INACTIVE
    if instrument.status == Instrument.Status.ACTIVE or not (gone or waited):
        return None
    try:
        read_terms(instrument, at=at)
        instrument.refresh_from_db()
    except Rejected:  # the broker does not know it any more
        return _("%s is no longer traded.") % instrument.symbol
    if instrument.status == Instrument.Status.INACTIVE:
        return _("%s is no longer traded.") % instrument.symbol
    if waited and instrument.status == Instrument.Status.HALTED:
        return _("Trading in %s has been halted for too long.") % instrument.symbol
    if waited and instrument.status == Instrument.Status.CLOSE_ONLY:
        return _("%s can not be bought any more.") % instrument.symbol
    return None


def _leave_the_money(purchase: Purchase, reason: str, cash: Cash, at: datetime) -> None:
    """Give a paid purchase up; say that the money is in the account only where it is."""
    if cash.balance >= purchase.amount:
        reason = _("%s The money is in the child's account.") % reason
    with transaction.atomic():
        fail_purchase(purchase, Status.FAILED, reason, at)
        enqueue("brokerage.tasks.sync_account", pk=purchase.account_id)


def _follow_order(purchase: Purchase, at: datetime) -> datetime | None:
    orders = purchase.orders.select_related("account", "instrument")
    order = orders.get(status__in=Order.UNDER_WAY)
    return follow_order(order, at, ended=partial(_end_order, purchase))


def _end_order(purchase: Purchase, order: Order, at: datetime) -> None:
    """Move the purchase after its order."""
    if order.status == Order.Status.FILLED or order.quantity > 0:
        move_purchase(purchase, Status.EXECUTED, at)
    elif returned := purchase.deposits.filter(status=Deposit.Status.RETURNED).first():
        fail_purchase(purchase, Status.RETURNED, returned.failure, at)
    else:
        reason = _("The broker did not carry out the order. The money is in the child's account.")
        fail_purchase(purchase, Status.FAILED, reason, at)


# --- canceling ----------------------------------------------------------------------------------


@transaction.atomic
def cancel_purchase(purchase: Purchase, *, reason: str, at: datetime) -> None:
    """Cancel a purchase before its bank transfer has started.

    :param reason: a sentence for the people concerned
    :raises NotNow: the transfer has started, or the purchase has ended
    """
    purchase = Purchase.objects.select_for_update().get(pk=purchase.pk)
    if purchase.status != Status.QUEUED:
        raise NotNow(
            _("It is too late to cancel this: the bank transfer has started.")
            if purchase.status in (Status.FUNDING, Status.FUNDED, Status.ORDERING)
            else _("This is already %s.") % purchase.status_label(),
            code="too_late",
        )
    move_purchase(purchase, Status.CANCELED, at, failure=reason, next_step_at=None)
