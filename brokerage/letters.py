"""Mail to parents about deposits outside gifts; who gives writes of gifts elsewhere."""

import smtplib

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse

from brokerage.models import Deposit
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
    text = render_to_string("brokerage/email/deposit_ended.txt", context)
    subject, _blank, body = text.partition("\n")
    letter = EmailMessage(subject.strip(), body.strip() + "\n", to=[child.parent.user.email])
    try:
        letter.send()
    except (OSError, smtplib.SMTPException) as error:
        raise TooEarly(f"mail failed: {type(error).__name__}") from error
