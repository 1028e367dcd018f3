"""The texts people agree to or are told, kept word for word with each consent and answer."""

import hashlib
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.documents import list_agreed

EDITION = "2026-11"

TERMS = _(
    "By opening an account you accept StockSprout's terms of use and confirm that you have read "
    "its privacy notice."
)
E_SIGN = _(
    "I agree to receive account documents, notices and tax forms electronically and to sign "
    "electronically. I can ask for paper copies and withdraw this at any time under Security, "
    "What you agreed to."
)
BROKER = _(
    "I have read and accept the broker's terms of use, customer agreement, market data agreement, "
    "Rule 14b-1 disclosure, privacy policy and data sharing notice. I certify under penalties of "
    "perjury that my tax number is correct and that I am a US person. Federal law requires us to "
    "verify identity; my information is checked for that."
)
UTMA = _(
    "I open this account under the Uniform Transfers to Minors Act. What is put into it belongs to "
    "the child for good and can not be taken back. I will use it only for the child, who takes "
    "control at the age the law of the state sets."
)
TEEN = _(
    "I open this account for myself, to invest together with my teenager. What is in it is mine, "
    "its taxes are mine under my Social Security number, and I decide about every trade above $25. "
    "It can hold stocks only, and I can close it at any time."
)
BANK_LINK = _(
    "This account is mine. StockSprout and its broker may debit it by ACH for the gifts I approve "
    "and the money I add, each for the amount I see when I do so. I can remove it under Banks, and "
    "end all debits under Security, What you agreed to."
)
# FINRA Rule 4512.06(a): what a customer is told in writing before they name anybody.
TRUSTED_CONTACT = _(
    "If you name a trusted contact, we and the broker are authorized to contact that person and to "
    "disclose information about your account: to address possible financial exploitation; to "
    "confirm the specifics of your current contact information, your health status, or the "
    "identity of any legal guardian, executor, trustee or holder of a power of attorney; or as "
    "FINRA Rule 2165 otherwise permits. A trusted contact can not look into your account, trade in "
    "it or move money. You do not have to name anybody to open an account, and you can change or "
    "remove the person at any time."
)


def version_of(text: Any, kind: str = "") -> str:
    """Return the version of a text; it ends in a hash, so that no two texts have the same.

    :param kind: of the consent it is for: the documents it links count as part of it
    """
    linked = [one.version for one in list_agreed(kind)]
    whole = " ".join([str(text), *linked])
    return f"{EDITION}.{hashlib.sha256(whole.encode()).hexdigest()[:8]}"
