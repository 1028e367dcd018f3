"""Every write of the broker's room, one file a noun."""

from brokerage.operations.accounts import advance_broker_account, open_account
from brokerage.operations.banks import advance_bank, link_bank, remove_bank
from brokerage.operations.cases import close_case, open_case
from brokerage.operations.deposits import recheck_deposit
from brokerage.operations.events import advance_broker_event
from brokerage.operations.instruments import refresh_security, sync_instruments, sync_prices
from brokerage.operations.movements import accept_movement, read_ledger
from brokerage.operations.papers import list_papers, open_paper
from brokerage.operations.people import advance_broker_user, make_known
from brokerage.operations.purchases import advance_purchase, start_purchase
from brokerage.operations.reconciliation import (
    ask_audit,
    audit_account,
    audit_accounts,
    open_cases_of_old_breaks,
)
from brokerage.operations.sync import ask_sync, follow_orders, sync_account, sync_accounts

__all__ = [
    "accept_movement",
    "advance_bank",
    "advance_broker_account",
    "advance_broker_event",
    "advance_broker_user",
    "advance_purchase",
    "ask_audit",
    "ask_sync",
    "audit_account",
    "audit_accounts",
    "close_case",
    "follow_orders",
    "link_bank",
    "list_papers",
    "make_known",
    "open_account",
    "open_case",
    "open_cases_of_old_breaks",
    "open_paper",
    "read_ledger",
    "recheck_deposit",
    "refresh_security",
    "remove_bank",
    "start_purchase",
    "sync_account",
    "sync_accounts",
    "sync_instruments",
    "sync_prices",
]
