"""What statuses at the broker mean, in words for the family."""

from datetime import datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Child, Consent
from accounts.pages import badge
from brokerage.identity import describe_check
from brokerage.models import BankAccount, BrokerAccount, BrokerUser, Deposit
from brokerage.queries import get_verification
from brokerage.returns import get_policy
from core.clock import NEW_YORK
from core.templatetags.show import day, moment, money

ACCOUNTS = {
    "INTENDED": (_("Being opened"), "wait", _("We are opening the account. This takes a moment.")),
    "PENDING": (_("Being opened"), "wait", _("The broker is opening the account.")),
    "OPEN": (_("Open"), "good", ""),
    "NO_NEW_TRADES": (
        _("Buying paused"),
        "wait",
        _("The broker has paused buying in this account. What is in it is safe."),
    ),
    "FROZEN": (
        _("Frozen"),
        "bad",
        _("The broker has frozen this account. What is in it is safe. Please contact us."),
    ),
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
# What a parent reads on the account's own page, beyond the note.
CONSEQUENCES = {
    "OPEN": _("Shares can be bought in it."),
    "NO_NEW_TRADES": _(
        "Gifts can still be given; you can approve them once the broker lets us buy again. A "
        "person here asks the broker why, and writes to you."
    ),
    "FROZEN": _(
        "Until the broker lifts it, nothing can be bought, sold or moved. A person here asks the "
        "broker why, and writes to you."
    ),
    "CLOSED": _("Nothing can be bought in it any more. Its papers stay with us for you."),
}
QUESTION = (
    _("Needs your help"),
    "bad",
    _("The broker has a question about %s. The account's page says what is needed."),
)
IN_REVIEW = (_("Being looked at"), "wait", _("A person is looking at it. Nothing to do."))
DENIED = (_("Not accepted"), "bad", _("The broker can not open this account. Please contact us."))
CLOSING = (_("Being closed"), "wait", _("The broker is closing this account as you asked."))


def describe_account(account: BrokerAccount | None) -> tuple[dict[str, str], str]:
    """Return the badge of an account and the sentence below it."""
    label, tone, note = ACCOUNTS[account.status if account else "INTENDED"]
    if account and account.status == "INTENDED":
        label, tone, note = _describe_waiting(account) or (label, tone, note)
    elif account and account.close_asked_at and account.status != "CLOSED":
        label, tone, note = CLOSING
    return badge(label, str(tone)), str(note)


def account_status(account: BrokerAccount | None) -> str:
    """Return an account's status in the three words of the API."""
    if account is None or account.status in ("INTENDED", "PENDING"):
        return "pending"
    return "approved" if account.status == BrokerAccount.Status.OPEN else "suspended"


def _describe_waiting(account: BrokerAccount) -> tuple[Any, str, Any] | None:
    """Return what an account waits for, where that is the broker's check of the child."""
    user = getattr(account.child, "broker_user", None)
    check = describe_check(user) if user else None
    if check is None:
        return None
    if check.status == BrokerUser.Status.DENIED:
        return DENIED
    if check.needs_parent:
        label, tone, note = QUESTION
        return label, tone, note % account.child.first_name
    return IN_REVIEW if check.status == BrokerUser.Status.IN_REVIEW else None


def describe_consequence(account: BrokerAccount | None) -> str:
    """Return what an account's status means for what can be done with it."""
    return str(CONSEQUENCES.get(account.status, "")) if account else ""


def account_facts(child: Child, account: BrokerAccount | None) -> list[tuple[str, str]]:
    """Return what a parent may want to know of an account, label by label."""
    name, takes_over_on = child.first_name, child.control_on
    whose: Any = child.full_name
    decides: Any = _("You. You can close it at any time.")
    if takes_over_on is None:
        whose = _("You; %s invests together with you") % name
    else:
        decides = _("You, until %(name)s takes over at %(age)d, on %(day)s") % {
            "name": name,
            "age": child.control_age,
            "day": date_format(takes_over_on, "F j, Y"),
        }
    kind = _("Teen account") if child.is_teen else _("Custodial account (UTMA)")
    facts = [(_("Kind"), kind), (_("Belongs to"), whose), (_("Who decides"), decides)]
    if account and account.number:
        facts.append((_("Number at the broker"), f"••{account.number[-4:]}"))
        facts.append((_("Cash in it"), money(account.cash)))
    if account and account.opened_at:
        facts.append((_("Opened"), moment(account.opened_at)))
    if account and account.checked_at:
        facts.append((_("Last checked with the broker"), moment(account.checked_at)))
    return [(str(label), str(text)) for label, text in facts]


def document_rows(user: BrokerUser | None) -> list[dict[str, Any]]:
    """Return the documents that were sent, newest first, without their content."""
    if user is None:
        return []
    tones = {"ACCEPTED": "good", "REFUSED": "bad"}
    documents = user.id_documents.defer("content").order_by("-created_at")
    return [
        {
            "label": str(document),
            "badge": badge(document.get_status_display(), tones.get(document.status, "wait")),
            "refusal": document.refusal,
            "sent": document.created_at,
        }
        for document in documents[:20]
    ]


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
