"""Ending what a parent agreed to, with all that stops by it; and papers on paper.

Locks are taken in one order: the parent, the bank.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import agreements
from accounts.models import Consent, Parent, Withdrawal
from accounts.operations import give_consent, withdraw_consent
from accounts.rules import signs_electronically
from brokerage.models import BankAccount, Case, Notice
from brokerage.notices import write_notice
from brokerage.operations.bank_writes import write_removal
from brokerage.operations.banks import disable_bank
from brokerage.operations.cases import open_case, settle_case
from brokerage.operations.microdeposits import lock_parent
from core.errors import NotNow
from prefill.models import Applicant
from prefill.operations import erase_applicant

Status = BankAccount.Status
ENDED = gettext_lazy(
    "You ended the bank authorization, so nothing is debited here. Link it again to use it."
)
PAPER = "A parent ended electronic records: papers go by mail from now on. Tell the broker."
COPIES = "A parent asks for paper copies of what the broker has filed. Have them sent."
# What is linked or may come to be; from what was refused or removed nothing is debited anyway.
BEING_LINKED = (Status.INTENDED, Status.VERIFYING, Status.HELD)
LINKED = (Status.ACTIVE, Status.DISABLED)


@transaction.atomic
def end_e_sign(*, parent: Parent, at: datetime, ip_address: str | None) -> None:
    """End electronic records and signatures (15 U.S.C. 7001(c)(1)(B)).

    From now on nothing can be signed here, and staff have papers sent by mail.

    :raises NotNow: ended already
    """
    lock_parent(parent.pk)
    if not signs_electronically(parent):
        raise NotNow(_("You have ended this already."), code="already_done")
    kind = Withdrawal.Kind.E_SIGN
    withdrawal = withdraw_consent(parent=parent, kind=kind, at=at, ip_address=ip_address)
    open_case(Case.Kind.PAPER, parent, summary=PAPER, at=at, parent=parent)
    write_notice(Notice.Kind.E_SIGN_ENDED, parent, withdrawal, at=at)


@transaction.atomic
def sign_electronically_again(*, parent: Parent, at: datetime, ip_address: str | None) -> Consent:
    """Take a parent's new agreement to electronic records and signatures.

    :raises NotNow: it is in force
    """
    lock_parent(parent.pk)
    if signs_electronically(parent):
        raise NotNow(_("You agree to this already."), code="already_done")
    consent = give_consent(
        parent=parent,
        kind=Consent.Kind.E_SIGN,
        text=str(agreements.E_SIGN),
        at=at,
        ip_address=ip_address,
    )
    finding = "The parent agreed to electronic records again."
    settle_case(Case.Kind.PAPER, parent, finding=finding, at=at)
    return consent


def ask_for_paper(*, parent: Parent, at: datetime) -> None:
    """Have staff send paper copies; asked again while they have not, it is one case."""
    open_case(Case.Kind.PAPER, parent, summary=COPIES, at=at, parent=parent)


@transaction.atomic
def end_debits(*, parent: Parent, at: datetime, ip_address: str | None) -> None:
    """End the authorization to debit this parent's banks.

    No bank is debited until it is linked again. A deposit or purchase whose transfer has not
    started finds its bank gone, and comes to nothing; one that has started goes on.

    :raises NotNow: no bank is linked
    """
    lock_parent(parent.pk)
    banks = BankAccount.objects.select_for_update().filter(parent=parent)
    linked = list(banks.filter(status__in=(*BEING_LINKED, *LINKED)).order_by("pk"))
    if not linked:
        raise NotNow(_("No bank is linked, so nothing can be debited."), code="no_bank")
    kind = Withdrawal.Kind.ACH
    withdraw_consent(parent=parent, kind=kind, at=at, ip_address=ip_address)
    for bank in linked:
        if bank.status in BEING_LINKED:
            write_removal(bank, parent, at)
        else:
            disable_bank(bank, reason=str(ENDED), at=at)


def end_instructions(*, parent: Parent, at: datetime, ip_address: str | None) -> None:
    """End the written instructions: what was found is deleted, here and at the vendors.

    :raises NotNow: nothing is kept
    """
    applicant = find_applicant(parent)
    if applicant is None:
        raise NotNow(_("We keep nothing that Plaid or Spinwheel told us."), code="nothing_kept")
    with transaction.atomic():
        kind = Withdrawal.Kind.INSTRUCTIONS
        withdraw_consent(parent=parent, kind=kind, at=at, ip_address=ip_address)
        erase_applicant(applicant, by=parent.user, at=at)


def find_applicant(parent: Parent) -> Applicant | None:
    """Return the parent as prefill knows them; None where it keeps nothing."""
    return Applicant.objects.filter(parent=parent).first()
