"""How an order stands."""

from django.utils.translation import gettext_lazy as _

from accounts.pages import badge
from brokerage.models import Order


def describe_order(order: Order) -> dict[str, str]:
    """Return the badge of an order."""
    if order.cancel_asked_at and order.status in Order.UNDER_WAY:
        return badge(_("Being canceled"), "wait")
    if order.status == Order.Status.CANCELED and order.quantity:
        return badge(_("Partly filled, rest canceled"), "plain")
    tones = {"FILLED": "good", "REJECTED": "bad", "CANCELED": "plain"}
    return badge(order.get_status_display(), tones.get(order.status, "wait"))
