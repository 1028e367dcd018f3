"""What a bank's return of a debit means, by Nacha's code: the whole policy, as data.

Sources: Nacha Operating Rules, Appendix Four (codes and time frames); Regulation E, 12 CFR 1005.6.
A code that is not here is looked at by a person.
"""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class ReturnPolicy:
    """What follows from one code.

    :param meaning: for staff, without personal data
    :param sentence: for the parent, what happened
    :param advice: for the parent, how to try again
    :param disables_bank: nothing is debited from that bank until the parent has verified it again
    :param pauses: nothing is debited from this parent until staff lift the pause
    :param opens_case: staff look into it
    :param may_retry: the parent may authorize a new debit
    """

    meaning: str
    sentence: Any
    disables_bank: bool = False
    pauses: bool = False
    opens_case: bool = False
    may_retry: bool = False
    advice: Any = ""


_PAUSED = _(
    "Your bank says this transfer was not authorized. Transfers from your banks are paused until "
    "we have talked: please write to us."
)
_NOT_FOUND = _("The bank could not find the account.")
_LINK_AGAIN = _("Check the numbers and link the bank again, or use another one.")

POLICIES = {
    "R01": ReturnPolicy(
        "insufficient funds",
        _("There was not enough money in the bank account."),
        may_retry=True,
        advice=_("You can try again when there is."),
    ),
    "R02": ReturnPolicy(
        "account closed",
        _("This bank account is closed."),
        disables_bank=True,
        may_retry=True,
        advice=_("Link another one to try again."),
    ),
    "R03": ReturnPolicy(
        "no account, or unable to locate it",
        _NOT_FOUND,
        disables_bank=True,
        may_retry=True,
        advice=_LINK_AGAIN,
    ),
    "R04": ReturnPolicy(
        "invalid account number",
        _NOT_FOUND,
        disables_bank=True,
        may_retry=True,
        advice=_LINK_AGAIN,
    ),
    "R05": ReturnPolicy(
        "unauthorized debit to a consumer account, sent under a corporate code",
        _PAUSED,
        pauses=True,
        opens_case=True,
    ),
    "R07": ReturnPolicy("authorization revoked", _PAUSED, pauses=True, opens_case=True),
    "R08": ReturnPolicy(
        "payment stopped",
        _(
            "This payment was stopped at your bank. Transfers from your banks are paused: please "
            "write to us whether you meant it."
        ),
        pauses=True,
        may_retry=True,
    ),
    "R09": ReturnPolicy(
        "uncollected funds",
        _("Money in the bank account was not available yet."),
        may_retry=True,
        advice=_("You can try again in a few days."),
    ),
    "R10": ReturnPolicy(
        "originator not known, or debit not authorized", _PAUSED, pauses=True, opens_case=True
    ),
    "R11": ReturnPolicy(
        "not in accordance with the terms of the authorization",
        _("Your bank says this transfer was not as agreed. We look into it and write to you."),
        opens_case=True,
    ),
    "R16": ReturnPolicy(
        "account frozen, possibly by order of OFAC",
        _(
            "The bank account is frozen. Transfers from your banks are paused: please ask your "
            "bank, then write to us."
        ),
        pauses=True,
        opens_case=True,
    ),
    "R20": ReturnPolicy(
        "non-transaction account",
        _("Money can not be debited from this kind of account."),
        disables_bank=True,
        may_retry=True,
        advice=_("Link a checking account to try again."),
    ),
    "R24": ReturnPolicy(
        "duplicate entry; the fault is ours until shown otherwise, look for a second debit",
        _("The bank saw this transfer twice. That is ours to find out; nothing for you to do."),
        opens_case=True,
    ),
    "R29": ReturnPolicy(
        "corporate customer advises not authorized", _PAUSED, pauses=True, opens_case=True
    ),
}
UNKNOWN = ReturnPolicy(
    "without a code that we know",
    _("The bank took the money back and did not say why. We look into it and write to you."),
    opens_case=True,
)


def get_policy(code: str) -> ReturnPolicy:
    """Return what follows from a return code; a strange one is looked into."""
    return POLICIES.get(code, UNKNOWN)
