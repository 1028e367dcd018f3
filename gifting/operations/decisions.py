"""What is decided about a gift: approved, tried again, declined, canceled, let go."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Consent, Parent
from accounts.operations import give_consent
from brokerage.models import BankAccount, BrokerAccount, Case, Purchase
from brokerage.operations import cancel_purchase, retry_purchase, start_purchase
from brokerage.operations.cases import open_case
from brokerage.operations.purchases import PurchaseIntent
from brokerage.rules import check_can_retry, check_can_start_purchase
from core import audit
from core.errors import Findings, NotNow
from core.switches import check_running
from gifting import rules
from gifting.folding import Same, list_alike
from gifting.models import Gift, Note
from gifting.operations.giving import send_note

Status = Gift.Status


def approve_gift(
    *,
    gift: Gift,
    by: Parent,
    bank: BankAccount | None,
    authorization: str,
    at: datetime,
    ip_address: str | None,
) -> Gift:
    """Approve a gift: authorize the bank debit and have the shares bought. Once only.

    :param authorization: what the parent agreed to, word for word as it was shown
    :raises NotAllowed: not this child's custodian
    :raises NotNow: expired, no open account, no linked bank, or a halt
    :raises StaleMove: decided already
    """
    check_running("halt-approvals")  # it may write to the cache: before any lock is held
    rules.check_can_decide(gift, by)
    with transaction.atomic():
        return _approve(gift, by, bank, authorization, at, ip_address)


def check_approval(gift: Gift, bank: BankAccount | None, *, by: Parent, at: datetime) -> None:
    """Refuse what `approve_gift` would, by what is understood so far (`bank` None: not chosen).

    :raises DomainError: as `approve_gift`
    """
    check_running("halt-approvals")
    rules.check_can_decide(gift, by)
    found = Findings()
    with found.noting():
        rules.check_not_expired(gift, at=at)
    with found.noting():
        account = BrokerAccount.objects.filter(child=gift.child).select_related("child").first()
        check_can_start_purchase(_check_open(account), bank, gift.instrument)
    found.raise_all()


def check_retry(gift: Gift, bank: BankAccount | None, *, by: Parent) -> None:
    """Refuse what `retry_gift` would, by what is understood so far.

    :raises DomainError: as `retry_gift`
    """
    check_running("halt-approvals")
    rules.check_can_decide(gift, by)
    found = Findings()
    with found.noting():
        rules.check_not_tried_too_often(gift)
    if gift.purchase is not None:
        with found.noting():
            check_can_retry(gift.purchase)
        with found.noting():
            check_can_start_purchase(gift.purchase.account, bank, gift.instrument)
    found.raise_all()


def _check_open(account: BrokerAccount | None) -> BrokerAccount:
    if account is None:
        raise NotNow(_("The account is not open yet. We will tell you when it is."), code="account")
    return account


def _approve(
    gift: Gift,
    by: Parent,
    bank: BankAccount | None,
    authorization: str,
    at: datetime,
    ip_address: str | None,
) -> Gift:
    gift = (
        Gift.objects.select_for_update(of=("self",))
        .select_related("child", "instrument")
        .get(pk=gift.pk)
    )
    if gift.status != Status.PENDING:
        raise _decided_already(gift)
    rules.check_not_expired(gift, at=at)
    found = BrokerAccount.objects.filter(child=gift.child).select_related("child").first()
    account = _check_open(found)
    if bank is None:
        raise NotNow(_("Link a bank account first; the money comes from there."), code="bank")
    consent = give_consent(
        parent=by,
        kind=Consent.Kind.ACH,
        text=authorization,
        at=at,
        ip_address=ip_address,
    )
    intent = PurchaseIntent(
        account=account,
        bank=bank,
        instrument=gift.instrument,
        amount=gift.amount,
        reference=gift.pk,
        authorization=consent,
    )
    purchase = start_purchase(intent, at=at)
    gift.move_to(Status.APPROVED, decided_by=by, decided_at=at, purchase=purchase)
    audit.record("gift.approved", gift, by=by.user, at=at, amount=gift.amount)
    return gift


@transaction.atomic
def retry_gift(
    *,
    gift: Gift,
    after: UUID | None,
    by: Parent,
    bank: BankAccount | None,
    authorization: str,
    at: datetime,
    ip_address: str | None,
) -> Gift:
    """Have a gift whose money did not come bought anew, under a new authorization.

    The old purchase keeps its history; how the new one ends is told anew.

    :param after: the purchase that came to nothing, as the parent saw it
    :raises NotAllowed: not this child's custodian
    :raises NotNow: under way or bought, tried too often, no bank, or the bank's return forbids it
    """
    check_running("halt-approvals")
    rules.check_can_decide(gift, by)
    gift = Gift.objects.select_for_update(of=("self",)).select_related("child").get(pk=gift.pk)
    if gift.purchase is None or gift.purchase_id != after:
        raise NotNow(_("This gift is on its way already."), code="already_done")
    rules.check_not_tried_too_often(gift)
    if bank is None:
        raise NotNow(_("Link a bank account first; the money comes from there."), code="bank")
    consent = give_consent(
        parent=by, kind=Consent.Kind.ACH, text=authorization, at=at, ip_address=ip_address
    )
    purchase = retry_purchase(gift.purchase, bank=bank, authorization=consent, at=at)
    Gift.objects.filter(pk=gift.pk).update(purchase=purchase)
    gift.purchase = purchase
    gift.notes.filter(kind=Note.Kind.FAILED_PARENT).delete()  # a kind is told once, and may again
    audit.record("gift.retried", gift, by=by.user, at=at, after=after)
    return gift


@transaction.atomic
def decline_gift(*, gift: Gift, by: Parent, reason: str, at: datetime) -> Gift:
    """Decline a gift before any money moved.

    :raises NotAllowed: not this child's custodian
    :raises StaleMove: decided already
    """
    rules.check_can_decide(gift, by)
    if gift.status != Status.PENDING:
        raise _decided_already(gift)
    gift.move_to(Status.DECLINED, decided_by=by, decided_at=at, reason=reason)
    audit.record("gift.declined", gift, by=by.user, at=at)
    send_note(gift, Note.Kind.DECLINED_GIVER, at=at)
    return gift


@transaction.atomic
def decline_alike(
    *, gift: Gift, same: Same, until: datetime, report: bool, by: Parent, at: datetime
) -> int:
    """Decline all waiting gifts of one sender at once; return how many.

    Nobody is written to: a script's gifts would only write to people who know nothing of them. The
    tracking pages say it.

    :param until: those given later were not seen, and stay
    :param report: take no more from this e-mail address for this child, and have staff look
    :raises NotAllowed: not this child's custodian
    """
    rules.check_can_decide(gift, by)
    found = list_alike(gift, same).filter(given_at__lte=until).select_for_update(of=("self",))
    alike = list(found)
    for one in alike:
        one.move_to(
            Status.DECLINED, decided_by=by, decided_at=at, reported_at=at if report else None
        )
        audit.record("gift.declined", one, by=by.user, at=at, alike=str(gift.pk), reported=report)
    if report and alike:
        open_case(
            Case.Kind.NUISANCE,
            gift,
            summary=f"A family reports {len(alike)} gifts of one sender as a nuisance.",
            at=at,
            parent=by,
        )
    return len(alike)


@transaction.atomic
def cancel_gift(*, gift: Gift, by: Parent, at: datetime) -> Gift:
    """Cancel an approved gift before its bank transfer starts: revoke the authorization.

    :raises NotAllowed: not this child's custodian
    :raises NotNow: not approved, or the transfer has started
    """
    rules.check_can_decide(gift, by)
    if gift.purchase is None:
        raise (
            _decided_already(gift)
            if gift.status != Status.PENDING
            else NotNow(_("This gift is not approved yet: there is nothing to cancel."))
        )
    reason = _("The parent canceled it before the bank transfer started. No money has moved.")
    cancel_purchase(gift.purchase, reason=reason, at=at)
    audit.record("gift.canceled", gift, by=by.user, at=at)
    send_note(gift, Note.Kind.DECLINED_GIVER, at=at)
    return gift


@transaction.atomic
def expire_gift(*, gift: Gift, at: datetime) -> None:
    """Close a gift nobody decided about in time."""
    gift.move_to(Status.EXPIRED, decided_at=at, reason=_("Nobody answered in time."))
    audit.record("gift.expired", gift, by="gifting", at=at)
    send_note(gift, Note.Kind.DECLINED_GIVER, at=at)


def follow_purchase(*, purchase_id: UUID, at: datetime) -> None:
    """Tell the people concerned how a gift's purchase ended; a repeat tells nobody twice."""
    gift = Gift.objects.select_related("purchase").filter(purchase=purchase_id).first()
    if gift is None or gift.purchase is None:
        return
    kinds = {
        Purchase.Status.EXECUTED: Note.Kind.BOUGHT_GIVER,
        Purchase.Status.FAILED: Note.Kind.FAILED_PARENT,
        Purchase.Status.RETURNED: Note.Kind.FAILED_PARENT,
    }
    if kind := kinds.get(Purchase.Status(gift.purchase.status)):
        send_note(gift, kind, at=at)


def authorization_text(gift: Gift, banks: Sequence[BankAccount]) -> str:
    """Return what a parent authorizes by approving; with several banks one is picked above it."""
    source = f"my {banks[0]}" if len(banks) == 1 else _("the bank account I chose above")
    return _(
        "I authorize StockSprout and its broker to debit $%(amount)s once from %(bank)s, on or "
        "after today, to buy %(symbol)s for %(child)s. To revoke this before the transfer starts, "
        "I cancel the gift on its page, or end the bank authorization under Security."
    ) % {
        "amount": f"{gift.amount:,.2f}",
        "bank": source,
        "symbol": gift.instrument.symbol,
        "child": gift.child.first_name,
    }


def _decided_already(gift: Gift) -> NotNow:
    return NotNow(
        _("This gift is already %s.") % gift.status_label(),
        code="already_done",
    )
