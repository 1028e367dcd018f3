"""What a stored event leads to: the row it names becomes due, and is read again at the broker.

An event decides nothing. Whatever it says, our rows move by what the broker answers over REST, so
duplicates, disorder, replays and very late events change nothing.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

import structlog
from django.db import transaction

from brokerage.driving import TooEarly, drive
from brokerage.gateway import Malformed, Subject, Unavailable, get_broker
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
from brokerage.operations import accounts, banks, people, purchases
from brokerage.operations.deposits import recheck_deposit
from brokerage.operations.instruments import refresh_security
from brokerage.operations.movements import read_ledger
from brokerage.operations.papers import list_papers
from brokerage.operations.sync import sync_account
from core import audit
from core.driven import Driven
from core.errors import StaleMove
from core.queue import enqueue

TASK = "brokerage.tasks.advance_broker_event"
Status = BrokerEvent.Status
TRIES = 8  # a row that our own call made commits within seconds of the event; 8 tries take 20 min
HELD = timedelta(seconds=1)  # a worker has the row in hand: wake it when it is given back
ENDED_ORDERS = {Order.Status.FILLED, Order.Status.CANCELED, Order.Status.REJECTED}

Row = TypeVar("Row")
# A handler does what the event asks for and returns None, or when to look at the event again.
Handler = Callable[[BrokerEvent, str, datetime], datetime | None]
log = structlog.get_logger()


def advance_broker_event(pk: UUID, *, at: datetime) -> None:
    """Take one event to its end, unless what it names is not there yet."""
    drive(BrokerEvent, pk, _step, task=TASK, at=at)


def _step(event: BrokerEvent, at: datetime) -> datetime | None:
    """Act on an event; what fails time and again is parked, a broker that is away is waited for."""
    try:
        news = get_broker().read_news(event.payload)
        again_at = _HANDLERS[news.subject](event, news.id, at) if news else None
        if again_at is None:
            event.move_to(Status.DONE if news else Status.IGNORED, handled_at=at)
        return again_at
    except (Unavailable, StaleMove):
        raise
    except Exception as error:
        if event.attempts + 1 < TRIES and not isinstance(error, Malformed):
            raise
        _park(event, error, at)
        return None


def _park(event: BrokerEvent, error: Exception, at: datetime) -> None:
    """Give an event up and keep it for a person."""
    log.warning("event_parked", event_id=event.event_id, type=event.type, exc_info=error)
    with transaction.atomic():
        event.move_to(Status.PARKED, handled_at=at)
        audit.record("event.parked", event, by="brokerage", at=at, type=event.type)


# --- handlers -------------------------------------------------------------------------------------


def _about_user(_event: BrokerEvent, vendor_id: str, at: datetime) -> datetime | None:
    user = BrokerUser.objects.filter(vendor_id=vendor_id).first()
    return _wake(_found(user), people.TASK, at)


def _about_account(_event: BrokerEvent, vendor_id: str, at: datetime) -> datetime | None:
    account = BrokerAccount.objects.filter(vendor_id=vendor_id).first()
    return _wake(_found(account), accounts.TASK, at)


def _about_bank(_event: BrokerEvent, vendor_id: str, at: datetime) -> datetime | None:
    bank = BankAccount.objects.filter(vendor_id=vendor_id).first()
    return _wake(_found(bank), banks.TASK, at)


def _about_order(_event: BrokerEvent, vendor_id: str, at: datetime) -> datetime | None:
    order = _found(Order.objects.select_related("purchase").filter(vendor_id=vendor_id).first())
    if order.status in ENDED_ORDERS:
        return None
    return _wake(order.purchase, purchases.TASK, at)


def _about_deposit(_event: BrokerEvent, vendor_id: str, at: datetime) -> datetime | None:
    """Have the purchase follow its deposit, or look whether the bank took settled money back."""
    deposits = Deposit.objects.select_related("purchase")
    deposit = _found(deposits.filter(vendor_id=vendor_id).first())
    if deposit.purchase.status in {Purchase.Status.FUNDING, Purchase.Status.FUNDED}:
        return _wake(deposit.purchase, purchases.TASK, at)
    return recheck_deposit(deposit.pk, at=at)


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
    Subject.DEPOSIT: _about_deposit,
    Subject.ORDER: _about_order,
    Subject.SECURITY: _about_security,
    Subject.PAPERS: _about_papers,
}


def _found(row: Row | None) -> Row:
    """Insist on a row of ours.

    :raises TooEarly: the call that made it has not committed yet, or it is somebody else's
    """
    if row is None:
        raise TooEarly("no row of ours has this id")
    return row


def _wake(row: Driven, task: str, at: datetime) -> datetime | None:
    """Make the row due and nudge a worker; come again soon where one has the row in hand."""
    if not row.wake(row.pk, at=at):
        return at + HELD
    enqueue(task, pk=row.pk)
    return None
