"""Linking and removing a parent's bank account."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import Parent
from brokerage.driving import drive
from brokerage.gateway import BankDetails, Rejected, get_broker
from brokerage.models import BankAccount, BrokerUser, Deposit, Purchase
from core import audit
from core.encryption import blind_index
from core.errors import NotNow
from core.queue import enqueue

TASK = "brokerage.tasks.advance_bank"
Status = BankAccount.Status
WAITING = timedelta(seconds=15)


@dataclass(frozen=True)
class BankNumbers:
    """A bank account as typed; values already validated. `kind`: CHECKING or SAVINGS."""

    routing_number: str
    account_number: str
    kind: str
    nickname: str = ""


def link_bank(*, parent: Parent, numbers: BankNumbers, at: datetime) -> BankAccount:
    """Link a bank account by its numbers; the first one becomes the primary.

    :raises NotNow: linked already, manual linking is off, or the parent's form is not in
    """
    if not settings.MANUAL_BANK_LINKING:
        raise NotNow(_("Linking by typed numbers is not available."), code="manual_linking_off")
    if not BrokerUser.objects.filter(parent=parent).exists():
        raise NotNow(_("First tell us about yourself; then you can link a bank."), code="kyc_first")
    index = blind_index(
        f"{numbers.routing_number}:{numbers.account_number}", context="brokerage.bank.number"
    )
    try:
        with transaction.atomic():
            Parent.objects.select_for_update().get(pk=parent.pk)  # one primary, decided one by one
            bank = BankAccount.objects.create(
                parent=parent,
                kind=numbers.kind,
                nickname=numbers.nickname,
                routing_number=numbers.routing_number,
                account_number=numbers.account_number,
                last4=numbers.account_number[-4:],
                number_index=index,
                is_primary=not BankAccount.objects.filter(parent=parent, is_primary=True).exists(),
                created_at=at,
                next_step_at=at,
            )
            audit.record("bank.linked", bank, by=parent.user, at=at)
            enqueue(TASK, pk=bank.pk)
    except IntegrityError as error:
        message = _("This bank account is linked already.")
        raise NotNow(message, code="bank_known", fields={"account_number": message}) from error
    return bank


@transaction.atomic
def remove_bank(*, bank: BankAccount, by: Parent, at: datetime) -> None:
    """Stop using a bank account; the next linked one becomes the primary.

    :raises NotNow: money from it is under way
    """
    bank = BankAccount.objects.select_for_update().get(pk=bank.pk)
    under_way = (Purchase.Status.QUEUED, Purchase.Status.FUNDING)
    debits = Deposit.objects.filter(bank=bank, status__in=["INTENDED", "PENDING", "ON_HOLD"])
    if debits.exists() or Purchase.objects.filter(bank=bank, status__in=under_way).exists():
        raise NotNow(_("Money from this bank is on its way. Remove it once it has arrived."))
    bank.move_to(Status.REMOVED, is_primary=False, next_step_at=None)
    _have_a_primary(by.pk)
    audit.record("bank.removed", bank, by=by.user, at=at)


def advance_bank(pk: UUID, *, at: datetime) -> None:
    """Take a bank account one step towards ACTIVE."""
    drive(BankAccount, pk, _step, task=TASK, at=at)


def _step(bank: BankAccount, at: datetime) -> datetime | None:
    if bank.status != Status.INTENDED:
        return None
    holder = BrokerUser.objects.filter(parent=bank.parent_id).first()
    if holder is None or not holder.vendor_id:
        return at + WAITING
    details = BankDetails(
        bank.routing_number, bank.account_number, bank.kind, bank.nickname or str(bank)
    )
    try:
        vendor_id = get_broker().create_bank(holder.vendor_id, details, key=bank.key)
    except Rejected as refusal:
        with transaction.atomic():
            bank.move_to(Status.REFUSED, refusal=refusal.reason, is_primary=False)
            _have_a_primary(bank.parent_id)
            audit.record("bank.refused", bank, by="brokerage", at=at, code=refusal.code)
        return None
    with transaction.atomic():
        bank.move_to(Status.ACTIVE, vendor_id=vendor_id)
        _have_a_primary(bank.parent_id)
        audit.record("bank.active", bank, by="brokerage", at=at)
    return None


def _have_a_primary(parent_id: UUID) -> None:
    """Make the oldest linked bank the primary where there is none; one parent at a time."""
    Parent.objects.select_for_update().get(pk=parent_id)
    banks = BankAccount.objects.filter(parent=parent_id)
    if banks.filter(is_primary=True).exists():
        return
    heir = banks.filter(status=Status.ACTIVE).order_by("created_at").first()
    if heir:
        BankAccount.objects.filter(pk=heir.pk).update(is_primary=True)
