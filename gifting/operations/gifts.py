"""Gifts: given, decided about, tried again, and told of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.documents import GIVING, get_document
from accounts.models import Child, Consent, Parent
from accounts.operations import give_consent
from brokerage.models import BankAccount, BrokerAccount, Case, Instrument, Purchase
from brokerage.operations import cancel_purchase, retry_purchase, start_purchase
from brokerage.operations.cases import open_case
from brokerage.operations.purchases import PurchaseIntent
from brokerage.order_rules import check_amount_buys
from brokerage.rules import check_can_retry, check_can_start_purchase, check_on_allow_list
from core import audit
from core.errors import DomainError, Findings, NotNow
from core.queue import enqueue
from core.switches import check_running
from gifting import rules
from gifting.folding import Same, list_alike
from gifting.models import Contributor, Gift, GiftLink, GiverAddress, Note
from gifting.operations.links import get_main_link
from gifting.operations.senders import (
    check_link_has_room,
    index_address,
    index_email,
    keep_giver,
    take_gift,
)

LASTS = timedelta(days=30)
Status = Gift.Status


@dataclass(frozen=True)
class GiftOffer:
    """What a giver fills in; text already validated. `form_key` names the form that was shown."""

    instrument: Instrument
    amount: Decimal
    giver_name: str
    giver_email: str
    message: str
    form_key: UUID


def give(
    *,
    child: Child,
    offer: GiftOffer,
    at: datetime,
    link: GiftLink | None = None,
    ip_address: str | None = None,
) -> Gift:
    """Take a gift; nothing is charged before the custodian approves.

    Sent twice from one form it is one gift.

    :param link: by which it came; by default the child's first one
    :raises Invalid: the amount
    :raises Halted: gifts are paused
    :raises NotNow: the child, the link or the instrument forbids it
    :raises TooManyGifts: too many of this sender lately
    :raises LinkFull: too many wait at this link
    """
    check_running("halt-gifts")
    link = link or get_main_link(child, at=at)
    if repeated := Gift.objects.filter(form_key=offer.form_key).first():
        return _check_repeat(repeated, child, offer)
    check_gift(child=child, offer=offer, link=link, at=at)
    sender = index_address(ip_address)
    giver = keep_giver(offer.giver_email)
    check_link_has_room(link, giver)
    taken = take_gift(child=child, email=giver.index, address=sender, at=at)
    try:
        return _write_gift(child, link, offer, sender, giver, at)
    except IntegrityError:
        taken.give_back()
        again = Gift.objects.filter(form_key=offer.form_key).first()
        return _check_repeat(again, child, offer)
    except DomainError:
        taken.give_back()
        raise


@transaction.atomic
def _write_gift(
    child: Child,
    link: GiftLink,
    offer: GiftOffer,
    sender: str,
    giver: GiverAddress,
    at: datetime,
) -> Gift:
    link = GiftLink.objects.select_for_update().get(pk=link.pk)
    rules.check_link_open(link, at=at)
    contributor = Contributor.objects.create(
        name=offer.giver_name, email=offer.giver_email, email_index=giver.index, created_at=at
    )
    gift = Gift.objects.create(
        child=child,
        contributor=contributor,
        instrument=offer.instrument,
        amount=offer.amount,
        message=offer.message,
        link=link,
        sender_index=sender,
        form_key=offer.form_key,
        given_at=at,
        expires_at=at + LASTS,
    )
    notice = get_document(GIVING).version
    audit.record("gift.given", gift, by=contributor, at=at, amount=gift.amount, notice=notice)
    send_note(gift, Note.Kind.GIVEN_PARENT, at=at)
    send_note(gift, Note.Kind.GIVEN_GIVER, at=at)
    return gift


def check_gift(*, child: Child, offer: GiftOffer, link: GiftLink, at: datetime) -> None:
    """Refuse a gift that can not be given now; takes nothing of its sender's allowance.

    :raises Invalid: the amount
    :raises Halted: gifts are paused
    :raises NotNow: the child, the link, the instrument or the family forbids it
    """
    check_running("halt-gifts")
    rules.check_can_receive(child, at=at)
    rules.check_link_open(link, at=at)
    check_answers(child, vars(offer), at=at)


def check_answers(child: Child, given: Mapping[str, Any], *, at: datetime) -> None:
    """Refuse what of a giver's answers can not be, as far as they are understood.

    :param given: by the names of GiftOffer; what is missing is not looked at
    :raises DomainError: with the fields
    """
    amount, instrument = given.get("amount"), given.get("instrument")
    found = Findings()
    with found.noting():
        if amount is not None:
            rules.check_amount(amount)
            if instrument is not None:
                check_amount_buys(instrument, amount)
    with found.noting():
        if instrument is not None:
            check_on_allow_list(instrument)
    with found.noting():
        if email := given.get("giver_email"):
            rules.check_not_turned_away(child, email=index_email(email), at=at)
    found.raise_all()


def _check_repeat(repeated: Gift | None, child: Child, offer: GiftOffer) -> Gift:
    """Return the gift of a form sent again.

    :raises NotNow: the form was sent with other answers
    """
    sent = (child.pk, offer.amount, offer.instrument)
    if repeated is None or (repeated.child_id, repeated.amount, repeated.instrument) != sent:
        raise NotNow(
            _("This form has been sent before. Open the gift link again to give once more.")
        )
    return repeated


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


def send_note(gift: Gift, kind: Note.Kind, *, at: datetime) -> None:
    """Write the note once and have it sent after commit."""
    note, created = Note.objects.get_or_create(
        gift=gift, kind=kind, defaults={"created_at": at, "next_step_at": at}
    )
    if created:
        enqueue("gifting.tasks.deliver_note", pk=note.pk)


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
