"""How an account stands, and what a parent may want to know of it."""

from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from accounts.models import Child
from accounts.pages import badge
from accounts.spelling import spell_full_name
from brokerage.identity import describe_check
from brokerage.models import BrokerAccount, BrokerUser
from core.templatetags.show import moment, money

ACCOUNTS = {
    "INTENDED": (_("Being opened"), "wait", _("We are opening the account. This takes a moment.")),
    "REFUSED": (
        _("Not opened"),
        "bad",
        _("The broker has not opened this account. A person here asks the broker why."),
    ),
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
# What a parent reads on the account's own page, beyond the note.
CONSEQUENCES = {
    "OPEN": _("Shares can be bought in it."),
    "REFUSED": _(
        "You need not do anything now. We ask again once we know what is missing, and write to you "
        "if we need something from you. Until then gifts wait, and no money moves."
    ),
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
    spelt = "" if child.is_teen else spell_full_name(child.first_name, child.last_name)
    if spelt:
        facts.append((_("Name at the broker"), spelt))
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
        for document in documents
    ]
