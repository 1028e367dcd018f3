"""Banks a parent is connected to by Plaid: how they stand, and which accounts can pay for gifts."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Parent
from brokerage import operations
from brokerage.models import BankAccount
from brokerage.operations.banks import PlaidBankToken
from brokerage.operations.microdeposits import lock_parent
from brokerage.operations.vouching import list_indexes, list_questioned, list_vouched
from brokerage.queries import list_usable_banks
from brokerage.under_way import UnderWay, find_last_day, list_under_way
from core.errors import NotNow
from core.templatetags.show import day
from prefill import operations as prefill_operations
from prefill.models import PlaidAccount, PlaidItem
from prefill.pages import can_connect_banks

KINDS = {kind.value.lower(): kind for kind in BankAccount.Kind}


@dataclass(frozen=True)
class Choice:
    """An account gifts can be paid from, once chosen."""

    account: PlaidAccount
    label: str


def list_items(parent: Parent) -> QuerySet[PlaidItem]:
    """Return the parent's connections, oldest first; `has_twin` where there is one more to a bank.

    Two that nothing shows to be the same are left as two, for the parent to say.
    """
    items = PlaidItem.objects.filter(applicant__parent=parent)
    present = items.exclude(status=PlaidItem.Status.REMOVED)
    others = PlaidItem.objects.filter(
        applicant=OuterRef("applicant"),
        institution_id=OuterRef("institution_id"),
        status__in=[PlaidItem.Status.ACTIVE, PlaidItem.Status.NEEDS_USER],
    )
    twins = others.exclude(pk=OuterRef("pk")).exclude(institution_id="")
    rows: QuerySet[PlaidItem] = present.annotate(has_twin=Exists(twins)).order_by("created_at")
    return rows


def get_item_or_404(parent: Parent, *, pk: UUID) -> PlaidItem:
    """Return one of the parent's own connections."""
    item = list_items(parent).filter(pk=pk).first()
    if item is None:
        raise Http404
    return item


def get_way_to_link(parent: Parent) -> tuple[str, str]:
    """Return the page on which a bank is linked, and what its button says.

    Where banks can be connected by signing in that comes first, with typed numbers below it.
    """
    if can_connect_banks(parent):
        return reverse("banks"), _("Connect your bank")
    return reverse("link-bank"), _("Link a bank")


@dataclass(frozen=True)
class Ending:
    """What removing a connection would mean. `banks` are debited by it; `waits` must arrive first,
    since the bank's numbers end with the connection.
    """

    banks: list[BankAccount]
    others: list[BankAccount]
    waits: list[UnderWay]
    goes_on: list[UnderWay]

    @property
    def free_on(self) -> date | None:
        return find_last_day(self.waits)


def describe_ending(parent: Parent, item: PlaidItem) -> Ending:
    """Return what removing a connection would mean now."""
    vouched = list(list_vouched(item))
    banks = [bank for bank in vouched if bank.status != BankAccount.Status.DISABLED]
    others = list_usable_banks(parent).exclude(pk__in=[bank.pk for bank in banks])
    waits: list[UnderWay] = []
    goes_on: list[UnderWay] = []
    fragile = {
        index
        for account in item.accounts.all()
        if account.ends_with_login
        for index in list_indexes(account)
    }
    for bank in vouched:
        for row in list_under_way([bank]):
            must_arrive = row.is_asked and bank.number_index in fragile
            (waits if must_arrive else goes_on).append(row)
    return Ending(banks, list(others), waits, goes_on)


def remove_connection(*, parent: Parent, item: PlaidItem, at: datetime) -> None:
    """End a connection; what its bank was not asked for yet is not taken from it any more.

    :raises NotNow: a transfer that would fail with it is on its way (`money_under_way`)
    """
    with transaction.atomic():
        lock_parent(parent.pk)
        ending = describe_ending(parent, item)
        if ending.waits:
            message = _(
                "Money from this bank is on its way, and could fail without the connection."
            )
            if ending.free_on:
                message += " " + _("You can remove it from %s on.") % day(ending.free_on)
            raise NotNow(message, code="money_under_way")
        prefill_operations.remove_item(item, by=parent.user, at=at)


def list_choices(parent: Parent) -> list[Choice]:
    """Return the checking and savings accounts that are connected and not linked yet.

    One whose link is disabled can be linked anew. One that another login shows too is linked by it.
    One the broker refused waits until staff have asked why.
    """
    accounts = PlaidAccount.objects.filter(
        item__in=list_items(parent), type="depository", subtype__in=KINDS, closed_at=None
    ).select_related("item__applicant")
    status = BankAccount.Status
    linked = set(
        BankAccount.objects.filter(parent=parent, source=BankAccount.Source.PLAID)
        .exclude(status__in=[status.REMOVED, status.REFUSED, status.DISABLED])
        .values_list("number_index", flat=True)
    )
    questioned = list_questioned(parent.pk)
    ordered = list(accounts.order_by("item__created_at", "subtype", "mask", "id"))
    in_use = [account for account in ordered if not linked.isdisjoint(list_indexes(account))]
    taken = {_keys(account) for account in in_use}
    free = [
        account
        for account in ordered
        if account.item.status == PlaidItem.Status.ACTIVE
        and questioned.isdisjoint(list_indexes(account))
        and account not in in_use
        and not (any(_keys(account)) and _keys(account) in taken)
    ]
    labels = Counter(map(describe_account, free))
    return [
        Choice(account, label if labels[label] == 1 else _tell_apart(label, account))
        for account in free
        if (label := describe_account(account))
    ]


def _keys(account: PlaidAccount) -> tuple[str, str]:
    """Return what shows that two logins have one account; two empty texts show nothing."""
    return account.persistent_id, account.number_index


def describe_account(account: PlaidAccount) -> str:
    """Name an account: “Checking ••0000 at First Platypus Bank”.

    Some banks hide the last digits; then it is named as the bank does.
    """
    return _("%(kind)s %(shown)s at %(bank)s") % {
        "kind": KINDS[account.subtype].label,
        "shown": f"••{account.mask}" if account.mask else f"“{account.name}”",
        "bank": account.item.institution_name or _("your bank"),
    }


def _tell_apart(label: str, account: PlaidAccount) -> str:
    """Add to a label that two accounts have what is in this one: its owner knows it by that."""
    amount = account.available if account.current is None else account.current
    if amount is None:
        return label
    return _("%(label)s, with $%(amount)s in it") % {"label": label, "amount": f"{amount:,.2f}"}


def link_connected_account(
    *, parent: Parent, account_pk: UUID, at: datetime, ip_address: str | None = None
) -> BankAccount:
    """Have gifts paid from a connected account: Plaid vouches for it to the broker.

    One whose owner has another name is held, without a token, until staff have decided.

    :raises Http404: no account of theirs that can be chosen
    :raises NotNow: staff refused it under the same names before (`owner_refused`)
    :raises NotNow: the parent's form is not in, or Plaid can not vouch for the account
    """
    found = [c.account for c in list_choices(parent) if c.account.pk == account_pk]
    if not found:
        raise Http404
    if not hasattr(parent, "profile"):
        raise NotNow(_("First tell us about yourself; then link a bank."), code="kyc_first")
    operations.make_known(parent=parent, at=at)  # the form's own news may still be on its way
    account, token = found[0], ""
    owner = operations.judge_account(parent, account)
    if owner == BankAccount.Owner.REFUSED:
        message = str(operations.OWNER_REFUSED)
        raise NotNow(message, code="owner_refused", fields={"account": message})
    if owner != BankAccount.Owner.DIFFERS:
        token = prefill_operations.create_processor_token(account, by=parent.user, at=at)
    details = PlaidBankToken(
        processor_token=token,
        account_ref=account.account_id,
        last4=account.mask,
        kind=KINDS[account.subtype],
        bank_name=account.item.institution_name,
        earlier_refs=tuple(account.earlier_ids),
    )
    return operations.link_bank_by_token(parent=parent, token=details, at=at, ip_address=ip_address)
