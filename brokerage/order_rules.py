"""What a custodian may order, and when; each refusal a sentence for the person."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.models import Parent
from brokerage.buying_power import (
    estimate,
    get_buying_power,
    get_free_shares,
    get_shares_on_sale,
    shares_for,
)
from brokerage.lot_history import get_lots
from brokerage.models import BrokerAccount, Instrument, Order
from core.clock import NEW_YORK
from core.errors import Findings, Invalid, NotAllowed, NotNow
from core.switches import check_running
from core.templatetags.show import day, money, shares

TOO_LARGE = Decimal(10) ** 12  # beyond any order; the columns hold more
SHARE_STEP = Decimal("0.00000001")
PRICE_STEP = Decimal("0.0001")
NUMBERS = ("amount", "quantity", "price")
Side, Kind, Time = Order.Side, Order.Kind, Order.TimeInForce


@dataclass(frozen=True)
class OrderTicket:
    """What a custodian asks for: dollars (`amount`) or shares (`quantity`), a `price` or none.

    `form_key` names the form that was shown: sent twice it is one order.
    """

    instrument: Instrument
    side: str = Side.BUY
    kind: str = Kind.MARKET
    amount: Decimal | None = None
    quantity: Decimal | None = None
    price: Decimal | None = None
    time_in_force: str = Time.DAY
    form_key: UUID | None = None

    @property
    def dollars(self) -> Decimal | None:
        """Return what it may cost, or roughly bring; None where nobody knows a price."""
        return estimate(
            instrument=self.instrument,
            kind=Kind.LIMIT if self.side == Side.SELL else self.kind,
            amount=self.amount,
            quantity=self.quantity,
            price=self.price,
        )


def check_order(account: BrokerAccount, ticket: OrderTicket, *, at: datetime) -> None:
    """Refuse an order that could not be carried out; holds only under the account's row lock.

    :raises Invalid: the ticket itself, with the field
    :raises NotNow: account, instrument, cash, shares or a halt forbid it now
    """
    check_running("halt-orders")
    found = Findings()
    with found.noting():
        check_ticket(vars(ticket))
    is_sound = not found.refusals
    with found.noting():
        if account.status != BrokerAccount.Status.OPEN:
            raise NotNow(
                _("The account is not open for trading now. Its page says why."), code="account"
            )
    with found.noting():
        check_can_trade(ticket.instrument, ticket.side)
    if is_sound:
        with found.noting():
            check_size(ticket)
        with found.noting():
            _check_means(account, ticket, at=at)
    found.raise_all()


def check_answers(account: BrokerAccount, given: Mapping[str, Any], *, at: datetime) -> None:
    """Refuse what `check_order` would, by the answers that are understood so far.

    :param given: by the names of OrderTicket; what is missing was not understood
    :raises DomainError: as `check_order`
    """
    if {"instrument", "side", "kind", *NUMBERS} <= set(given):
        check_order(account, OrderTicket(**given), at=at)
        return
    found = Findings()
    with found.noting():
        check_ticket(given)
    with found.noting():
        if "instrument" in given and "side" in given:
            check_can_trade(given["instrument"], given["side"])
    found.raise_all()


def check_ticket(given: Mapping[str, Any]) -> None:
    """Refuse a ticket nobody could carry out, ever.

    :param given: by the names of OrderTicket; what is missing was not understood, and is not
        compared
    :raises Invalid: with the fields
    """
    amount, quantity, price = (given.get(name) for name in NUMBERS)
    faults: dict[str, str] = {}
    if "amount" in given and "quantity" in given and (amount is None) == (quantity is None):
        faults["amount"] = _("Enter either dollars or a number of shares.")
    elif amount is not None and not _is_step(amount, Decimal("0.01")):
        faults["amount"] = _("Enter dollars and cents, like 25 or 25.50.")
    if quantity is not None and not _is_step(quantity, SHARE_STEP):
        faults["quantity"] = _("Enter a number of shares above zero, like 2 or 0.5.")
    if given.get("kind") == Kind.MARKET:
        if price is not None:
            faults["price"] = _("An order at the market price has no price of its own.")
        if given.get("time_in_force", Time.DAY) != Time.DAY:
            faults["time_in_force"] = _("An order at the market price is for the day.")
    elif "kind" in given:
        if "price" in given and (price is None or not _is_step(price, PRICE_STEP)):
            faults["price"] = _("Enter the price of one share, like 110.50.")
        if quantity is None and "quantity" in given:
            faults["quantity"] = _("An order with a price needs a number of shares.")
        elif quantity is not None and "quantity" not in faults and quantity % 1:
            faults["quantity"] = _("An order with a price is for whole shares only.")
    found = Findings()
    for field, message in faults.items():
        with found.noting():
            raise _invalid(field, message)
    found.raise_all()


def check_can_trade(instrument: Instrument, side: str) -> None:
    """Refuse what can not be bought, or sold, in a custodial account now.

    :raises NotNow: halted, gone, for sale only, or nothing a custodial account may hold
    """
    status, symbol = instrument.status, instrument.symbol
    kinds = {Instrument.Kind.STOCK} | ({Instrument.Kind.ETF} if settings.ALLOW_ETF else set())
    message = ""
    if status == Instrument.Status.HALTED:
        message = _("Trading in %s is halted at the moment. Please try again later.") % symbol
    elif status == Instrument.Status.INACTIVE:
        message = _("%s is no longer traded.") % symbol
    elif side == Side.BUY and status == Instrument.Status.CLOSE_ONLY:
        message = _("%s can only be sold, not bought.") % symbol
    elif side == Side.BUY and instrument.kind not in kinds:
        message = _("Custodial accounts can hold single stocks only.")
    if message:
        raise NotNow(message, code="instrument", fields={"symbol": message})


def check_size(ticket: OrderTicket) -> None:
    """Refuse a size the broker does not take of this instrument, as far as its terms are known.

    :raises Invalid: with the field `quantity` or `amount`
    """
    instrument = ticket.instrument
    if ticket.quantity is not None:
        field, size = "quantity", ticket.quantity
        step = instrument.order_step
        if step and size % step:
            message = _("The broker takes orders of %(symbol)s in steps of %(step)s shares.")
            raise _invalid(field, message % _size_words(instrument, step=step))
    else:
        if ticket.amount is None or not instrument.price:
            return
        field, size = "amount", ticket.amount / instrument.price
    if instrument.smallest_order and size < instrument.smallest_order:
        message = _("The smallest order of %(symbol)s is %(smallest)s shares%(dollars)s.")
        raise _invalid(field, message % _size_words(instrument))
    if instrument.largest_order and size > instrument.largest_order:
        message = _("The largest order of %(symbol)s is %(largest)s shares. Make it two orders.")
        raise _invalid(field, message % _size_words(instrument))


def check_amount_buys(instrument: Instrument, amount: Decimal) -> None:
    """Refuse dollars that buy less, or more, than one order may be for, as far as we know.

    :raises Invalid: with the field `amount`
    """
    check_size(OrderTicket(instrument=instrument, amount=amount))


def check_can_cancel(order: Order, by: Parent) -> None:
    """Let only this child's custodian cancel, and only an order of the custodian's own.

    :raises NotAllowed: somebody else, or the order of a gift
    """
    if order.account.child.parent_id != by.pk:
        raise NotAllowed(_("Only this child's custodian can cancel orders."))
    if order.purchase_id is not None:
        raise NotAllowed(_("This order belongs to a gift and can not be canceled here."))


def _check_means(account: BrokerAccount, ticket: OrderTicket, *, at: datetime) -> None:
    """Refuse to spend more than is free, or to sell more than is held."""
    if ticket.side == Side.BUY:
        _check_cash(account, ticket)
    else:
        _check_shares(account, ticket, at=at)


def _check_cash(account: BrokerAccount, ticket: OrderTicket) -> None:
    dollars, free = ticket.dollars, get_buying_power(account).free
    if dollars is None:
        message = _("We do not know a price of %s now. Enter dollars instead of shares.")
        raise _no_price("quantity", message % ticket.instrument.symbol)
    if dollars > free:
        message = _("This may cost up to %(cost)s, and %(free)s is free to spend.")
        raise _short("amount" if ticket.amount else "quantity", "cash", message, dollars, free)


def _check_shares(account: BrokerAccount, ticket: OrderTicket, *, at: datetime) -> None:
    instrument, free = ticket.instrument, get_free_shares(account, ticket.instrument)
    wanted = ticket.quantity
    if wanted is None and ticket.amount is not None:
        exact = ticket.amount / instrument.price if instrument.price else None
        if exact is None:
            message = _("We do not know a price of %s now. Enter shares instead of dollars.")
            raise _no_price("amount", message % instrument.symbol)
        wanted = min(shares_for(instrument, ticket.amount) or exact, max(free, exact))
    if wanted is None or wanted > free:
        field = "quantity" if ticket.quantity else "amount"
        message = _("Only %(free)s shares of %(symbol)s can be sold now.") % {
            "free": shares(free) if free else "0",
            "symbol": instrument.symbol,
        }
        raise NotNow(message, code="shares", fields={field: message})
    _check_settled(account, ticket, wanted, at=at)


def _check_settled(
    account: BrokerAccount, ticket: OrderTicket, wanted: Decimal, *, at: datetime
) -> None:
    """Refuse to sell shares before the money that paid for them has settled.

    It would be a good-faith violation (Regulation T, 12 CFR 220.8): three in a year freeze the
    account to settled cash for 90 days.
    """
    lots = get_lots(account).get(ticket.instrument.pk)
    if lots is None:
        return
    lots.take(get_shares_on_sale(account, ticket.instrument))
    today = at.astimezone(NEW_YORK).date()
    late = [lot.settle_on for lot in lots.take(wanted) if lot.settle_on and lot.settle_on > today]
    if late:
        message = _(
            "Some of these shares were bought with the money of a sale that settles on %(day)s. "
            "They can be sold from then on."
        ) % {"day": day(max(late))}
        raise NotNow(message, code="unsettled", fields={"quantity": message})


def _is_step(number: Decimal, step: Decimal) -> bool:
    return number.is_finite() and 0 < number < TOO_LARGE and number % step == 0


def _size_words(instrument: Instrument, *, step: Decimal | None = None) -> dict[str, str]:
    smallest = instrument.smallest_order
    worth = smallest * instrument.price if smallest and instrument.price else None
    return {
        "symbol": instrument.symbol,
        "step": shares(step),
        "smallest": shares(smallest),
        "largest": shares(instrument.largest_order),
        "dollars": _(", about %s") % money(worth) if worth and worth >= Decimal("0.01") else "",
    }


def _no_price(field: str, message: str) -> NotNow:
    return NotNow(message, code="price", fields={field: message})


def _short(field: str, code: str, message: str, cost: Decimal, free: Decimal) -> NotNow:
    sentence = message % {"cost": money(cost), "free": money(free)}
    return NotNow(sentence, code=code, fields={field: sentence})


def _invalid(field: str, message: str) -> Invalid:
    return Invalid(message, code=field, fields={field: message})
