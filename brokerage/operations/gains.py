"""What an account has gained by its sales, written anew whenever its lots change."""

from decimal import Decimal
from uuid import UUID

from brokerage.lots import get_lots
from brokerage.models import BrokerAccount


def write_gain(pk: UUID) -> None:
    """Write what all sales of an account have gained, by its lots as they are now."""
    account = BrokerAccount.objects.get(pk=pk)
    gain = sum((lots.gain for lots in get_lots(account).values()), Decimal(0))
    BrokerAccount.objects.filter(pk=pk).exclude(realized_gain=gain).update(realized_gain=gain)
