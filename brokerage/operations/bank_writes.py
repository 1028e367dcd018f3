"""What every write about a bank account is made of; the caller holds the parent's lock."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from django.db import IntegrityError
from django.utils.translation import gettext as _

from accounts import agreements
from accounts.models import Consent, Parent
from accounts.operations import give_consent
from brokerage.models import BankAccount, BrokerUser, Case, Deposit, Notice, Purchase
from brokerage.notices import write_notice
from brokerage.operations.cases import settle_case
from brokerage.operations.microdeposits import BANK_TASK
from brokerage.under_way import find_last_day, list_under_way
from core import audit
from core.errors import NotNow
from core.queue import enqueue
from core.templatetags.show import day

Status = BankAccount.Status


@contextmanager
def linked_once(field: str) -> Iterator[None]:
    """Turn the second link of the same account into a refusal at `field`."""
    try:
        yield
    except IntegrityError as error:
        raise linked_already(field) from error


def linked_already(field: str) -> NotNow:
    """Return the refusal of an account that is linked."""
    message = _("This bank account is linked already.")
    return NotNow(message, code="bank_known", fields={field: message})


def write_link(
    parent: Parent, at: datetime, *, ip_address: str | None, **values: Any
) -> BankAccount:
    """Write a link of an account, and that its parent lets it be debited.

    :raises NotNow: the parent's form is not in, or they have ended electronic signatures
    """
    if not BrokerUser.objects.filter(parent=parent).exists():
        raise NotNow(_("First tell us about yourself; then you can link a bank."), code="kyc_first")
    give_consent(
        parent=parent,
        kind=Consent.Kind.BANK_LINK,
        text=str(agreements.BANK_LINK),
        at=at,
        ip_address=ip_address,
    )
    # A link after another of the same account is one more; under the old key the broker would tell
    # the old one.
    earlier = BankAccount.objects.filter(parent=parent, number_index=values["number_index"])
    key = uuid5(parent.pk, f"bank {values['number_index']} {earlier.count()}")
    bank = BankAccount.objects.create(parent=parent, created_at=at, key=key, **values)
    audit.record("bank.linked", bank, by=parent.user, at=at, source=bank.source)
    return bank


def write_removal(bank: BankAccount, by: Parent, at: datetime) -> None:
    """Stop using an account; the broker is told after the commit.

    :raises NotNow: money from it is under way
    """
    if _money_is_under_way(bank):
        message = _("Money from this bank is on its way. Remove it once it has arrived.")
        if arrives := find_last_day(list_under_way([bank])):
            message += " " + _("That should be by %s.") % day(arrives)
        raise NotNow(message, code="money_under_way")
    known = bank.verified_at or bank.vendor_id
    bank.move_to(Status.REMOVED, is_primary=False, next_step_at=at if known else None)
    settle_case(Case.Kind.OWNER, bank, finding="The parent removed the bank account.", at=at)
    bank.micro_deposits.filter(ended_at=None).update(ended_at=at, next_step_at=None)
    have_a_primary(by.pk)
    audit.record("bank.removed", bank, by=by.user, at=at)
    if known:
        enqueue(BANK_TASK, pk=bank.pk)


def _money_is_under_way(bank: BankAccount) -> bool:
    """Say whether a debit of this bank is asked for, or will be.

    From a disabled bank nothing more is asked for: a purchase that waits for it need not keep it.
    """
    waiting = [Purchase.Status.FUNDING]
    if bank.status != Status.DISABLED:
        waiting.append(Purchase.Status.QUEUED)
    sent = (Deposit.Status.INTENDED, Deposit.Status.PENDING, Deposit.Status.ON_HOLD)
    return (
        Purchase.objects.filter(bank=bank, status__in=waiting).exists()
        or Deposit.objects.filter(bank=bank, status__in=sent).exists()
    )


def write_disabled(bank: BankAccount, reason: str, at: datetime, **changes: Any) -> None:
    """Debit an account no more. `reason` is a sentence for the parent."""
    bank.move_to(Status.DISABLED, is_primary=False, refusal=reason[:200], **changes)
    have_a_primary(bank.parent_id)
    audit.record("bank.disabled", bank, by="brokerage", at=at)
    kind = Notice.Kind.BANK_ENDED
    write_notice(kind, bank.parent, bank, at=at, occasion=at.isoformat(), said=reason)


def have_a_primary(parent_id: UUID) -> None:
    """Make the oldest linked bank the primary where there is none."""
    banks = BankAccount.objects.filter(parent=parent_id)
    if banks.filter(is_primary=True).exists():
        return
    heir = banks.filter(status=Status.ACTIVE).order_by("created_at").first()
    if heir:
        BankAccount.objects.filter(pk=heir.pk).update(is_primary=True)
