"""When shares may be bought and money added, and when an account may be closed."""

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Q, Sum
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Parent
from brokerage.models import (
    BankAccount,
    BrokerAccount,
    DebitPause,
    Deposit,
    Instrument,
    Order,
    Purchase,
)
from brokerage.returns import get_policy
from core.clock import NEW_YORK
from core.errors import Findings, Invalid, NotAllowed, NotNow

TOO_LARGE = Decimal(10) ** 20  # beyond any column, whatever the settings say
BANK_GONE: Any = gettext_lazy("The bank account is not linked any more. Choose another one.")


def check_can_start_purchase(
    account: BrokerAccount, bank: BankAccount | None, instrument: Instrument
) -> None:
    """Refuse a purchase that could not be carried out now.

    :param bank: None where it is not chosen yet
    :raises NotNow: account not open, bank not linked to the same custodian, its debits paused,
        instrument not allowed
    """
    found = Findings()
    with found.noting():
        _check_can_move_money(account, bank)
    with found.noting():
        if account.kind == BrokerAccount.Kind.TEEN and instrument.kind != Instrument.Kind.STOCK:
            raise NotNow(_("Teen accounts can hold single stocks only."), code="instrument")
        check_on_allow_list(instrument)
    found.raise_all()


def _check_can_move_money(account: BrokerAccount, bank: BankAccount | None) -> None:
    if account.status != BrokerAccount.Status.OPEN:
        raise NotNow(_why_no_trades(account), code="account")
    if account.close_asked_at:
        raise NotNow(_("This account is being closed."), code="account")
    if bank is None:
        return
    if bank.status != BankAccount.Status.ACTIVE or bank.parent_id != account.child.parent_id:
        raise NotNow(_("Link a bank account first; the money comes from there."), code="bank")
    if is_paused(bank.parent_id):
        raise NotNow(
            _("Transfers from your banks are paused since one was returned. Please write to us."),
            code="paused",
        )
    if is_bank_paused(bank):
        message = _(
            "Transfers from this bank account are paused since it sent one back: we are looking "
            "into it. Use another one, or wait until we have."
        )
        raise NotNow(message, code="paused", fields={"bank": message})


def is_paused(parent_id: UUID) -> bool:
    """Say whether nothing may be debited from any of this parent's banks."""
    pauses = DebitPause.objects.filter(parent=parent_id, lifted_at__isnull=True)
    return pauses.filter(bank__isnull=True).exists()


def is_bank_paused(bank: BankAccount) -> bool:
    """Say whether nothing may be debited from this bank, as it is or as it was linked before."""
    pauses = DebitPause.objects.filter(parent=bank.parent_id, lifted_at__isnull=True)
    same = Q(bank__isnull=True) | Q(bank=bank.pk)
    if bank.number_index:
        same |= Q(bank__number_index=bank.number_index)
    return pauses.filter(same).exists()


def check_can_deposit_into(account: BrokerAccount | None, by: Parent) -> BrokerAccount:
    """Insist on an account whose custodian adds money to it; others push it from their bank.

    :raises NotNow: no account yet
    :raises NotAllowed: somebody else's
    """
    if account is None:
        raise NotNow(_("The account is not open yet. We will tell you when it is."), code="account")
    if account.child.parent_id != by.pk:
        raise NotAllowed(_("Only this child's custodian can add money."))
    return account


def check_has_bank(bank: BankAccount | None) -> BankAccount:
    """Insist on a bank.

    :raises NotNow: none
    """
    if bank is None:
        raise NotNow(_("Link a bank account first; the money comes from there."), code="bank")
    return bank


def check_can_start_deposit(
    account: BrokerAccount,
    bank: BankAccount | None,
    amount: Decimal | None,
    *,
    by: Parent,
    at: datetime,
) -> None:
    """Refuse a deposit outside gifts; exact while the parent's row is held, for the day's limit.

    :param bank: None, as `amount`, where it is not understood yet
    :raises Invalid: an amount outside DEPOSIT_MIN and DEPOSIT_MAX
    :raises NotNow: account, bank or a pause forbid it, or the day's limit is reached
    """
    found = Findings()
    with found.noting():
        _check_can_move_money(account, bank)
    with found.noting():
        if amount is not None:
            least, most = Decimal(settings.DEPOSIT_MIN), Decimal(settings.DEPOSIT_MAX)
            check_dollars(amount, least=least, most=most)
            _check_day_limit(amount, by=by, at=at)
    found.raise_all()


def _check_day_limit(amount: Decimal, *, by: Parent, at: datetime) -> None:
    midnight = datetime.combine(at.astimezone(NEW_YORK).date(), time(), NEW_YORK)
    today = Deposit.objects.filter(
        authorization__parent=by, created_at__gte=midnight, purchase__isnull=True
    ).exclude(status=Deposit.Status.FAILED)
    added = today.aggregate(total=Sum("amount"))["total"] or Decimal(0)
    limit = Decimal(settings.DEPOSIT_DAY_MAX)
    if added + amount > limit:
        message = _("You can add up to $%(limit)s a day; $%(left)s are left today.") % {
            "limit": _plain(limit),
            "left": _plain(max(limit - added, Decimal(0))),
        }
        raise NotNow(message, code="day_limit", fields={"amount": message})


def check_dollars(amount: Decimal, *, least: Decimal, most: Decimal) -> None:
    """Refuse an amount that is not whole cents within the limits.

    :raises Invalid: with the field `amount`
    """
    message = ""
    if not (amount.is_finite() and abs(amount) < TOO_LARGE and amount * 100 % 1 == 0):
        message = _("Enter dollars and cents, like 25 or 25.50.")
    elif not least <= amount <= most:
        message = _("Choose an amount between $%(least)s and $%(most)s.") % {
            "least": _plain(least),
            "most": _plain(most),
        }
    if message:
        raise Invalid(message, code="amount", fields={"amount": message})


def _plain(amount: Decimal) -> str:
    return f"{amount:,.2f}".removesuffix(".00")


def check_can_retry(purchase: Purchase) -> None:
    """Refuse a new try where the first has left money or shares, or its return forbids one.

    :raises NotNow: with the sentence for the parent
    """
    if purchase.status not in (Purchase.Status.FAILED, Purchase.Status.RETURNED):
        raise NotNow(_("This gift is on its way already."), code="already_done")
    if purchase.orders.filter(quantity__gt=0).exists():
        raise NotNow(_("Shares were bought already."), code="bought")
    if purchase.deposits.filter(status__in=Deposit.LIVE).exists():
        raise NotNow(_("The money is in the child's account already."), code="paid")
    deposit = purchase.deposits.order_by("-created_at").first()
    refused = deposit is not None and not may_debit_again(deposit)
    if refused:
        raise NotNow(_("Please write to us before you try again."), code="return")


def may_debit_again(deposit: Deposit) -> bool:
    """Say whether a new debit may follow one that came to nothing."""
    if deposit.status == Deposit.Status.FAILED and not deposit.return_code:
        return True
    return get_policy(deposit.return_code).may_retry


def _why_no_trades(account: BrokerAccount) -> str:
    """Return why an account that is not OPEN can not buy (DriveWealth: O098)."""
    reasons = {
        "NO_NEW_TRADES": _("The broker has paused buying in this account."),
        "FROZEN": _("The broker has frozen this account. Please contact us."),
        "CLOSED": _("This account is closed."),
    }
    return reasons.get(
        account.status, _("The account is not open yet. We will tell you when it is.")
    )


def check_on_allow_list(instrument: Instrument) -> None:
    """Refuse what a custodial account may not hold (DriveWealth: stocks only; ETFs by a flag).

    :raises NotNow: not traded now, or not a kind custodial accounts may hold
    """
    kinds = {Instrument.Kind.STOCK} | ({Instrument.Kind.ETF} if settings.ALLOW_ETF else set())
    message = ""
    if instrument.kind not in kinds:
        message = _("Custodial accounts can hold single stocks only.")
    elif instrument.status != Instrument.Status.ACTIVE:
        message = _("This share can not be bought at the moment.")
    if message:
        raise NotNow(message, code="instrument", fields={"instrument": message})


TEEN_LIMIT = Decimal("25.00")  # DriveWealth's own example of a parental control


def needs_parent(amount: Decimal) -> bool:
    """Say whether a trade in a teen account waits for the parent: above $25.00, to the cent.

    :param amount: dollars
    """
    return amount > TEEN_LIMIT


def check_can_close(account: BrokerAccount, *, today: date) -> None:
    """Refuse to close an account that is not the parent's to close, or not empty.

    A custodial account belongs to the child until the child takes control (DriveWealth closes none
    before). Call it with the account's row locked.

    :raises NotNow: with the day, or with what is still in the way
    """
    if account.status not in (BrokerAccount.Status.OPEN, BrokerAccount.Status.NO_NEW_TRADES):
        raise NotNow(_("Only an open account can be closed."), code="account")
    takes_over_on = account.child.control_on
    if account.kind == BrokerAccount.Kind.CUSTODIAL and takes_over_on and today < takes_over_on:
        message = _(
            "This account belongs to %(name)s and can not be closed before %(day)s, the day "
            "%(name)s takes control."
        ) % {"name": account.child.first_name, "day": date_format(takes_over_on, "F j, Y")}
        raise NotNow(message, code="not_of_age")
    if blocked := _what_is_left(account):
        raise NotNow(blocked, code="not_empty")


def _what_is_left(account: BrokerAccount) -> str:
    """Return what an account must be rid of before it closes; empty where nothing is left."""
    if account.holdings.filter(quantity__gt=0).exists():
        return _("There are shares in this account. They have to be sold or moved first.")
    if account.cash != 0:
        return _("There is cash in this account. It has to be moved first.")
    purchasing = ("QUEUED", "FUNDING", "FUNDED", "ORDERING")
    busy = (
        account.purchases.filter(status__in=purchasing).exists()
        or account.deposits.filter(status__in=("INTENDED", "PENDING", "ON_HOLD")).exists()
        or account.orders.filter(status__in=Order.UNDER_WAY).exists()
    )
    if busy:
        return _("Something is still under way in this account. Try again once it is done.")
    return ""
