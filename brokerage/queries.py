"""The guarded doors of the broker's room."""

from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from accounts.models import Parent
from brokerage.models import BankAccount, BrokerAccount, BrokerUser, Instrument, Order


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


def get_account_or_404(parent: Parent, *, child_id: UUID) -> BrokerAccount:
    """Return the account of one of this parent's own children."""
    accounts = BrokerAccount.objects.filter(child__parent=parent).select_related("child")
    account: BrokerAccount = get_object_or_404(accounts, child=child_id)
    return account


def list_orders(account: BrokerAccount) -> QuerySet[Order]:
    """Return an account's orders, of gifts and of the custodian's own, newest first."""
    orders = Order.objects.filter(account=account)
    return orders.select_related("instrument", "account", "purchase").order_by("-created_at")


def get_order_or_404(parent: Parent, *, pk: UUID) -> Order:
    """Return one order in an account of this parent's own children."""
    orders = Order.objects.filter(account__child__parent=parent)
    found = orders.select_related("instrument", "account__child", "purchase")
    order: Order = get_object_or_404(found, pk=pk)
    return order


def list_tradable(account: BrokerAccount) -> list[Instrument]:
    """Return what an order may name at first sight: what is held, then what is on the menu."""
    held = Instrument.objects.filter(holding__account=account, holding__quantity__gt=0)
    return list(dict.fromkeys([*held.order_by("name"), *list_menu()]))


def list_menu() -> QuerySet[Instrument]:
    """Return what givers are offered, by company name."""
    return Instrument.objects.filter(
        on_menu=True, status=Instrument.Status.ACTIVE, kind=Instrument.Kind.STOCK
    ).order_by("name")
