"""Who may give and who may approve, and when."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.models import Child, Parent
from brokerage.rules import check_dollars
from core.clock import NEW_YORK
from core.errors import NotAllowed, NotNow
from core.templatetags.show import day
from gifting.models import Gift, GiftLink
from gifting.queries import list_tries

MONTH = timedelta(days=30)
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


def check_link_open(link: GiftLink, *, at: datetime) -> None:
    """Refuse what comes by a link that takes nothing now; exact under the link's row lock.

    :raises LinkShut: with a kind sentence for the giver
    """
    name = link.child.first_name
    if link.status == GiftLink.Status.CLOSED and link.replaced_by_id:
        raise LinkShut(_("This link was changed. Please ask %s's family for the new one.") % name)
    if link.status == GiftLink.Status.CLOSED:
        raise LinkShut(_("This link is not used any more. Please ask %s's family.") % name)
    if link.status == GiftLink.Status.PAUSED:
        raise LinkShut(_("%s's family takes no gifts by this link at the moment.") % name, now=True)
    if link.open_until and at.astimezone(NEW_YORK).date() > link.open_until:
        raise LinkShut(_("This link was open until %s.") % day(link.open_until))
    if link.most_gifts is not None and link.gifts.count() >= link.most_gifts:
        raise LinkShut(_("All gifts this link was made for have been given. How kind!"))


class LinkShut(NotNow):
    """A gift link takes nothing. `now`: only for the moment."""

    code = "link_closed"

    def __init__(self, message: str, *, now: bool = False) -> None:
        super().__init__(message)
        self.now = now


def check_not_turned_away(child: Child, *, email: str, at: datetime) -> None:
    """Refuse a sender whose gifts this family has called a nuisance.

    :param email: keyed hash
    :raises NotNow: within a month of that
    """
    reported = Gift.objects.filter(
        child=child, contributor__email_index=email, reported_at__gt=at - MONTH
    )
    if reported.exists():
        message = _("The family takes no gifts from this e-mail address.")
        raise NotNow(message, code="turned_away", fields={"giver_email": message})


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
