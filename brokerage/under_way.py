"""What is under way with a bank account, and what ending its use means for each part of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db.models import Prefetch
from django.utils.translation import gettext as _

from brokerage.models import BankAccount, Deposit, Purchase
from core.templatetags.show import day

SENT = (Deposit.Status.INTENDED, Deposit.Status.PENDING, Deposit.Status.ON_HOLD)


@dataclass(frozen=True)
class UnderWay:
    """Dollars that pay for something. `is_asked`: the bank may have been asked for them already,
    and nobody can take that back; `expected_on` tells by when they should arrive then.
    """

    amount: Decimal
    what: str
    is_gift: bool
    is_asked: bool
    expected_on: date | None = None


def list_under_way(banks: Iterable[BankAccount]) -> list[UnderWay]:
    """Return what is under way with these, gifts first, oldest first in each."""
    pks = [bank.pk for bank in banks]
    own = Deposit.objects.filter(bank__in=pks, purchase__isnull=True, status__in=SENT)
    own = own.select_related("account__child").order_by("created_at")
    return [_of_gift(purchase) for purchase in _list_buying(pks)] + [
        UnderWay(
            deposit.amount,
            _("money added for %s") % deposit.account.child.first_name,
            is_gift=False,
            is_asked=_is_asked(deposit),
            expected_on=deposit.expected_on,
        )
        for deposit in own
    ]


def _list_buying(pks: Iterable[UUID]) -> Iterable[Purchase]:
    """Yield what waits for its money; from a disabled bank nothing more is asked for."""
    status = Purchase.Status
    live = Prefetch("deposits", Deposit.objects.filter(status__in=SENT), to_attr="live")
    buying = Purchase.objects.filter(bank__in=pks, status__in=[status.QUEUED, status.FUNDING])
    buying = buying.exclude(bank__status=BankAccount.Status.DISABLED, status=status.QUEUED)
    return buying.select_related("instrument").prefetch_related(live).order_by("created_at")


def _of_gift(purchase: Purchase) -> UnderWay:
    deposit = next(iter(getattr(purchase, "live", [])), None)
    return UnderWay(
        purchase.amount,
        _("a gift of %s") % purchase.instrument.name,
        is_gift=True,
        is_asked=deposit is not None and _is_asked(deposit),
        expected_on=deposit.expected_on if deposit else None,
    )


def _is_asked(deposit: Deposit) -> bool:
    return bool(deposit.vendor_id or deposit.asked_at)


def find_last_day(rows: Iterable[UnderWay]) -> date | None:
    """Return the day by which all of it should have arrived; None where one is not told."""
    days = [row.expected_on for row in rows]
    return max((on for on in days if on), default=None) if all(days) else None


def describe_waiting(row: UnderWay) -> str:
    """Say why a bank account can not be removed while this is under way, and until when."""
    if row.is_asked and row.expected_on:
        return _("Its transfer can not be stopped; it should arrive by %s.") % day(row.expected_on)
    if row.is_asked:
        return _("Its transfer can not be stopped; wait until it has arrived.")
    if row.is_gift:
        return _("Its transfer has not started: cancel the gift on its page, or let it arrive.")
    return _("Its transfer has not started yet; wait until it has arrived.")


def describe_end(row: UnderWay, *, must_arrive: bool) -> str:
    """Say what becomes of it when the connection to its bank is removed.

    :param must_arrive: the bank ends its numbers with the connection
    """
    if row.is_asked:
        until = day(row.expected_on) if row.expected_on else ""
        if must_arrive:
            return _("It must arrive first: the transfer could fail otherwise.")
        if until:
            return _("Its transfer goes on; it should arrive by %s.") % until
        return _("Its transfer goes on.")
    if row.is_gift:
        return _("It is not paid from this bank. On the gift's page you can try another one.")
    return _("It is not taken from this bank. You can add it again from another one.")
