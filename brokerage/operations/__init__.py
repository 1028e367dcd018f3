"""Every write of the broker's room, one file a noun."""

from brokerage.operations.accounts import (
    advance_broker_account,
    close_account,
    close_again,
    may_close_again,
    may_open_again,
    open_account,
    open_again,
)
from brokerage.operations.bank_steps import advance_bank
from brokerage.operations.banks import (
    check_numbers,
    disable_bank,
    end_plaid_bank,
    link_bank,
    link_bank_by_token,
    make_primary,
    remove_bank,
    verify_bank_again,
)
from brokerage.operations.cases import close_case, open_case, write_to_parent
from brokerage.operations.consents import (
    ask_for_paper,
    end_debits,
    end_e_sign,
    end_instructions,
    find_applicant,
    sign_electronically_again,
)
from brokerage.operations.contacts import advance_contact_notice, tell_contact, tell_contact_again
from brokerage.operations.deposits import (
    advance_deposit,
    check_deposit,
    recheck_deposit,
    start_deposit,
)
from brokerage.operations.documents import (
    add_id_document,
    advance_id_document,
    check_id_document,
    nothing_asked_for,
)
from brokerage.operations.events import advance_broker_event
from brokerage.operations.instruments import (
    refresh_prices,
    refresh_security,
    sync_instruments,
    sync_prices,
)
from brokerage.operations.letters import advance_letter
from brokerage.operations.lost import (
    describe_candidates,
    find_lost,
    recognize,
    send_again,
)
from brokerage.operations.microdeposits import (
    advance_micro_deposits,
    confirm_bank,
    resend_micro_deposits,
)
from brokerage.operations.movements import accept_movement, read_ledger
from brokerage.operations.own_orders import advance_order, cancel_order, place_order
from brokerage.operations.owners import REFUSED as OWNER_REFUSED
from brokerage.operations.owners import (
    accept_owner,
    compare_owners_of,
    describe_names,
    find_bank,
    judge_account,
    refuse_owner,
)
from brokerage.operations.papers import list_papers, open_paper
from brokerage.operations.people import (
    advance_broker_user,
    can_send_again,
    correct_child,
    make_known,
    send_details_again,
)
from brokerage.operations.purchases import (
    advance_purchase,
    cancel_purchase,
    retry_purchase,
    start_purchase,
)
from brokerage.operations.reconciliation import (
    ask_audit,
    audit_account,
    audit_accounts,
    open_cases_of_old_breaks,
)
from brokerage.operations.returns import lift_pause
from brokerage.operations.sync import ask_sync, follow_orders, sync_account, sync_accounts
from brokerage.operations.terms import refresh_terms

__all__ = [
    "OWNER_REFUSED",
    "accept_movement",
    "accept_owner",
    "add_id_document",
    "advance_bank",
    "advance_broker_account",
    "advance_broker_event",
    "advance_broker_user",
    "advance_contact_notice",
    "advance_deposit",
    "advance_id_document",
    "advance_letter",
    "advance_micro_deposits",
    "advance_order",
    "advance_purchase",
    "ask_audit",
    "ask_for_paper",
    "ask_sync",
    "audit_account",
    "audit_accounts",
    "can_send_again",
    "cancel_order",
    "cancel_purchase",
    "check_deposit",
    "check_id_document",
    "check_numbers",
    "close_account",
    "close_again",
    "close_case",
    "compare_owners_of",
    "confirm_bank",
    "correct_child",
    "describe_candidates",
    "describe_names",
    "disable_bank",
    "end_debits",
    "end_e_sign",
    "end_instructions",
    "end_plaid_bank",
    "find_applicant",
    "find_bank",
    "find_lost",
    "follow_orders",
    "judge_account",
    "lift_pause",
    "link_bank",
    "link_bank_by_token",
    "list_papers",
    "make_known",
    "make_primary",
    "may_close_again",
    "may_open_again",
    "nothing_asked_for",
    "open_account",
    "open_again",
    "open_case",
    "open_cases_of_old_breaks",
    "open_paper",
    "place_order",
    "read_ledger",
    "recheck_deposit",
    "recognize",
    "refresh_prices",
    "refresh_security",
    "refresh_terms",
    "refuse_owner",
    "remove_bank",
    "resend_micro_deposits",
    "retry_purchase",
    "send_again",
    "send_details_again",
    "sign_electronically_again",
    "start_deposit",
    "start_purchase",
    "sync_account",
    "sync_accounts",
    "sync_instruments",
    "sync_prices",
    "tell_contact",
    "tell_contact_again",
    "verify_bank_again",
    "write_to_parent",
]
