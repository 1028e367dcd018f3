"""The guarded doors of the broker's room."""

from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from accounts.models import Child, Parent
from brokerage.models import BankAccount, BrokerAccount, BrokerUser, Deposit, Instrument

_SHOWN = ("account__child", "bank", "authorization", "purchase__authorization")


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


def get_account(child: Child) -> BrokerAccount | None:
    """Return the account of a child already shown to be the caller's own, if there is one."""
    return BrokerAccount.objects.filter(child=child).select_related("child").first()


def list_deposits(child: Child) -> QuerySet[Deposit]:
    """Return all deposits into a child's account, gifts' too, newest first."""
    deposits: QuerySet[Deposit] = Deposit.objects.filter(account__child=child)
    return deposits.select_related(*_SHOWN).order_by("-created_at")


def get_deposit_or_404(parent: Parent, *, pk: UUID) -> Deposit:
    """Return one deposit into an account of this parent's own children."""
    deposits: QuerySet[Deposit] = Deposit.objects.filter(account__child__parent=parent)
    return get_object_or_404(deposits.select_related(*_SHOWN), pk=pk)


def list_menu() -> QuerySet[Instrument]:
    """Return what givers are offered, by company name."""
    return Instrument.objects.filter(
        on_menu=True, status=Instrument.Status.ACTIVE, kind=Instrument.Kind.STOCK
    ).order_by("name")
