"""What the parent alone is told of a gift's money: why it waits, why it failed, what to do."""

from typing import Any

from django.utils.translation import gettext as _

from brokerage.models import Case, Purchase
from brokerage.queries import list_usable_banks
from brokerage.rules import check_can_retry, is_bank_paused, is_paused
from brokerage.words.deposits import PAUSED, explain_deposit
from core.errors import DomainError
from core.switches import Halt, get_halt
from gifting import rules
from gifting.models import Gift
from gifting.queries import list_tries

ENDED = (Purchase.Status.FAILED, Purchase.Status.RETURNED)


def why_it_waits(gift: Gift) -> str:
    """Return why a gift's purchase does not go on, empty where it does."""
    purchase = gift.purchase
    if purchase is None:
        return ""
    unsent = purchase.status == Purchase.Status.QUEUED or (
        purchase.status == Purchase.Status.FUNDING
        and purchase.deposits.filter(status="INTENDED").exists()
    )
    if unsent and is_bank_paused(purchase.bank):
        return str(PAUSED)
    if halt := _find_halt(purchase, unsent=unsent):
        return halt.message
    losses = Case.objects.filter(
        account=purchase.account_id, kind=Case.Kind.RETURN_LOSS, status=Case.Status.OPEN
    )
    if purchase.status == Purchase.Status.FUNDED and losses.exists():
        return _(
            "The money has arrived, but a bank took back an earlier transfer that had bought "
            "shares already, and the account lacks that cash. We are sorting it out; this share "
            "is bought once the cash is there. There is nothing for you to do."
        )
    return ""


def _find_halt(purchase: Purchase, *, unsent: bool) -> Halt | None:
    """Return the kill switch a purchase waits for, if it does."""
    if unsent:
        return get_halt("halt-deposits")
    if purchase.status in (Purchase.Status.FUNDED, Purchase.Status.ORDERING):
        return get_halt("halt-orders")
    return None


def why_it_failed(gift: Gift) -> str:
    """Return what became of the money of a gift that did not work, empty where it did."""
    purchase = gift.purchase
    if purchase is None or purchase.status not in ENDED:
        return ""
    if purchase.orders.filter(quantity__gt=0).exists():
        kept = _("The shares stay in the account; we find out who bears the cost.")
        return f"{_why(purchase, advise=False)} {kept}"
    return _why(purchase)


def may_try_again(gift: Gift) -> bool:
    """Say whether the parent may authorize a new debit now."""
    if gift.purchase is None:
        return False
    try:
        check_can_retry(gift.purchase)
        rules.check_not_tried_too_often(gift)
    except DomainError:
        return False
    parent = gift.child.parent
    return not is_paused(parent.pk) and list_usable_banks(parent).exists()


def earlier_tries(gift: Gift) -> list[dict[str, Any]]:
    """Return what was tried before the present purchase."""
    if gift.purchase is None or gift.purchase.reference == gift.pk:
        return []
    past = [row for row in list_tries(gift) if row.pk != gift.purchase_id]
    return [{"at": row.ended_at, "why": _why(row, advise=False)} for row in past]


def _why(purchase: Purchase, *, advise: bool = True) -> str:
    deposit = purchase.deposits.order_by("-created_at").first()
    ended_badly = deposit is not None and deposit.status in ("FAILED", "RETURNED")
    return explain_deposit(deposit, advise=advise) if deposit and ended_badly else purchase.failure
