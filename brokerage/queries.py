"""The guarded doors of the broker's room."""

from decimal import Decimal
from uuid import UUID

from django.db.models import F, QuerySet, Sum
from django.shortcuts import get_object_or_404

from accounts.models import Parent
from brokerage.models import (
    AccountPaper,
    BankAccount,
    BrokerAccount,
    BrokerUser,
    DayValue,
    Holding,
    Instrument,
    Movement,
)
from brokerage.performance import Day


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


def list_menu() -> QuerySet[Instrument]:
    """Return what givers are offered, by company name."""
    return Instrument.objects.filter(
        on_menu=True, status=Instrument.Status.ACTIVE, kind=Instrument.Kind.STOCK
    ).order_by("name")


def get_account_or_404(parent: Parent, *, child_id: UUID) -> BrokerAccount:
    """Return the account of one of this parent's own children."""
    accounts = BrokerAccount.objects.select_related("child")
    account: BrokerAccount = get_object_or_404(accounts, child_id=child_id, child__parent=parent)
    return account


def list_papers(account: BrokerAccount) -> QuerySet[AccountPaper]:
    """Return an account's statements, confirmations and tax forms, the newest first."""
    papers = AccountPaper.objects.filter(account=account)
    return papers.order_by(F("on").desc(nulls_last=True), "kind")


def get_paper_or_404(parent: Parent, *, pk: UUID) -> AccountPaper:
    """Return one paper of an account of this parent's own children."""
    papers = AccountPaper.objects.select_related("account")
    return get_object_or_404(papers, pk=pk, account__child__parent=parent)


def list_days(account: BrokerAccount) -> list[Day]:
    """Return what an account was worth in the evening of each day, from the first on."""
    days = DayValue.objects.filter(account=account).order_by("on")
    rows = days.values_list("on", F("cash") + F("shares_value"), "paid_in")
    return [Day(*row) for row in rows.iterator()]


def get_dividends(account: BrokerAccount) -> Decimal:
    """Return the dollars of dividends an account was ever paid."""
    paid = Movement.objects.filter(
        account=account, kind=Movement.Kind.DIVIDEND, status=Movement.Status.BOOKED
    )
    return paid.aggregate(total=Sum("amount"))["total"] or Decimal("0.00")


def get_cost_and_gain(account: BrokerAccount) -> tuple[Decimal, Decimal]:
    """Return what the shares held cost, and what they gained since, in dollars."""
    zero = Decimal("0.00")
    sums = Holding.objects.filter(account=account).aggregate(
        cost=Sum("cost_basis", default=zero), gain=Sum("unrealized_gain", default=zero)
    )
    return sums["cost"], sums["gain"]


def count_open_differences(account: BrokerAccount) -> int:
    """Return in how many places our books and the broker's differ now."""
    return account.breaks.filter(healed_at__isnull=True).count()
