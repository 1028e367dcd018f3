"""The texts people agree to, kept word for word with each consent."""

from django.utils.translation import gettext_lazy as _

E_SIGN = _(
    "I agree to receive account documents, notices and tax forms electronically and to sign "
    "electronically. I can ask for paper copies and withdraw this at any time under Security."
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
