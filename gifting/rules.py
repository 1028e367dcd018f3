"""Who may give and who may approve, and when."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.models import Child, Parent
from brokerage.rules import check_dollars
from core.clock import NEW_YORK
from core.errors import NotAllowed, NotNow
from gifting.models import Gift
from gifting.queries import list_tries

HOUR = timedelta(hours=1)
GIFTS_AN_HOUR = 30
MOST_TRIES = 3


def check_amount(amount: Decimal) -> None:
    """Refuse an amount that is not whole cents within the limits (settings GIFT_MIN, GIFT_MAX).

    :raises Invalid: with the field `amount`
    """
    check_dollars(amount, least=Decimal(settings.GIFT_MIN), most=Decimal(settings.GIFT_MAX))


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


def check_not_tried_too_often(gift: Gift) -> None:
    """Refuse to debit for one gift again and again (Nacha: an entry and two more at most).

    :raises NotNow: tried three times
    """
    if len(list_tries(gift)) >= MOST_TRIES:
        raise NotNow(_("This gift was tried three times. Please write to us."), code="too_many")
