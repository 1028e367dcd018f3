"""What stands behind a bank account linked by Plaid: the parent's connection, while it lasts."""

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from brokerage.models import BankAccount, Case
from core.encryption import blind_index
from prefill.models import PlaidAccount, PlaidItem
from prefill.operations import end_sharing

WHY_ENDED = {  # as prefill tells it -> what the parent reads
    "removed": _("You removed the connection to this bank, so we do not debit this account."),
    "revoked": _("Our access to this account was withdrawn at the bank, so we do not debit it."),
    "closed": _("Your bank does not show us this account any more, so we do not debit it."),
    "renumbered": _(
        "Your bank changed the numbers of this account. Choose it once more to use it."
    ),
    "relinked": _("You connected this bank anew. Choose the account once more to use it."),
}


def index_plaid_account(account_ref: str) -> str:
    """Return what finds a bank account linked by Plaid, by Plaid's id of it."""
    return blind_index(account_ref, context="brokerage.bank.plaid")


def list_indexes(account: PlaidAccount) -> list[str]:
    """Return what finds the bank account a connected one is, whichever login it was linked by."""
    return list(map(index_plaid_account, account.refs))


def describe_end(why: str) -> str:
    """Return the sentence for the parent."""
    return str(WHY_ENDED.get(why, WHY_ENDED["closed"]))


def find_why_ended(bank: BankAccount) -> str:
    """Return why Plaid vouches for a bank account no more; empty while it does, or need not.

    An account that is gone without a trace is one of a person erased, or of a login that another
    one took the place of.
    """
    if bank.source != BankAccount.Source.PLAID:
        return ""
    accounts = _list_accounts(bank)
    account = _pick(bank, accounts)
    if account is not None:
        return _why_ended(account)
    return "relinked" if any(not _why_ended(account) for account in accounts) else "removed"


def list_questioned(parent_id: UUID) -> set[str]:
    """Return what finds the bank accounts the broker refused, while staff ask it why."""
    opened = Case.objects.filter(kind=Case.Kind.BANK, status=Case.Status.OPEN, parent=parent_id)
    pks = [subject.rpartition(":")[2] for subject in opened.values_list("subject", flat=True)]
    refused = BankAccount.objects.filter(pk__in=pks)  # the parent may have removed it since
    return set(refused.values_list("number_index", flat=True))


def find_plaid_account(bank: BankAccount) -> PlaidAccount | None:
    """Return the connected account a bank account was linked by, while it is there."""
    return _pick(bank, _list_accounts(bank))


def list_vouched(item: PlaidItem) -> QuerySet[BankAccount]:
    """Return the bank accounts that are, were, or will be debited by a connection."""
    indexes = [index for account in item.accounts.all() for index in list_indexes(account)]
    status = BankAccount.Status
    return BankAccount.objects.filter(
        parent=item.applicant.parent_id,
        source=BankAccount.Source.PLAID,
        number_index__in=indexes,
        status__in=[status.INTENDED, status.HELD, status.ACTIVE, status.DISABLED],
    ).order_by("created_at")


def note_unused(bank: BankAccount, *, at: datetime) -> None:
    """Tell that the broker debits it no more, so that the login it was linked by can go."""
    account = find_plaid_account(bank)
    if account is None:
        return
    for ref in account.refs:
        if index_plaid_account(ref) == bank.number_index:
            end_sharing(account, ref, at=at)


def _list_accounts(bank: BankAccount) -> list[PlaidAccount]:
    theirs = PlaidAccount.objects.filter(item__applicant__parent=bank.parent_id)
    return list(theirs.select_related("item__applicant"))


def _pick(bank: BankAccount, accounts: list[PlaidAccount]) -> PlaidAccount | None:
    matching = (account for account in accounts if bank.number_index in list_indexes(account))
    return next(matching, None)


def _why_ended(account: PlaidAccount) -> str:
    ends = {PlaidItem.Status.REVOKED: "revoked", PlaidItem.Status.REMOVED: "removed"}
    return ends.get(PlaidItem.Status(account.item.status), "closed" if account.closed_at else "")
