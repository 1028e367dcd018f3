"""What waits about banks: to be linked, confirmed, reconnected or read about."""

from collections.abc import Iterator
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from brokerage.connections import get_way_to_link, list_choices
from brokerage.models import BankAccount
from brokerage.queries import get_verification
from brokerage.rules import is_paused
from brokerage.words.banks import describe_bank, describe_item, describe_verification
from brokerage.words.deposits import PAUSED
from gifting.todo.kinds import Family, Kind, ToDo
from prefill.models import PlaidItem

Bank = BankAccount.Status


def yield_banks(family: Family) -> Iterator[ToDo]:
    for bank in family.banks:
        if one := _bank(bank, family.at):
            yield one
    for item in family.items:
        badge, note = describe_item(item)
        if item.status in (PlaidItem.Status.NEEDS_USER, PlaidItem.Status.REVOKED):
            revoked = item.status == PlaidItem.Status.REVOKED
            yield ToDo(
                f"connection:{item.pk}",
                Kind.BANK_ACCESS_ENDED if revoked else Kind.BANK_RECONNECT,
                item.institution_name or _("Your bank"),
                note,
                reverse("banks"),
                _("Look at it") if revoked else str(badge["label"]),
                can_put_away=revoked,
            )
    yield from _no_bank(family)


def _bank(bank: BankAccount, at: datetime) -> ToDo | None:
    """Return what a bank account waits for, if for the parent."""
    note = str(describe_verification(bank, at=at))
    title = f"{bank}: {describe_bank(bank)['label']}"

    def to_do(kind: Kind, page: str, action: str, *, away: bool = False) -> ToDo:
        url = reverse(page, args=[bank.pk]) if page != "banks" else reverse("banks")
        known = f"bank:{bank.pk}:{bank.status}"
        return ToDo(known, kind, title, note, url, action, can_put_away=away)

    progress = get_verification(bank, at=at)
    if bank.status == Bank.VERIFYING and progress:
        if progress.can_confirm:
            return to_do(Kind.BANK_CONFIRM, "confirm-bank", _("Confirm the amounts"))
        if progress.can_resend:
            return to_do(Kind.BANK_RESEND, "banks", _("Send new deposits"))
        return to_do(Kind.BANK_EXPIRED, "banks", _("Look at it"))
    if bank.status == Bank.HELD:
        return to_do(Kind.BANK_HELD, "banks", _("Read why"), away=True)
    if bank.status == Bank.DISABLED:
        return to_do(Kind.BANK_DISABLED, "banks", _("Verify it again, or link another"))
    if bank.status == Bank.REFUSED:
        return to_do(Kind.BANK_REFUSED, "banks", _("Read why"), away=True)
    return None


def _no_bank(family: Family) -> Iterator[ToDo]:
    """Yield the step to a bank where none is linked or on its way."""
    on_its_way = (Bank.ACTIVE, Bank.INTENDED, Bank.VERIFYING, Bank.HELD)
    if not family.is_known or any(bank.status in on_its_way for bank in family.banks):
        return
    if family.items and list_choices(family.parent):
        yield ToDo(
            "bank:choose",
            Kind.BANK_CHOOSE,
            _("Choose the account that pays for gifts"),
            _("Your bank is connected; one of its accounts is still to be chosen."),
            reverse("choose-bank"),
            _("Choose it"),
            in_setup=True,
        )
        return
    url, action = get_way_to_link(family.parent)
    yield ToDo(
        "bank:link",
        Kind.BANK_LINK,
        _("Link your bank"),
        _("Money for the gifts you approve comes from there."),
        url,
        action,
        in_setup=True,
    )


def yield_debits(family: Family) -> Iterator[ToDo]:
    if is_paused(family.parent.pk):
        yield ToDo(
            "debits-paused",
            Kind.DEBITS_PAUSED,
            _("Transfers from your banks are paused"),
            str(PAUSED),
            reverse("banks"),
            _("Look at your banks"),
        )
