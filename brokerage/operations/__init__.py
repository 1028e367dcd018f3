"""Every write of the broker's room, one file a noun."""

from brokerage.operations.accounts import advance_broker_account, open_account
from brokerage.operations.banks import advance_bank, link_bank, remove_bank
from brokerage.operations.cases import close_case, open_case
from brokerage.operations.deposits import recheck_deposit
from brokerage.operations.events import advance_broker_event
from brokerage.operations.instruments import refresh_security, sync_instruments, sync_prices
from brokerage.operations.own_orders import advance_order, cancel_order, place_order
from brokerage.operations.people import advance_broker_user, make_known
from brokerage.operations.positions import sync_account
from brokerage.operations.purchases import advance_purchase, cancel_purchase, start_purchase
from brokerage.operations.terms import refresh_terms

__all__ = [
    "advance_bank",
    "advance_broker_account",
    "advance_broker_event",
    "advance_broker_user",
    "advance_order",
    "advance_purchase",
    "cancel_order",
    "cancel_purchase",
    "close_case",
    "link_bank",
    "make_known",
    "open_account",
    "open_case",
    "place_order",
    "recheck_deposit",
    "refresh_security",
    "refresh_terms",
    "remove_bank",
    "start_purchase",
    "sync_account",
    "sync_instruments",
    "sync_prices",
]
