"""What a stored event leads to: the row it names becomes due, and is read again at the broker.

An event decides nothing. Whatever it says, our rows move by what the broker answers over REST, so
duplicates, disorder, replays and very late events change nothing.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction

from brokerage.gateway import Malformed, News, Subject, get_broker
from brokerage.models import (
    BankAccount,
    BrokerAccount,
    BrokerEvent,
    BrokerUser,
    Deposit,
    Instrument,
    Order,
    Purchase,
)
from brokerage.operations import accounts, banks, deposits, own_orders, people, purchases
from brokerage.operations.company_actions import hint_parent
from brokerage.operations.instruments import refresh_security
from brokerage.operations.movements import read_ledger
from brokerage.operations.papers import list_papers
from brokerage.operations.sync import sync_account
from core import audit
from core.driven import Driven
from core.driving import TooEarly, drive
from core.queue import enqueue
from core.vendors.breaker import is_any_resting

TASK = "brokerage.tasks.advance_broker_event"
Status = BrokerEvent.Status
MOST_UNKNOWN = 500  # events that are tried again although they name nobody of ours
HELD = timedelta(seconds=1)  # a worker has the row in hand: wake it when it is given back
_PAST_BANK = BankAccount.Status.REMOVED
ENDED_ORDERS = {Order.Status.FILLED, Order.Status.CANCELED, Order.Status.REJECTED}

Row = TypeVar("Row")
# A handler does what the event asks for and returns None, or when to look at the event again.
Handler = Callable[[BrokerEvent, str, datetime], datetime | None]
log = structlog.get_logger()


def advance_broker_event(pk: UUID, *, at: datetime) -> None:
    """Take one event to its end, unless what it names is not there yet."""
    drive(BrokerEvent, pk, _step, task=TASK, at=at)


def _step(event: BrokerEvent, at: datetime) -> datetime | None:
    """Act on an event; one about nobody of ours, or that is no event, is given up."""
    if event.status != Status.RECEIVED:
        return None  # a worker died between its end and giving it back
    try:
        news = get_broker().read_news(event.payload)
        again_at = _act(event, news, at) if news else None
    except Malformed as error:
        _give_up(event, str(error), at)
        return None
    except TooEarly as wait:
        crowded = event.failures == 0 and _too_many_unknown()
        last = crowded or event.failures + 1 >= settings.PARK_AFTER
        if not wait.counted or not last:
            raise
        _give_up(event, str(wait), at)
        return None
    if again_at is None:
        event.move_to(Status.DONE if news else Status.IGNORED, handled_at=at)
    return again_at


def _too_many_unknown() -> bool:
    """Say whether so many events wait for a row of ours that another one is not to be tried again.

    Nothing rests on it: what an event tells of is asked for in any case, later.
    """
    waiting = BrokerEvent.objects.filter(next_step_at__isnull=False, failures__gt=0)
    return len(waiting.values_list("pk")[:MOST_UNKNOWN]) >= MOST_UNKNOWN


def _act(event: BrokerEvent, news: News, at: datetime) -> datetime | None:
    if news.subject == Subject.DEPOSIT and news.reference:
        _recognize_deposit(news)
    again_at = _HANDLERS[news.subject](event, news.id, at)
    if news.subject == Subject.CONTENTS and news.giver and again_at is None:
        account = BrokerAccount.objects.get(vendor_id=news.id)
        hint_parent(account, child=news.came, parent=news.giver)
    return again_at


def _recognize_deposit(news: News) -> None:
    """Have a deposit whose answer was lost hear its id; the broker is asked before we believe it.

    An event repeats our reference also where no list and no answer does.
    """
    try:
        key = UUID(news.reference)
    except ValueError:
        return
    unheard = Deposit.objects.filter(key=key, vendor_id="", hinted_id="")
    unheard.update(hinted_id=news.id)


def _give_up(event: BrokerEvent, reason: str, at: datetime) -> None:
    """Keep an event for a person who has the time; nothing of ours waits for it."""
    log.warning("event_given_up", event_id=event.event_id, type=event.type, reason=reason)
    with transaction.atomic():
        event.move_to(Status.PARKED, handled_at=at)
        audit.record("event.given_up", event, by="brokerage", at=at, type=event.type, reason=reason)


# --- handlers -------------------------------------------------------------------------------------


def _about_user(_event: BrokerEvent, vendor_id: str, at: datetime) -> datetime | None:
    user = BrokerUser.objects.filter(vendor_id=vendor_id).first()
    return _wake(_found(user), people.TASK, at)


def _about_account(_event: BrokerEvent, vendor_id: str, at: datetime) -> datetime | None:
    account = BrokerAccount.objects.filter(vendor_id=vendor_id).first()
    return _wake(_found(account), accounts.TASK, at)


def _about_bank(_event: BrokerEvent, vendor_id: str, at: datetime) -> datetime | None:
    """Have the bank read again, unless it is of the past: then nothing is left to follow."""
    bank = _found(BankAccount.objects.filter(vendor_id=vendor_id).first())
    if bank.status == _PAST_BANK:
        return None
    return _wake(bank, banks.TASK, at)


def _about_banks(_event: BrokerEvent, vendor_id: str, at: datetime) -> datetime | None:
    """Have all of a user's banks read again; the event does not say which one it is about."""
    user = _found(BrokerUser.objects.filter(vendor_id=vendor_id).first())
    rows = BankAccount.objects.filter(parent=user.parent_id).exclude(vendor_id="")
    waits = [_wake(bank, banks.TASK, at) for bank in rows.exclude(status=_PAST_BANK)]
    return max(filter(None, waits), default=None)


def _about_order(_event: BrokerEvent, vendor_id: str, at: datetime) -> datetime | None:
    order = _found(Order.objects.select_related("purchase").filter(vendor_id=vendor_id).first())
    if order.status in ENDED_ORDERS:
        return None
    if order.purchase is None:
        return _wake(order, own_orders.TASK, at)
    return _wake(order.purchase, purchases.TASK, at)


def _about_deposit(_event: BrokerEvent, vendor_id: str, at: datetime) -> datetime | None:
    """Have what follows a deposit look at it, or see whether the bank took settled money back."""
    rows = Deposit.objects.select_related("purchase")
    named = rows.filter(vendor_id=vendor_id).first()
    deposit = _found(named or rows.filter(vendor_id="", hinted_id=vendor_id).first())
    purchase = deposit.purchase
    if purchase and purchase.status in {Purchase.Status.FUNDING, Purchase.Status.FUNDED}:
        return _wake(purchase, purchases.TASK, at)
    if purchase is None and deposit.status in deposits.UNDER_WAY:
        return _wake(deposit, deposits.TASK, at)
    return deposits.recheck_deposit(deposit.pk, at=at)


def _about_contents(event: BrokerEvent, vendor_id: str, at: datetime) -> None:
    """Read ledger, cash and positions, unless that was begun after the event had come."""
    account = _found(BrokerAccount.objects.filter(vendor_id=vendor_id).first())
    if not (account.synced_at and account.synced_at > event.received_at):
        read_ledger(account.pk, at=at)
        sync_account(account.pk, at=at)


def _about_papers(_event: BrokerEvent, vendor_id: str, at: datetime) -> None:
    """Take over the list of statements, confirmations and tax forms."""
    account = _found(BrokerAccount.objects.filter(vendor_id=vendor_id).first())
    list_papers(account, at=at)


def _about_security(_event: BrokerEvent, vendor_id: str, at: datetime) -> None:
    """Read the instrument; one we have not heard of comes with the next catalogue."""
    instrument = Instrument.objects.filter(vendor_id=vendor_id).first()
    if instrument is None:
        enqueue("brokerage.tasks.sync_instruments")
    else:
        refresh_security(instrument, at=at)


_HANDLERS: dict[Subject, Handler] = {
    Subject.USER: _about_user,
    Subject.ACCOUNT: _about_account,
    Subject.CONTENTS: _about_contents,
    Subject.BANK: _about_bank,
    Subject.BANKS: _about_banks,
    Subject.DEPOSIT: _about_deposit,
    Subject.ORDER: _about_order,
    Subject.SECURITY: _about_security,
    Subject.PAPERS: _about_papers,
}


def _found(row: Row | None) -> Row:
    """Insist on a row of ours.

    A row that our own call made commits within seconds of the event, and eight tries take twenty
    minutes; but while the broker is away, the answer that names the row may be still to come.

    :raises TooEarly: the call that made it has not committed yet, or it is somebody else's
    """
    if row is None:
        raise TooEarly("no row of ours has this id", counted=not is_any_resting())
    return row


def _wake(row: Driven, task: str, at: datetime) -> datetime | None:
    """Make the row due and nudge a worker; come again soon where one has the row in hand."""
    if not row.wake(row.pk, at=at):
        return at + HELD
    enqueue(task, pk=row.pk)
    return None
