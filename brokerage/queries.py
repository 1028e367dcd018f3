"""The guarded doors of the broker's room."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import F, Prefetch, QuerySet
from django.shortcuts import get_object_or_404

from accounts.models import Child, Parent
from brokerage.models import (
    AccountPaper,
    BankAccount,
    BrokerAccount,
    BrokerUser,
    CompanyAction,
    DayValue,
    Deposit,
    Instrument,
    Movement,
    Order,
)
from brokerage.performance import Day

_SHOWN = ("account__child", "bank", "authorization", "purchase__authorization")


def list_banks(parent: Parent) -> QuerySet[BankAccount]:
    """Return the parent's banks that are not removed, the primary first."""
    banks = BankAccount.objects.filter(parent=parent).exclude(status=BankAccount.Status.REMOVED)
    return banks.prefetch_related("micro_deposits").order_by("-is_primary", "created_at")


def list_usable_banks(parent: Parent) -> QuerySet[BankAccount]:
    """Return the banks money can come from now, the primary first."""
    return list_banks(parent).filter(status=BankAccount.Status.ACTIVE)


@dataclass(frozen=True)
class Verification:
    """How far a parent is with showing that a bank is theirs."""

    tries_left: int
    expected_on: date | None
    expires_at: datetime | None
    can_confirm: bool
    can_resend: bool


def get_verification(bank: BankAccount, *, at: datetime) -> Verification | None:
    """Return how its two amounts stand; None where nothing is to be confirmed.

    Asks the database once, or not at all where the micro-deposits were prefetched.
    """
    sent = sorted(bank.micro_deposits.all(), key=lambda row: row.created_at)
    waiting = bank.status == BankAccount.Status.VERIFYING
    if not sent or bank.verified_at or not (waiting or bank.status == BankAccount.Status.INTENDED):
        return None
    latest = sent[-1]
    expires_at = latest.expires_at
    open_now = waiting and latest.ended_at is None
    return Verification(
        tries_left=latest.tries_left,
        expected_on=latest.expected_on,
        expires_at=expires_at,
        can_confirm=open_now and expires_at is not None and at < expires_at,
        can_resend=waiting and bank.resends_left > 0 and latest.can_be_replaced(at),
    )


def get_bank_to_confirm(parent: Parent) -> BankAccount | None:
    """Return the bank that waits for its two amounts to be named, the newest where several do."""
    waiting = list_banks(parent).filter(status=BankAccount.Status.VERIFYING)
    return waiting.order_by("-created_at").first()


def get_bank_or_404(parent: Parent, *, pk: UUID) -> BankAccount:
    """Return one of this parent's own banks."""
    return get_object_or_404(list_banks(parent), pk=pk)


def get_broker_user(parent: Parent) -> BrokerUser | None:
    """Return this parent at the broker, if known there."""
    return BrokerUser.objects.filter(parent=parent).first()


def list_deposits(child: Child) -> QuerySet[Deposit]:
    """Return all deposits into a child's account, gifts' too, newest first."""
    deposits: QuerySet[Deposit] = Deposit.objects.filter(account__child=child)
    return deposits.select_related(*_SHOWN).order_by("-created_at")


def get_deposit_or_404(parent: Parent, *, pk: UUID) -> Deposit:
    """Return one deposit into an account of this parent's own children."""
    deposits: QuerySet[Deposit] = Deposit.objects.filter(account__child__parent=parent)
    return get_object_or_404(deposits.select_related(*_SHOWN), pk=pk)


def get_child_at_broker(child: Child) -> BrokerUser | None:
    """Return a child at the broker; None for a teen, and before it was asked for."""
    return BrokerUser.objects.select_related("child").filter(child=child).first()


def get_account(child: Child) -> BrokerAccount | None:
    """Return a child's account, once it was asked for."""
    accounts = BrokerAccount.objects.select_related("child__broker_user")
    return accounts.filter(child=child).first()


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


def list_papers(account: BrokerAccount) -> QuerySet[AccountPaper]:
    """Return an account's statements, confirmations and tax forms, the newest first."""
    papers = AccountPaper.objects.filter(account=account)
    return papers.order_by(F("on").desc(nulls_last=True), "-id")


def get_paper_or_404(parent: Parent, *, pk: UUID) -> AccountPaper:
    """Return one paper of an account of this parent's own children."""
    papers = AccountPaper.objects.select_related("account")
    return get_object_or_404(papers, pk=pk, account__child__parent=parent)


def list_company_actions(account: BrokerAccount) -> QuerySet[CompanyAction]:
    """Return what companies did to the shares of an account, the latest first, with the legs."""
    actions = CompanyAction.objects.filter(account=account).order_by("-happened_at")
    legs = Movement.objects.filter(status=Movement.Status.BOOKED).select_related("instrument")
    return actions.prefetch_related(Prefetch("legs", legs))


def list_not_understood(account: BrokerAccount) -> QuerySet[Movement]:
    """Return what the broker booked about shares and nobody here understands yet, latest first."""
    held = Movement.objects.filter(account=account, status=Movement.Status.HELD)
    about = held.exclude(instrument=None).exclude(kind__in=Movement.BESIDE_COST)
    return about.select_related("instrument").order_by("-happened_at")


def list_days(account: BrokerAccount) -> list[Day]:
    """Return what an account was worth in the evening of each day, from the first on."""
    days = DayValue.objects.filter(account=account).order_by("on")
    rows = days.values_list("on", F("cash") + F("shares_value"), "paid_in")
    return [Day(*row) for row in rows.iterator()]


def count_open_differences(account: BrokerAccount) -> int:
    """Return in how many places our books and the broker's differ now."""
    return account.breaks.filter(healed_at__isnull=True).count()
