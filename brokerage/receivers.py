"""What the broker's room does on news: of people, enqueue; of its own parked work, open a case."""

from datetime import datetime
from typing import Any
from uuid import UUID

from brokerage.models import Case
from brokerage.operations.cases import settle_case
from brokerage.operations.oddities import open_word_case
from brokerage.operations.parking import open_parked_case
from brokerage.operations.vouching import index_plaid_account
from core.driven import Driven
from core.queue import enqueue


def on_kyc_submitted(*, parent_id: UUID, **_kwargs: Any) -> None:
    enqueue("brokerage.tasks.make_known", parent_id=parent_id)
    enqueue("brokerage.tasks.compare_owners", parent_id=parent_id)  # the name may be another


def on_child_added(*, child_id: UUID, **_kwargs: Any) -> None:
    enqueue("brokerage.tasks.open_account", child_id=child_id)


def on_contact_answered(*, parent_id: UUID, **_kwargs: Any) -> None:
    enqueue("brokerage.tasks.tell_contact", parent_id=parent_id)


def on_accounts_ended(
    *, parent_id: UUID, account_refs: list[str], why: str, **_kwargs: Any
) -> None:
    for ref in account_refs:
        index = index_plaid_account(ref)
        enqueue("brokerage.tasks.end_plaid_bank", parent_id=parent_id, index=index, why=why)


def on_owners_changed(*, parent_id: UUID, **_kwargs: Any) -> None:
    enqueue("brokerage.tasks.compare_owners", parent_id=parent_id)


def on_parked(*, row: Driven, at: datetime, **_kwargs: Any) -> None:
    """Open the case in the transaction that parks the row, so that neither is without the other."""
    if row._meta.app_label == "brokerage":
        open_parked_case(row, at=at)


def on_unfamiliar(*, row: Driven, reason: str, at: datetime, **_kwargs: Any) -> None:
    if row._meta.app_label == "brokerage":
        open_word_case(row, reason=reason, at=at)


def on_recovered(*, row: Driven, at: datetime, **_kwargs: Any) -> None:
    if row._meta.app_label == "brokerage":
        settle_case(Case.Kind.ODD, row, finding="The broker's answer can be read again.", at=at)
