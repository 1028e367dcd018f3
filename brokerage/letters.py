"""Mail to parents about checks, accounts and deposits; who gives writes of gifts elsewhere."""

import smtplib
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.models import Parent
from brokerage.identity import describe_check
from brokerage.models import BrokerAccount, BrokerUser, Deposit, Letter
from brokerage.words.deposits import explain_deposit
from core.driving import TooEarly


def tell_of_deposit(deposit: Deposit) -> None:
    """Write to the parent that a deposit came to nothing; the caller notes that it is told.

    :raises TooEarly: the mail server took nothing, try again later
    """
    child = deposit.account.child
    context = {
        "deposit": deposit,
        "child": child,
        "explanation": explain_deposit(deposit),
        "link": settings.SITE_URL + reverse("deposit", args=[deposit.pk]),
    }
    _send("deposit_ended", context, child.parent)


def deliver(letter: Letter) -> bool:
    """Send a letter; False where what it would say is settled, and nothing was sent.

    :raises TooEarly: the mail server took nothing, try again later
    """
    if letter.account:
        return _tell_of_account(letter.account)
    return _tell_of_check(letter.user) if letter.user else False


def _tell_of_account(account: BrokerAccount) -> bool:
    if account.status != BrokerAccount.Status.REFUSED:
        return False
    child = account.child
    link = settings.SITE_URL + reverse("child-account", args=[child.pk])
    _send("account_refused", {"child": child, "link": link}, child.parent)
    return True


def _tell_of_check(user: BrokerUser) -> bool:
    """Write what a check asks for or how it ended; nothing while only the desk can go on."""
    check = describe_check(user)
    if not (check.needs_parent or check.approved):
        return False
    parent, path = user.parent, reverse("kyc")
    if user.child:
        parent, path = user.child.parent, reverse("child-account", args=[user.child.pk])
    if parent is None:
        return False
    context = {
        "check": check,
        "child": user.child,
        "link": settings.SITE_URL + path,
        "contact": settings.SUPPORT_EMAIL,
    }
    _send("check_approved" if check.approved else "check_needs_you", context, parent)
    return True


def _send(name: str, context: dict[str, Any], parent: Parent) -> None:
    """Send one of our mails; the first line of its text is the subject.

    :raises TooEarly: the mail server took nothing, try again later
    """
    text = render_to_string(f"brokerage/email/{name}.txt", context)
    subject, _blank, body = text.partition("\n")
    letter = EmailMessage(subject.strip(), body.strip() + "\n", to=[parent.user.email])
    try:
        letter.send()
    except (OSError, smtplib.SMTPException) as error:
        raise TooEarly(f"mail failed: {type(error).__name__}") from error
