"""Telling the broker whom a customer trusts (FINRA 4512), for each account, and of each change."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import TrustedContact, User
from accounts.operations import note_broker_word
from accounts.queries import find_trusted_contact
from brokerage.gateway import Contact, Rejected, get_broker
from brokerage.models import BrokerAccount, Case, ContactNotice
from brokerage.operations.cases import open_case, settle_case
from core import audit
from core.driving import drive
from core.errors import StaleMove
from core.queue import enqueue

TASK = "brokerage.tasks.advance_contact_notice"
Status = ContactNotice.Status
Word = TrustedContact.BrokerWord


def tell_contact(*, parent_id: UUID, at: datetime) -> None:
    """Have the broker told of a customer's answer, for each account it has opened for them.

    Nothing is told of somebody who never named anybody. A repeat changes nothing.
    """
    answer = find_trusted_contact(parent_id)
    if answer is None:
        return
    if not get_broker().takes_contact():
        if answer.is_named:
            note_broker_word(answer, Word.NOT_TAKEN, at=at)
        return
    accounts = BrokerAccount.objects.filter(child__parent=parent_id).exclude(vendor_id="")
    for account in accounts.exclude(status=BrokerAccount.Status.CLOSED):
        _tell_of(account, answer, at)


@transaction.atomic
def _tell_of(account: BrokerAccount, answer: TrustedContact, at: datetime) -> None:
    notice = ContactNotice.objects.select_for_update().filter(account=account).first()
    if notice is None:
        if not answer.is_named:
            return
        notice = ContactNotice.objects.create(
            account=account, answer=answer, created_at=at, next_step_at=at
        )
    elif notice.answer_id == answer.pk:
        return
    else:
        ContactNotice.objects.filter(pk=notice.pk).update(answer=answer, next_step_at=at)
        if notice.status != Status.DUE:
            notice.move_to(Status.DUE, refusal="")
    enqueue(TASK, pk=notice.pk)


def advance_contact_notice(pk: UUID, *, at: datetime) -> None:
    """Tell the broker one account's trusted contact, or that there is none any more."""
    drive(ContactNotice, pk, _step, task=TASK, at=at)


def _step(notice: ContactNotice, at: datetime) -> datetime | None:
    """Telling the same twice is one and the same at the broker, so no key is needed."""
    if notice.status != Status.DUE:
        return None
    answer, refusal = notice.answer, ""
    try:
        get_broker().tell_contact(notice.account.vendor_id, _describe(answer))
    except Rejected as refused:
        refusal = refused.code
    with transaction.atomic():
        row = ContactNotice.objects.select_for_update().get(pk=notice.pk)
        if row.answer_id != answer.pk:
            return at  # answered anew meanwhile
        if refusal:
            _take_refusal(row, refusal, at)
        else:
            row.move_to(Status.TOLD, told_at=at, refusal="")
            audit.record("contact.told", row, by="brokerage", at=at, named=answer.is_named)
            settle_case(Case.Kind.CONTACT, row, finding="The broker has it now.", at=at)
        note_broker_word(answer, _word_for(answer), at=at)
    return None


def _describe(answer: TrustedContact) -> Contact | None:
    if not answer.is_named:
        return None
    return Contact(
        answer.first_name or "", answer.last_name or "", answer.phone or "", answer.email or ""
    )


def _take_refusal(notice: ContactNotice, code: str, at: datetime) -> None:
    """Ask no more: a person has to tell the broker, or the customer to answer anew."""
    notice.move_to(Status.REFUSED, refusal=code[:20])
    audit.record("contact.refused", notice, by="brokerage", at=at, code=code)
    open_case(
        Case.Kind.CONTACT,
        notice,
        summary=f"The broker does not take a customer's trusted contact ({code}).",
        at=at,
        account=notice.account,
        parent=notice.answer.parent,
    )


def _word_for(answer: TrustedContact) -> str:
    """Return what the broker said of an answer, all accounts taken together."""
    told = set(ContactNotice.objects.filter(answer=answer).values_list("status", flat=True))
    if Status.REFUSED in told:
        return Word.REFUSED
    return Word.TOLD if told == {Status.TOLD} else Word.NONE_YET


@transaction.atomic
def tell_contact_again(notice: ContactNotice, *, by: User, reason: str, at: datetime) -> None:
    """Have a contact that was refused told to the broker once more.

    :raises StaleMove: it was not refused, or is being told already
    """
    if notice.status != Status.REFUSED:
        raise StaleMove(_("The broker has not refused this."))
    notice.move_to(Status.DUE, refusal="", next_step_at=at)
    audit.record("contact.again", notice, by=by, at=at, reason=reason)
    enqueue(TASK, pk=notice.pk)
