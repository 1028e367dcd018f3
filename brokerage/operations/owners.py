"""A bank account whose bank names another owner than the parent: held, and decided by staff.

Locks are taken in one order: the parent, the bank.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import KycProfile, Parent, User
from brokerage.models import BankAccount, Case, Notice
from brokerage.notices import write_notice
from brokerage.operations.bank_writes import write_disabled
from brokerage.operations.cases import close_case, open_case, settle_case
from brokerage.operations.microdeposits import BANK_TASK, lock_parent
from brokerage.operations.vouching import find_plaid_account, find_why_ended
from brokerage.owners import compare_owners, index_owners
from core import audit
from core.errors import NotNow, StaleMove
from core.queue import enqueue
from prefill.account_numbers import index_numbers
from prefill.models import PlaidAccount
from prefill.operations import get_owner_names

Status, Owner = BankAccount.Status, BankAccount.Owner
DIFFERS = _(
    "Your bank names another owner of this account, so nothing is taken from it. Link one in your "
    "own name. If it is yours, wait: we are looking at it. If we have your name wrong, write to us."
)
REFUSED = _(
    "We could not see that this account is yours, so nothing is taken from it. "
    "Link one in your own name."
)
COMING_BACK = _("We are linking this account again.")
SUMMARY = "A bank account's owner has another name than its parent. Compare, then accept or refuse."
WAITING_FOR_STAFF = (Status.HELD, Status.DISABLED)
NOT_THEIRS = (Owner.DIFFERS, Owner.REFUSED)


def judge_account(parent: Parent, account: PlaidAccount) -> BankAccount.Owner:
    """Return how the names of a connected account compare with its parent's legal name."""
    return _judge_names(KycProfile.objects.get(parent=parent), get_owner_names(account))


def compare_owner(bank: BankAccount, *, at: datetime) -> None:
    """Compare the names again and act on it; `bank` is read anew where it moved.

    One that differs is linked and debited no further; one that matches by now goes on.
    """
    if bank.source != BankAccount.Source.PLAID or not _is_news(bank, _judge(bank)):
        return
    with transaction.atomic():
        lock_parent(bank.parent_id)
        row = BankAccount.objects.select_for_update().get(pk=bank.pk)
        outcome = _judge(row)
        if _is_news(row, outcome):
            _act_on(row, outcome, at)
    bank.refresh_from_db()


def compare_owners_of(parent_id: UUID, *, at: datetime) -> None:
    """Compare all of a parent's banks again: their name, or the names at a bank, have changed."""
    banks = BankAccount.objects.filter(parent=parent_id, source=BankAccount.Source.PLAID)
    for bank in banks.exclude(status__in=[Status.REFUSED, Status.REMOVED]):
        compare_owner(bank, at=at)


def hold(bank: BankAccount, *, at: datetime) -> None:
    """Keep a link from going on until staff have decided; the caller holds the parent's lock."""
    bank.move_to(Status.HELD, owner=Owner.DIFFERS, verified_at=None, refusal=str(DIFFERS))
    audit.record("bank.held", bank, by="brokerage", at=at)
    _write(Notice.Kind.BANK_HELD, bank, at, said=str(DIFFERS))
    open_case(Case.Kind.OWNER, bank, summary=SUMMARY, at=at, parent=bank.parent)


def _write(kind: Notice.Kind, bank: BankAccount, at: datetime, *, said: str = "") -> None:
    """Write to the parent; a bank can be held and decided about more than once."""
    write_notice(kind, bank.parent, bank, at=at, occasion=at.isoformat(), said=said)


def check_not_anothers(parent: Parent, routing_number: str, account_number: str) -> None:
    """Refuse to link by its numbers what its bank, by Plaid, says is another's: two amounts show
    who can look into an account, not whose it is.

    Of an account by Plaid we know the last four digits, or its bank hides them, and a keyed hash of
    its numbers. A bank has several routing numbers, so that another hash alone clears nothing.

    :raises NotNow: an account that may be this one has another owner, whether it is still listed
        or removed
    """
    index = index_numbers(routing_number, account_number)
    for bank in BankAccount.objects.filter(parent=parent, owner__in=NOT_THEIRS):
        account = find_plaid_account(bank)
        is_known = account is not None and account.number_index == index
        if not is_known and bank.last4 not in {"", account_number[-4:]}:
            continue
        message = gettext(
            "Your bank names another owner of an account ending so. If it is yours, write to us."
        )
        raise NotNow(message, code="owner_differs", fields={"account_number": message})


def find_bank(case: Case) -> BankAccount | None:
    """Return the bank account a case waits for a decision about; None where none is due."""
    if case.kind != Case.Kind.OWNER or case.status != Case.Status.OPEN:
        return None
    pk = case.subject.rpartition(":")[2]
    waiting = BankAccount.objects.filter(status__in=WAITING_FOR_STAFF, owner=Owner.DIFFERS)
    return waiting.select_related("parent__profile").filter(pk=pk).first()


def describe_names(case: Case) -> str:
    """Return the parent's name and those the bank has, for whoever has to compare them."""
    bank = find_bank(case)
    if bank is None:
        return ""
    account = find_plaid_account(bank)
    at_bank = "; ".join(get_owner_names(account) if account else [])
    return " ".join(
        f"On the form: {bank.parent.profile.full_name}. At the bank: {at_bank}.".split()
    )


@transaction.atomic
def accept_owner(case: Case, *, by: User, reason: str, names: str, at: datetime) -> None:
    """Take the account for the parent's own, under exactly these names; linking it goes on.

    :param names: as `describe_names` gave them to who decides
    :raises StaleMove: nothing waits for a decision any more, or the names are others by now
    """
    bank = _lock_for_decision(case, names)
    _let_go_on(bank, Owner.ACCEPTED, at, owner_index=_index(bank))
    audit.record("bank.owner_accepted", bank, by=by, at=at, reason=reason)
    _write(Notice.Kind.BANK_ACCEPTED, bank, at)
    close_case(case, by=by, reason=reason, at=at)


@transaction.atomic
def refuse_owner(case: Case, *, by: User, reason: str, names: str, at: datetime) -> None:
    """Never debit the account under these names.

    :param names: as `describe_names` gave them to who decides
    :raises StaleMove: nothing waits for a decision any more, or the names are others by now
    """
    bank = _lock_for_decision(case, names)
    changes = {"owner": Owner.REFUSED, "owner_index": _index(bank), "refusal": str(REFUSED)}
    if bank.status == Status.HELD:
        bank.move_to(Status.REFUSED, processor_token=None, next_step_at=None, **changes)
    else:
        BankAccount.objects.filter(pk=bank.pk).update(**changes)
    audit.record("bank.owner_refused", bank, by=by, at=at, reason=reason)
    _write(Notice.Kind.BANK_REFUSED, bank, at, said=str(REFUSED))
    close_case(case, by=by, reason=reason, at=at)


def _lock_for_decision(case: Case, names: str) -> BankAccount:
    bank = find_bank(case)
    if bank is not None:
        lock_parent(bank.parent_id)
        case = Case.objects.select_for_update().get(pk=case.pk)
        bank = find_bank(case)
    if bank is None:
        raise StaleMove("There is nothing to decide about this bank account any more.")
    if describe_names(case) != names:
        raise StaleMove("The names are others by now. Compare them again.")
    return bank


def _judge(bank: BankAccount) -> BankAccount.Owner:
    """Return how a bank's names compare now; as before, where they are not there any more."""
    account = find_plaid_account(bank)
    profile = KycProfile.objects.filter(parent=bank.parent_id).first()
    if account is None or profile is None:
        return Owner(bank.owner or Owner.UNKNOWN)
    return _judge_names(profile, get_owner_names(account))


def _judge_names(profile: KycProfile, names: list[str]) -> BankAccount.Owner:
    """Return how names compare; what staff last decided about exactly these ones counts."""
    outcome = compare_owners(names, profile)
    if outcome != Owner.DIFFERS:
        return outcome
    decided = BankAccount.objects.filter(
        parent=profile.parent_id,
        owner__in=[Owner.ACCEPTED, Owner.REFUSED],
        owner_index=index_owners(names, profile),
    )
    last = decided.order_by("-created_at").values_list("owner", flat=True).first()
    return Owner(last) if last else outcome


def _index(bank: BankAccount) -> str:
    account = find_plaid_account(bank)
    return index_owners(get_owner_names(account) if account else [], bank.parent.profile)


def _is_news(bank: BankAccount, outcome: BankAccount.Owner) -> bool:
    """Say whether something follows from the outcome for a bank as it stands."""
    if bank.status in WAITING_FOR_STAFF:
        return bank.owner in NOT_THEIRS and outcome in {Owner.MATCHES, Owner.ACCEPTED}
    return bank.status in {Status.INTENDED, Status.ACTIVE} and outcome != bank.owner


def _act_on(bank: BankAccount, outcome: BankAccount.Owner, at: datetime) -> None:
    if bank.status in WAITING_FOR_STAFF:
        if not find_why_ended(bank):
            _let_go_on(bank, outcome, at)
            settle_case(Case.Kind.OWNER, bank, finding="The names match by now.", at=at)
    elif outcome not in NOT_THEIRS:
        BankAccount.objects.filter(pk=bank.pk).update(owner=outcome)
    elif bank.status == Status.INTENDED:
        hold(bank, at=at)
    else:
        write_disabled(bank, str(DIFFERS), at, verified_at=None, owner=Owner.DIFFERS)
        open_case(Case.Kind.OWNER, bank, summary=SUMMARY, at=at, parent=bank.parent)


def _let_go_on(
    bank: BankAccount, owner: BankAccount.Owner, at: datetime, *, owner_index: str = ""
) -> None:
    """Link a held bank at the broker, or have the broker's word revive a disabled one."""
    changes: dict[str, Any] = {
        "owner": owner, "owner_index": owner_index, "verified_at": at, "next_step_at": at,
    }  # fmt: skip
    if bank.status == Status.HELD:
        bank.move_to(Status.INTENDED, refusal="", **changes)
    else:
        BankAccount.objects.filter(pk=bank.pk).update(refusal=str(COMING_BACK), **changes)
    audit.record("bank.owner_known", bank, by="brokerage", at=at, owner=owner)
    enqueue(BANK_TASK, pk=bank.pk)
