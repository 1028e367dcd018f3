"""What pages show of orders, ready made."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from brokerage.models import Order
from brokerage.order_rules import OrderTicket
from brokerage.words.orders import describe_order
from core.calendars import session_at_or_after, session_on
from core.templatetags.show import day, moment, money, shares

CONDITIONS = {
    ("LIMIT", "BUY"): gettext_lazy("at %s a share or less"),
    ("LIMIT", "SELL"): gettext_lazy("at %s a share or more"),
    ("STOP", "BUY"): gettext_lazy("once a share has risen to %s"),
    ("STOP", "SELL"): gettext_lazy("once a share has fallen to %s"),
    ("MARKET_IF_TOUCHED", "BUY"): gettext_lazy("once a share has fallen to %s"),
    ("MARKET_IF_TOUCHED", "SELL"): gettext_lazy("once a share has risen to %s"),
}
CENT = Decimal("0.01")


def order_title(order: Order) -> str:
    """Say what was asked for: `Sell 0.5 shares of DIS`."""
    return _title(order.side, order.amount, order.asked_quantity, order.instrument.symbol)


def order_row(order: Order) -> dict[str, Any]:
    """Return an order as lists show it."""
    return {
        "url": reverse("order", args=[order.pk]),
        "title": order_title(order),
        "company": order.instrument.name,
        "badge": describe_order(order),
        "of_gift": order.purchase_id is not None,
        "placed_at": order.created_at,
        "note": _expectation(order) or _outcome(order),
    }


def order_card(order: Order) -> dict[str, Any]:
    """Return an order as its own page shows it."""
    bought = order.side == Order.Side.BUY
    return order_row(order) | {
        "condition": _condition(order.kind, order.side, order.price),
        "time_in_force": order.get_time_in_force_display() if order.price else "",
        "filled": order.quantity,
        "price": order.average_price,
        "cost": order.net,
        "fees": order.fees,
        "cost_label": _("Paid") if bought else _("Received"),
        "filled_at": order.filled_at,
        "expectation": _expectation(order),
        "settles_on": order.settles_on,
        "funds_settle_on": order.funds_settle_on if order.quantity else None,
        "failure": order.failure,
        "number": order.number,
        "canceling": bool(order.cancel_asked_at) and order.status in Order.UNDER_WAY,
        "can_cancel": can_cancel(order),
        "cancel_url": reverse("cancel-order", args=[order.pk]),
        "child_url": reverse("orders", args=[order.account.child_id]),
    }


def can_cancel(order: Order) -> bool:
    """Say whether a cancel button is of use."""
    open_ = order.status in Order.UNDER_WAY and order.cancel_asked_at is None
    return open_ and order.purchase_id is None


def ticket_card(ticket: OrderTicket, *, at: datetime) -> dict[str, Any]:
    """Return a ticket as it is read over before it becomes an order."""
    session, price = session_at_or_after(at), ticket.price or ticket.instrument.price
    buying = ticket.side == Order.Side.BUY
    return {
        "title": _title(ticket.side, ticket.amount, ticket.quantity, ticket.instrument.symbol),
        "company": ticket.instrument.name,
        "condition": _condition(ticket.kind, ticket.side, ticket.price),
        "time_in_force": ticket.price and Order.TimeInForce(ticket.time_in_force).label,
        "last_price": ticket.instrument.price,
        "about_shares": ticket.amount / price if ticket.amount and price else None,
        "about_dollars": _about(ticket.quantity, price),
        "most": ticket.dollars if buying and ticket.quantity else None,
        "buying": buying,
        "when": _("The market is open: it goes out right away.")
        if session.opens_at <= at
        else _("The market is closed. It goes out when it opens on %s.")
        % _opening(session.opens_at),
    }


def _title(side: str, amount: Decimal | None, quantity: Decimal | None, symbol: str) -> str:
    size = money(amount) if amount is not None else None
    words = {"size": size or shares(quantity), "symbol": symbol}
    if side == Order.Side.SELL:
        return (_("Sell %(size)s of %(symbol)s") if size else _sell_shares()) % words
    return (_("Buy %(size)s of %(symbol)s") if size else _buy_shares()) % words


def _sell_shares() -> str:
    return _("Sell %(size)s shares of %(symbol)s")


def _buy_shares() -> str:
    return _("Buy %(size)s shares of %(symbol)s")


def _condition(kind: str, side: str, price: Decimal | None) -> str:
    text = CONDITIONS.get((kind, side))
    return str(text) % money(price) if text and price else _("at the market price")


def _about(quantity: Decimal | None, price: Decimal | None) -> Decimal | None:
    return (quantity * price).quantize(CENT) if quantity and price else None


def _expectation(order: Order) -> str:
    """Say when an order under way should be carried out; empty for any other."""
    if order.status not in Order.UNDER_WAY or order.expected_on is None:
        return ""
    session = session_on(order.expected_on)
    if order.price is not None:
        return _("Waits for its price since %s") % day(order.expected_on)
    opens = _opening(session.opens_at) if session else day(order.expected_on)
    return _("Expected in the session of %s") % opens


def _outcome(order: Order) -> str:
    if not order.quantity:
        return order.failure
    words = {"shares": shares(order.quantity), "money": money(order.net)}
    if order.side == Order.Side.SELL:
        return _("Sold %(shares)s shares for %(money)s") % words
    return _("Bought %(shares)s shares for %(money)s") % words


def _opening(opens_at: datetime) -> str:
    return f"{day(opens_at)}, {moment(opens_at).partition(' at ')[2]}"
