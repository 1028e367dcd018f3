"""Who may give and who may approve, and when."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.models import Child, Parent
from core.clock import NEW_YORK
from core.errors import Invalid, NotAllowed, NotNow
from gifting.models import Gift

HOUR = timedelta(hours=1)
GIFTS_AN_HOUR = 30
TOO_LARGE = Decimal(10) ** 20  # beyond the column, whatever the settings say


def check_amount(amount: Decimal) -> None:
    """Refuse an amount that is not whole cents within the limits (settings GIFT_MIN, GIFT_MAX).

    :raises Invalid: with the field `amount`
    """
    least, most = Decimal(settings.GIFT_MIN), Decimal(settings.GIFT_MAX)
    message = ""
    if not (amount.is_finite() and abs(amount) < TOO_LARGE and amount * 100 % 1 == 0):
        message = _("Enter dollars and cents, like 25 or 25.50.")
    elif not least <= amount <= most:
        message = _("Choose an amount between $%(least)s and $%(most)s.") % {
            "least": f"{least:,.2f}".removesuffix(".00"),
            "most": f"{most:,.2f}".removesuffix(".00"),
        }
    if message:
        raise Invalid(message, code="amount", fields={"amount": message})


def check_can_receive(child: Child, *, at: datetime) -> None:
    """Refuse gifts to somebody who has outgrown the custodial account.

    :raises NotNow: the child has reached the age of control
    """
    if child.control_on and at.astimezone(NEW_YORK).date() >= child.control_on:
        raise NotNow(_("%s is grown up: this gift link is closed.") % child.first_name)


def check_not_flooded(child: Child, *, at: datetime) -> None:
    """Refuse more gifts in an hour than a birthday brings: every gift sends mail to two people.

    :raises NotNow: too many gifts to this child within the last hour
    """
    if Gift.objects.filter(child=child, given_at__gt=at - HOUR).count() >= GIFTS_AN_HOUR:
        raise NotNow(
            _("Many gifts have just arrived for %s. Please try again in an hour.")
            % child.first_name,
            code="too_many",
        )


def check_can_decide(gift: Gift, by: Parent) -> None:
    """Let only this child's custodian approve or decline.

    :raises NotAllowed: somebody else
    """
    if gift.child.parent_id != by.pk:
        raise NotAllowed(_("Only this child's custodian can decide about gifts."))


def check_not_expired(gift: Gift, *, at: datetime) -> None:
    """Refuse to approve a gift that has waited too long.

    :raises NotNow: past its last day
    """
    if at >= gift.expires_at:
        raise NotNow(_("This gift has expired. Ask the giver to give it again."), code="expired")
