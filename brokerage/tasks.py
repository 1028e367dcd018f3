"""Queue entry points: read the clock, call one operation. A second delivery is harmless."""

from typing import Any
from uuid import UUID

from accounts.models import Child, Parent
from brokerage import notices, operations
from core import clock


def make_known(*, parent_id: str, **_later: Any) -> None:
    operations.make_known(parent=Parent.objects.get(pk=parent_id), at=clock.now())


def open_account(*, child_id: str, **_later: Any) -> None:
    operations.open_account(child=Child.objects.get(pk=child_id), at=clock.now())


def advance_broker_user(*, pk: str, **_later: Any) -> None:
    operations.advance_broker_user(UUID(pk), at=clock.now())


def advance_broker_account(*, pk: str, **_later: Any) -> None:
    operations.advance_broker_account(UUID(pk), at=clock.now())


def advance_id_document(*, pk: str, **_later: Any) -> None:
    operations.advance_id_document(UUID(pk), at=clock.now())


def advance_letter(*, pk: str, **_later: Any) -> None:
    operations.advance_letter(UUID(pk), at=clock.now())


def advance_contact_notice(*, pk: str, **_later: Any) -> None:
    operations.advance_contact_notice(UUID(pk), at=clock.now())


def tell_contact(*, parent_id: str, **_later: Any) -> None:
    operations.tell_contact(parent_id=UUID(parent_id), at=clock.now())


def deliver_notice(*, pk: str, **_later: Any) -> None:
    notices.deliver_notice(UUID(pk), at=clock.now())


def advance_bank(*, pk: str, **_later: Any) -> None:
    operations.advance_bank(UUID(pk), at=clock.now())


def end_plaid_bank(*, parent_id: str, index: str, why: str, **_later: Any) -> None:
    operations.end_plaid_bank(
        parent_id=UUID(parent_id), number_index=index, why=why, at=clock.now()
    )


def compare_owners(*, parent_id: str, **_later: Any) -> None:
    operations.compare_owners_of(UUID(parent_id), at=clock.now())


def advance_micro_deposits(*, pk: str, **_later: Any) -> None:
    operations.advance_micro_deposits(UUID(pk), at=clock.now())


def advance_purchase(*, pk: str, **_later: Any) -> None:
    operations.advance_purchase(UUID(pk), at=clock.now())


def advance_deposit(*, pk: str, **_later: Any) -> None:
    operations.advance_deposit(UUID(pk), at=clock.now())


def advance_order(*, pk: str, **_later: Any) -> None:
    operations.advance_order(UUID(pk), at=clock.now())


def advance_broker_event(*, pk: str, **_later: Any) -> None:
    operations.advance_broker_event(UUID(pk), at=clock.now())


def sync_account(*, pk: str, **_later: Any) -> None:
    operations.sync_account(UUID(pk), at=clock.now())


def audit_account(*, pk: str, **_later: Any) -> None:
    operations.audit_account(UUID(pk), at=clock.now())


def sync_instruments(**_later: Any) -> None:
    operations.sync_instruments(at=clock.now())
