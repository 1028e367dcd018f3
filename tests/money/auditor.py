"""What an auditor compares: our books, the broker's, the trail, and what people were told."""

from collections import Counter
from decimal import Decimal
from io import StringIO
from typing import Any

from django.core import mail
from django.core.management import call_command

from brokerage.books import get_books
from brokerage.models import Purchase, ReconciliationBreak
from core.models import AuditEntry
from gifting.models import Gift
from tests.cast import Family

MONEY = ("gift.", "purchase.", "deposit.", "order.")


def check_bought_once(family: Family, gift: Gift) -> None:
    """The gift is shares, by one deposit and one order, here and at the broker."""
    purchase = Purchase.objects.get(gift=gift)
    broker = family.stage.state()

    assert purchase.status == "EXECUTED", (purchase.status, purchase.trouble, purchase.failure)
    assert [row.status for row in purchase.deposits.all()] == ["SETTLED"]
    assert [row.status for row in purchase.orders.all()] == ["FILLED"]
    assert [row["status"] for row in broker["deposits"]] == ["SUCCESSFUL"]
    assert [row["status"] for row in broker["orders"]] == ["FILLED"]
    check_books(family)
    check_trail()


def check_books(family: Family) -> None:
    """Cash equals to the cent and shares to the last decimal, and reconciling has found so."""
    books, account = get_books(family.account), broker_account(family)
    held = {row["symbol"]: row["quantity"] for row in account["positions"]}

    assert (books.cash, books.shares) == (account["cash"], held)
    assert (family.account.cash, holdings(family)) == (account["cash"], held)
    assert not ReconciliationBreak.objects.filter(healed_at__isnull=True).exists()
    assert family.account.checked_at is not None


def check_trail() -> None:
    """The audit chain is whole, and no fact about money is in it twice."""
    call_command("verify_audit", stdout=StringIO())
    facts = Counter(AuditEntry.objects.values_list("verb", "subject"))
    told_twice = [fact for fact, times in facts.items() if times > 1 and fact[0].startswith(MONEY)]

    assert told_twice == []


def check_mail_once() -> None:
    """Nobody got the same mail twice."""
    sent = Counter((*message.to, message.subject) for message in mail.outbox)

    assert [letter for letter, times in sent.items() if times > 1] == []


def broker_account(family: Family) -> Any:
    """Return the child's account as the broker holds it."""
    number = family.account.number
    accounts = family.stage.state()["accounts"]
    return next(account for account in accounts if account["accountNo"] == number)


def holdings(family: Family) -> dict[str, Decimal]:
    """Return what the child's page shows, by symbol."""
    rows = family.account.holdings.filter(quantity__gt=0)
    return dict(rows.values_list("instrument__symbol", "quantity"))


def verbs(row: Any) -> list[str]:
    """Return what the trail says of a row, oldest first."""
    subject = f"{row._meta.label_lower}:{row.pk}"
    return list(
        AuditEntry.objects.filter(subject=subject).order_by("id").values_list("verb", flat=True)
    )
