"""How a deposit stands, and what a parent can do about it."""

from django.utils.translation import gettext_lazy as _

from accounts.models import Consent
from accounts.pages import badge
from brokerage.models import Deposit
from brokerage.returns import get_policy

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
