"""The guarded doors of the broker's room."""

from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from accounts.models import Child, Parent
from brokerage.models import BankAccount, BrokerAccount, BrokerUser, Instrument


def list_banks(parent: Parent) -> QuerySet[BankAccount]:
    """Return the parent's banks that are not removed, the primary first."""
    banks = BankAccount.objects.filter(parent=parent).exclude(status=BankAccount.Status.REMOVED)
    return banks.order_by("-is_primary", "created_at")


def list_usable_banks(parent: Parent) -> QuerySet[BankAccount]:
    """Return the banks money can come from now, the primary first."""
    return list_banks(parent).filter(status=BankAccount.Status.ACTIVE)


def get_bank_or_404(parent: Parent, *, pk: UUID) -> BankAccount:
    """Return one of this parent's own banks."""
    return get_object_or_404(list_banks(parent), pk=pk)


def get_broker_user(parent: Parent) -> BrokerUser | None:
    """Return this parent at the broker, if known there."""
    return BrokerUser.objects.filter(parent=parent).first()


def get_child_at_broker(child: Child) -> BrokerUser | None:
    """Return a child at the broker; None for a teen, and before it was asked for."""
    return BrokerUser.objects.select_related("child").filter(child=child).first()


def get_account(child: Child) -> BrokerAccount | None:
    """Return a child's account, once it was asked for."""
    accounts = BrokerAccount.objects.select_related("child__broker_user")
    return accounts.filter(child=child).first()


def get_account_or_404(child: Child) -> BrokerAccount:
    """Return a child's account; the child has come through its own door."""
    account: BrokerAccount = get_object_or_404(
        BrokerAccount.objects.select_related("child"), child=child
    )
    return account


def list_menu() -> QuerySet[Instrument]:
    """Return what givers are offered, by company name."""
    return Instrument.objects.filter(
        on_menu=True, status=Instrument.Status.ACTIVE, kind=Instrument.Kind.STOCK
    ).order_by("name")
