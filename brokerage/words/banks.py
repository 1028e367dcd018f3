"""How a bank account stands, and what is under way with it."""

from datetime import datetime

from django.utils.translation import gettext, gettext_lazy

from accounts.pages import badge
from brokerage.models import BankAccount
from brokerage.queries import get_verification
from core.clock import NEW_YORK
from core.templatetags.show import day
from prefill.models import PlaidItem

SIGN_IN_AGAIN = gettext_lazy("%(bank)s wants you to sign in again.")
ANOTHER = (BankAccount.Owner.DIFFERS, BankAccount.Owner.REFUSED)
PROBLEMS = {
    "ITEM_LOGIN_REQUIRED": SIGN_IN_AGAIN,
    "ITEM_LOCKED": gettext_lazy(
        "%(bank)s has locked your online access. Unlock it there, then reconnect."
    ),
    "INVALID_CREDENTIALS": gettext_lazy("Your password at %(bank)s has changed. Sign in again."),
    "PENDING_DISCONNECT": gettext_lazy("%(bank)s will end the connection soon. Renew it now."),
    "PENDING_EXPIRATION": gettext_lazy("Your permission to %(bank)s ends soon. Renew it now."),
    "USER_SETUP_REQUIRED": gettext_lazy(
        "%(bank)s has a question for you. Sign in there, then reconnect."
    ),
    "ADDITIONAL_CONSENT_REQUIRED": gettext_lazy(
        "%(bank)s wants your permission for one thing more. Reconnect, and allow it there."
    ),
    "NO_ACCOUNTS": gettext_lazy("%(bank)s shows us no account any more. Choose accounts again."),
}


NOT_REACHED = "INSTITUTION_NO_LONGER_SUPPORTED"


def describe_bank(bank: BankAccount) -> dict[str, str]:
    """Return the badge of a bank account."""
    tones = {"ACTIVE": "good", "INTENDED": "wait", "VERIFYING": "wait"}
    label = bank.get_status_display()
    if bank.status == BankAccount.Status.VERIFYING:
        label = gettext("To be confirmed")  # short enough for a phone
    if bank.status == BankAccount.Status.DISABLED and bank.owner in ANOTHER:
        label = gettext("In another name")
    return badge(label, tones.get(bank.status, "bad"))


def describe_item(item: PlaidItem) -> tuple[dict[str, str], str]:
    """Return the badge of a connection, and what is wrong with it, in a sentence."""
    name = item.institution_name or gettext("your bank")
    if item.status == PlaidItem.Status.NEEDS_USER:
        reason = PROBLEMS.get(item.error_code, SIGN_IN_AGAIN)
        return badge(gettext("Reconnect it"), "bad"), str(reason) % {"bank": name}
    if item.status == PlaidItem.Status.REVOKED and item.error_code == NOT_REACHED:
        note = gettext("%s can not be connected any more. Connect another bank.") % name
        return badge(gettext("Access ended"), "plain"), note
    if item.status == PlaidItem.Status.REVOKED:
        note = gettext("You ended our access at %s. Connect it again if you want.") % name
        return badge(gettext("Access ended"), "plain"), note
    note = ""
    if getattr(item, "has_twin", False):
        note = gettext(
            "You are connected to %s twice. If both show the same accounts, remove one connection."
        )
        note %= name
    return badge(gettext("Connected"), "good"), note


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
