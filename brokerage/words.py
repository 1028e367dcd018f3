"""What statuses at the broker mean, in words for the family."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Consent
from accounts.pages import badge
from brokerage.models import BankAccount, BrokerAccount, BrokerUser, Deposit
from brokerage.queries import get_verification
from brokerage.returns import get_policy
from core.clock import NEW_YORK
from core.templatetags.show import day

FIXES = {
    "name": _("Write your name exactly as on your ID."),
    "ssn": _("Check your Social Security number, digit by digit."),
    "date_of_birth": _("Check your date of birth."),
    "address": _("Check your street, city, state and ZIP code."),
    "phone": _("Check your phone number."),
    "email": _("The broker does not accept your e-mail address."),
    "age": _("A custodian must be at least 18 years old."),
    "employer": _("Check your employer and industry."),
    "country": _("Only residents of the United States can open accounts."),
    "document": _("A picture of your ID is needed. We will write to you how to send it."),
    "details": _("Look through all answers once more."),
}
CHECKS = {
    "INTENDED": (_("Saved"), _("We are sending your answers to the broker."), "wait"),
    "CHECKING": (_("Being checked"), _("This usually takes less than a minute."), "wait"),
    "NEEDS_INFO": (_("Something needs correcting"), _("Please look at this again:"), "bad"),
    "NEEDS_DOCUMENT": (_("A document is needed"), _("The broker asks for one thing more:"), "wait"),
    "IN_REVIEW": (
        _("A person is looking at it"),
        _("We will write to you. Nothing to do."),
        "wait",
    ),
    "APPROVED": (_("You are confirmed"), _("The broker knows you. You can add children."), "good"),
    "DENIED": (_("Not accepted"), _("The broker can not open accounts for you."), "bad"),
}
ACCOUNTS = {
    "INTENDED": (_("Being opened"), "wait", _("We are opening the account. This takes a moment.")),
    "PENDING": (_("Being opened"), "wait", _("The broker is opening the account.")),
    "OPEN": (_("Open"), "good", ""),
    "NO_NEW_TRADES": (
        _("Buying paused"),
        "wait",
        _("The broker has paused buying in this account. What is in it is safe."),
    ),
    "FROZEN": (_("Frozen"), "bad", _("The broker has frozen this account. Please contact us.")),
    "CLOSED": (_("Closed"), "plain", _("This account is closed.")),
}

DEPOSITS = {
    "INTENDED": (
        _("Being sent"),
        "wait",
        _("We are asking your bank for the money. This can take a moment."),
    ),
    "PENDING": (_("On its way"), "wait", _("Banks take four to five working days.")),
    "ON_HOLD": (
        _("Held for a check"),
        "wait",
        _("The broker looks at this transfer before it goes on. There is nothing for you to do."),
    ),
    "SETTLED": (_("Arrived"), "good", _("The money is in the account.")),
    "FAILED": (_("Did not arrive"), "bad", ""),
    "RETURNED": (_("Taken back by the bank"), "bad", ""),
}
PAUSED = _(
    "Transfers from your banks are paused since one was returned. They go on by themselves once "
    "we have talked: please write to us."
)


def describe_check(user: BrokerUser | None) -> dict[str, Any]:
    """Return title, text, fixes and tone of a parent's identity check; whether it can be edited."""
    status = user.status if user else "INTENDED"
    title, text, tone = CHECKS[status]
    fixes = [FIXES.get(problem, FIXES["details"]) for problem in (user.problems if user else [])]
    return {
        "status_title": title,
        "status_text": text,
        "fixes": list(dict.fromkeys(fixes)),
        "tone": tone,
        "can_edit": status == BrokerUser.Status.NEEDS_INFO,
        "approved": status == BrokerUser.Status.APPROVED,
    }


def describe_account(account: BrokerAccount | None) -> tuple[dict[str, str], str]:
    """Return the badge of an account and the sentence below it."""
    label, tone, note = ACCOUNTS[account.status if account else "INTENDED"]
    return badge(label, str(tone)), str(note)


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


def describe_deposit(deposit: Deposit) -> dict[str, str]:
    """Return the badge of a deposit."""
    label, tone, _text = DEPOSITS[deposit.status]
    return badge(label, str(tone))


def explain_deposit(deposit: Deposit, *, advise: bool = True) -> str:
    """Return in plain words, for the parent alone, how a deposit stands and what to do.

    :param advise: say also how to try again
    """
    if deposit.status not in (Deposit.Status.FAILED, Deposit.Status.RETURNED):
        return str(DEPOSITS[deposit.status][2])
    said = [deposit.failure]
    if deposit.status == Deposit.Status.RETURNED or deposit.return_code:
        policy = get_policy(deposit.return_code)
        said += [str(policy.sentence), str(policy.advice) if advise else ""]
    return " ".join(part for part in said if part)


def get_authorization(deposit: Deposit) -> Consent | None:
    """Return what the payer agreed to, word for word, with its date."""
    return deposit.purchase.authorization if deposit.purchase else deposit.authorization
