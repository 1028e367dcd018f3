"""When shares may be bought."""

from django.conf import settings
from django.utils.translation import gettext as _

from brokerage.models import BankAccount, BrokerAccount, Instrument
from core.errors import NotNow


def check_can_start_purchase(
    account: BrokerAccount, bank: BankAccount, instrument: Instrument
) -> None:
    """Refuse a purchase that could not be carried out now.

    :raises NotNow: account not open, bank not linked to the same custodian, instrument not allowed
    """
    if account.status != BrokerAccount.Status.OPEN:
        raise NotNow(_("The account is not open yet. We will tell you when it is."), code="account")
    if bank.status != BankAccount.Status.ACTIVE or bank.parent_id != account.child.parent_id:
        raise NotNow(_("Link a bank account first; the money comes from there."), code="bank")
    check_on_allow_list(instrument)


def check_on_allow_list(instrument: Instrument) -> None:
    """Refuse what a custodial account may not hold (DriveWealth: stocks only; ETFs by a flag).

    :raises NotNow: not traded now, or not a kind custodial accounts may hold
    """
    kinds = {Instrument.Kind.STOCK} | ({Instrument.Kind.ETF} if settings.ALLOW_ETF else set())
    if instrument.kind not in kinds:
        raise NotNow(_("Custodial accounts can hold single stocks only."), code="instrument")
    if instrument.status != Instrument.Status.ACTIVE:
        raise NotNow(_("This share can not be bought at the moment."), code="instrument")
