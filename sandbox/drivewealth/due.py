"""What happens at DriveWealth by itself, under the names the agenda keeps."""

from __future__ import annotations

from functools import partial

from sandbox.clock import Action
from sandbox.drivewealth import accounts, bank, deposits, kyc, matching, papers, triggers
from sandbox.drivewealth.broker import Broker


def register(broker: Broker) -> None:
    """Tell the agenda what each of this vendor's names does."""
    actions: dict[str, Action] = {
        "kyc-begins": kyc.begin,
        "kyc-decided": kyc.decide,
        "account-opens": accounts.open_account,
        "deposit-settles": deposits.settle,
        "bank-says": bank.play,
        "order-works": matching.work,
        "order-watched": triggers.watch,
        "order-fills": matching.fill,
        "order-cancels": matching.cancel,
        "order-expires": matching.expire,
        "statement-due": papers.issue_statement,
        "confirm-due": papers.issue_confirm,
        "tax-form-due": papers.issue_tax_form,
    }
    for name, action in actions.items():
        broker.agenda.on(f"drivewealth.{name}", partial(action, broker))
