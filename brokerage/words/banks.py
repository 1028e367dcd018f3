"""How a bank account stands, and what is under way with it."""

from datetime import datetime

from django.utils.translation import gettext

from accounts.pages import badge
from brokerage.models import BankAccount
from brokerage.queries import get_verification
from core.clock import NEW_YORK
from core.templatetags.show import day


def describe_bank(bank: BankAccount) -> dict[str, str]:
    """Return the badge of a bank account."""
    tones = {"ACTIVE": "good", "INTENDED": "wait", "VERIFYING": "wait"}
    label = bank.get_status_display()
    if bank.status == BankAccount.Status.VERIFYING:
        label = gettext("To be confirmed")  # short enough for a phone
    return badge(label, tones.get(bank.status, "bad"))


def describe_verification(bank: BankAccount, *, at: datetime) -> str:
    """Return what is under way with a bank, or what went wrong, and what to do; or nothing."""
    progress = get_verification(bank, at=at)
    if progress is None:
        return bank.refusal
    if progress.can_confirm:
        today, arrives = at.astimezone(NEW_YORK).date(), progress.expected_on
        if arrives and today < arrives:
            return gettext("Two small deposits are on their way, expected by %(day)s.") % {
                "day": day(arrives)
            }
        return gettext("Look for two small deposits in your account, and tell us their amounts.")
    if bank.status == BankAccount.Status.INTENDED:
        return gettext("We are sending two small deposits to this account.")
    if progress.can_resend:
        return gettext("The two amounts have expired. Have new ones sent.")
    return gettext("The two amounts have expired. Remove this account and link it again.")
