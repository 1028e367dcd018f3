"""What a bank's return of a debit means, by Nacha's code: the whole policy, as data.

Sources: Nacha Operating Rules, Appendix Four (return entries, R01 to R85, with their time frames;
dishonored and contested ones are R61 to R77) and Appendix Five (notices of change, C01 to C14);
re-presenting, which only R01 and R09 allow, and twice at most: Article Two, Subsection 2.13.4, kept
by the three tries a gift has; Regulation E, 12 CFR 1005.6. A code that is not here stops the bank
until a person has looked.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Any

from django.utils.translation import gettext_lazy as _


class Stops(Enum):
    """What a code stops."""

    TRY = "this try"
    BANK = "this bank, until the parent has verified it again"
    REVIEW = "this bank, until staff have looked"
    PAYER = "all banks of this parent, until staff lift the pause"


@dataclass(frozen=True)
class ReturnPolicy:
    """What follows from one code.

    :param meaning: for staff, without personal data
    :param sentence: for the parent, what happened
    :param stops: what is not debited any more, and until when
    :param advice: for the parent, how to try again
    :param opens_case: staff look into it
    :param may_retry: the parent may authorize a new debit, where nothing stopped forbids it
    """

    meaning: str
    sentence: Any
    stops: Stops
    opens_case: bool = False
    may_retry: bool = False
    advice: Any = ""

    @property
    def told(self) -> str:
        """Say who hears of it beside the parent, whose page and mail say it in their words."""
        return "parent and staff" if self.opens_case else "parent"


_PAUSED = _(
    "Your bank says this transfer was not authorized. Transfers from your banks are paused until "
    "we have talked: please write to us."
)
_NOT_FOUND = _("The bank could not find the account.")
_LINK_AGAIN = _("Check the numbers and link the bank again, or use another one.")
_LINK_ANOTHER = _("Link another one to try again.")
_MOVED = _("Your bank has given this account new numbers.")
_LOOKED_INTO = _(
    "The bank sent the transfer back for a reason we look into. Nothing more is taken from this "
    "account until we have. There is nothing for you to do."
)
_OURS = _(
    "The bank could not read the transfer as it was sent. That is ours to mend; nothing more is "
    "taken from this account until we have."
)
_TAKES_NONE = _("This bank takes no transfers of this kind.")


def _bank(meaning: str, sentence: Any, advice: Any, *, case: bool = False) -> ReturnPolicy:
    return ReturnPolicy(
        meaning, sentence, Stops.BANK, opens_case=case, may_retry=True, advice=advice
    )


def _review(meaning: str, sentence: Any = _LOOKED_INTO) -> ReturnPolicy:
    return ReturnPolicy(meaning, sentence, Stops.REVIEW, opens_case=True)


def _payer(meaning: str, sentence: Any = _PAUSED) -> ReturnPolicy:
    return ReturnPolicy(meaning, sentence, Stops.PAYER, opens_case=True)


_DECEASED = _(
    "Your bank sent the transfer back and asks that we talk first. Transfers are paused: please "
    "write to us."
)
_FROZEN = _(
    "The bank account is frozen. Transfers from your banks are paused: please ask your bank, then "
    "write to us."
)
_STOPPED = _(
    "This payment was stopped at your bank. Transfers from your banks are paused: please write to "
    "us whether you meant it."
)

POLICIES = {
    "R01": ReturnPolicy(
        "insufficient funds",
        _("There was not enough money in the bank account."),
        Stops.TRY,
        may_retry=True,
        advice=_("You can try again when there is."),
    ),
    "R02": _bank("account closed", _("This bank account is closed."), _LINK_ANOTHER),
    "R03": _bank("no account, or unable to locate it", _NOT_FOUND, _LINK_AGAIN),
    "R04": _bank("invalid account number", _NOT_FOUND, _LINK_AGAIN),
    "R05": _payer("unauthorized debit to a consumer account, sent under a corporate code"),
    "R06": _review("returned because the originating bank asked for it"),
    "R07": _payer("authorization revoked"),
    "R08": ReturnPolicy("payment stopped", _STOPPED, Stops.PAYER, may_retry=True),
    "R09": ReturnPolicy(
        "uncollected funds",
        _("Money in the bank account was not available yet."),
        Stops.TRY,
        may_retry=True,
        advice=_("You can try again in a few days."),
    ),
    "R10": _payer("originator not known, or debit not authorized"),
    "R11": _review(
        "not in accordance with the terms of the authorization",
        _("Your bank says this transfer was not as agreed. We look into it before any other."),
    ),
    "R12": _bank("account sold to another bank", _MOVED, _LINK_AGAIN),
    "R13": _bank(
        "invalid routing number", _("The bank's routing number is not valid."), _LINK_AGAIN
    ),
    "R14": _payer("representative payee deceased or unable to continue", _DECEASED),
    "R15": _payer("beneficiary or account holder deceased", _DECEASED),
    "R16": _payer("account frozen, possibly by order of OFAC", _FROZEN),
    "R17": _bank(
        "edit criteria not met, or an invalid number under questionable circumstances",
        _NOT_FOUND,
        _LINK_ANOTHER,
        case=True,
    ),
    "R18": _review("improper effective entry date", _OURS),
    "R19": _review("amount field error", _OURS),
    "R20": _bank(
        "non-transaction account",
        _("Money can not be debited from this kind of account."),
        _("Link a checking account to try again."),
    ),
    "R21": _review("invalid company identification", _OURS),
    "R22": _review("invalid individual identification number", _OURS),
    "R23": _review("credit entry refused by its receiver; not of a debit"),
    "R24": _review(
        "duplicate entry; the fault is ours until shown otherwise, look for a second debit",
        _("The bank saw this transfer twice. That is ours to find out; nothing for you to do."),
    ),
    "R25": _review("addenda error", _OURS),
    "R26": _review("mandatory field error", _OURS),
    "R27": _review("trace number error", _OURS),
    "R28": _bank(
        "routing number check digit error",
        _("The bank's routing number is not valid."),
        _LINK_AGAIN,
    ),
    "R29": _payer("corporate customer advises not authorized"),
    "R30": _review("bank takes no part in check truncation"),
    "R31": _review("permissible return of a corporate entry"),
    "R32": _review("bank can not settle"),
    "R33": _review("return of a destroyed-check entry"),
    "R34": _bank("bank takes part in ACH in a limited way only", _TAKES_NONE, _LINK_ANOTHER),
    "R35": _bank(
        "improper debit: debits are not allowed to this account",
        _("Money can not be debited from this kind of account."),
        _LINK_ANOTHER,
    ),
    "R36": _review("improper credit; not of a debit"),
    "R37": _review("source document presented for payment"),
    "R38": ReturnPolicy(
        "payment of the source document stopped",
        _STOPPED,
        Stops.PAYER,
        opens_case=True,
        may_retry=True,
    ),
    "R39": _review("improper source document, or presented for payment"),
    "R40": _review("federal enrollment: returned by the agency"),
    "R41": _review("federal enrollment: invalid transaction code"),
    "R42": _review("federal enrollment: routing number or check digit error"),
    "R43": _review("federal enrollment: invalid account number"),
    "R44": _review("federal enrollment: invalid individual number"),
    "R45": _review("federal enrollment: invalid name"),
    "R46": _review("federal enrollment: invalid representative payee indicator"),
    "R47": _review("federal enrollment: duplicate"),
    "R50": _review("state law affects re-presented checks"),
    "R51": _review("re-presented check ineligible, or notice not given"),
    "R52": ReturnPolicy(
        "payment of a re-presented check stopped",
        _STOPPED,
        Stops.PAYER,
        opens_case=True,
        may_retry=True,
    ),
    "R53": _review("check and its re-presentment both presented"),
    "R61": _review("dishonored return: misrouted"),
    "R62": _review("dishonored return: of an erroneous or reversing debit"),
    "R67": _review("dishonored return: duplicate"),
    "R68": _review("dishonored return: untimely"),
    "R69": _review("dishonored return: field errors"),
    "R70": _review("dishonored return: permissible return not accepted"),
    "R71": _review("contested: dishonored return misrouted"),
    "R72": _review("contested: dishonored return untimely"),
    "R73": _review("contested: original return was timely"),
    "R74": _review("contested: corrected return"),
    "R75": _review("contested: return not a duplicate"),
    "R76": _review("contested: no errors found"),
    "R77": _review("contested: dishonored return of a reversal not accepted"),
    "R80": _review("international entry: coding error", _OURS),
    "R81": _bank("bank takes no part in international entries", _TAKES_NONE, _LINK_ANOTHER),
    "R82": _review("international entry: invalid foreign bank"),
    "R83": _review("international entry: foreign bank can not settle"),
    "R84": _review("international entry: not processed by the gateway"),
    "R85": _review("outbound international payment coded as a domestic one", _OURS),
}
UNKNOWN = ReturnPolicy(
    "without a code that we know",
    _(
        "The bank took the money back and did not say why. We look into it, and nothing more is "
        "taken from this account until we have."
    ),
    Stops.REVIEW,
    opens_case=True,
)

# The money came; the bank says what has to be other from the next debit on, within six banking
# days. Its new numbers reach us by nobody but the parent.
_NEW_NUMBERS = _(
    "Your bank has other numbers for this account by now. Link it again before more can be taken."
)
NOTICES = {
    "C01": "account number incorrect",
    "C02": "routing number incorrect",
    "C03": "routing and account number incorrect",
    "C04": "name incorrect",
    "C05": "transaction code (checking or savings) incorrect",
    "C06": "account number and transaction code incorrect",
    "C07": "routing number, account number and transaction code incorrect",
    "C08": "international entry: foreign bank's identification incorrect",
    "C09": "individual identification number incorrect",
    "C13": "addenda format error",
    "C14": "standard entry class incorrect for an outbound international payment",
}
NEW_NUMBERS = frozenset({"C01", "C02", "C03", "C05", "C06", "C07"})


def get_policy(code: str) -> ReturnPolicy:
    """Return what follows from a return code; a strange one is looked into."""
    return POLICIES.get(code, UNKNOWN)


def get_notice_policy(code: str) -> ReturnPolicy:
    """Return what follows from a notice of change, which brings no money back."""
    meaning = f"notice of change: {NOTICES.get(code, 'unknown')}"
    if code in NEW_NUMBERS:
        return ReturnPolicy(meaning, _NEW_NUMBERS, Stops.BANK, may_retry=True)
    return _review(meaning)
