"""Every write of the broker's room, one file a noun."""

from brokerage.operations.accounts import advance_broker_account, open_account
from brokerage.operations.banks import advance_bank, link_bank, remove_bank
from brokerage.operations.cases import close_case, open_case
from brokerage.operations.deposits import recheck_deposit
from brokerage.operations.events import advance_broker_event
from brokerage.operations.instruments import (
    refresh_prices,
    refresh_security,
    sync_instruments,
    sync_prices,
)
from brokerage.operations.people import advance_broker_user, make_known
from brokerage.operations.positions import sync_account
from brokerage.operations.purchases import advance_purchase, start_purchase

__all__ = [
    "advance_bank",
    "advance_broker_account",
    "advance_broker_event",
    "advance_broker_user",
    "advance_purchase",
    "close_case",
    "link_bank",
    "make_known",
    "open_account",
    "open_case",
    "recheck_deposit",
    "refresh_prices",
    "refresh_security",
    "remove_bank",
    "start_purchase",
    "sync_account",
    "sync_instruments",
    "sync_prices",
]
