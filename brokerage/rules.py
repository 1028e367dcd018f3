"""When shares may be bought, and when an account may be closed."""

from datetime import date
from decimal import Decimal

from django.conf import settings
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from brokerage.models import BankAccount, BrokerAccount, Instrument, Order
from core.errors import NotNow


def check_can_start_purchase(
    account: BrokerAccount, bank: BankAccount, instrument: Instrument
) -> None:
    """Refuse a purchase that could not be carried out now.

    :raises NotNow: account not open, bank not linked to the same custodian, instrument not allowed
    """
    if account.status != BrokerAccount.Status.OPEN:
        raise NotNow(_why_no_trades(account), code="account")
    if account.close_asked_at:
        raise NotNow(_("This account is being closed."), code="account")
    if account.kind == BrokerAccount.Kind.TEEN and instrument.kind != Instrument.Kind.STOCK:
        raise NotNow(_("Teen accounts can hold single stocks only."), code="instrument")
    if bank.status != BankAccount.Status.ACTIVE or bank.parent_id != account.child.parent_id:
        raise NotNow(_("Link a bank account first; the money comes from there."), code="bank")
    check_on_allow_list(instrument)


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
    if instrument.kind not in kinds:
        raise NotNow(_("Custodial accounts can hold single stocks only."), code="instrument")
    if instrument.status != Instrument.Status.ACTIVE:
        raise NotNow(_("This share can not be bought at the moment."), code="instrument")


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
