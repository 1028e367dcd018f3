"""What statuses at the broker mean, in words for the family."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.pages import badge
from brokerage.models import BankAccount, BrokerAccount, BrokerUser, Order

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
    tones = {"ACTIVE": "good", "INTENDED": "wait", "REFUSED": "bad", "DISABLED": "bad"}
    return badge(bank.get_status_display(), tones.get(bank.status, "plain"))


def describe_order(order: Order) -> dict[str, str]:
    """Return the badge of an order."""
    if order.cancel_asked_at and order.status in Order.UNDER_WAY:
        return badge(_("Being canceled"), "wait")
    if order.status == Order.Status.CANCELED and order.quantity:
        return badge(_("Partly filled, rest canceled"), "plain")
    tones = {"FILLED": "good", "REJECTED": "bad", "CANCELED": "plain"}
    return badge(order.get_status_display(), tones.get(order.status, "wait"))
