"""What becomes of an order: looked at, queued, rested, filled step by step, cancelled.

An order moves from NEW over PARTIAL_FILL to FILLED, CANCELED or REJECTED and then never again.
Cash moves by whole cents: after each fill an order has taken exactly the rounded sum of all its
fills so far, so cash and cost always add up.
"""

from __future__ import annotations

from decimal import Decimal

from sandbox.calendars import is_market_open, next_market_open, trade_settlement
from sandbox.drivewealth import fees, magic, papers, positions, wishes
from sandbox.drivewealth.broker import Broker, cents
from sandbox.drivewealth.catalogue import BY_ID
from sandbox.drivewealth.errors import MESSAGES, Refusal
from sandbox.drivewealth.ledger import move_cash
from sandbox.drivewealth.orders import order_json
from sandbox.drivewealth.records import ZERO, Account, Order, Proceeds

OUTCOMES = ("fill", "cancel", "reject")
REFUSED = "The exchange refused the order."


def work(broker: Broker, order_id: str) -> None:
    """Look at an accepted order: refuse it, queue it, rest it, or begin to fill it."""
    order = broker.orders.get(order_id)
    if order is None or order.status != "NEW" or order.steps or order.ending:
        return
    account, now = broker.account(order.account_id), broker.now()
    if order.wish is not None and order.wish["outcome"] == wishes.REJECT:
        _reject(broker, order, order.wish["reason"] or REFUSED)
        return
    steps = [] if order.has_price else _plan(broker, order)[0]
    problem = _problem(broker, account, order, steps)
    if problem:
        _reject(broker, order, problem)
    elif account.ignore_market_hours or is_market_open(now):
        _wait(broker, order) if order.has_price else execute(broker, order)
    elif order.prevent_queuing:
        _reject(broker, order, "The market is closed and the order may not be queued.")
    else:
        broker.agenda.at(next_market_open(now), "drivewealth.order-works", order_id=order.id)


def execute(broker: Broker, order: Order) -> None:
    """Begin to fill an order at the price of the moment, unless it cannot be afforded any more."""
    steps, ending = _plan(broker, order)
    problem = _problem(broker, broker.account(order.account_id), order, steps)
    if problem:
        _reject(broker, order, problem)
        return
    order.steps, order.ending = steps, ending
    order.planned = magic.shares_wanted(order, _price(broker, order))
    # The vendor's own resting quantities wait for a cancel; all else ends with its time in force.
    if ending == magic.RESTING and order.wish is not None:
        _expire_in_time(broker, order)
    _go_on(broker, order)


def kill(broker: Broker, order: Order) -> None:
    """End a FILL_OR_KILL order that could not be filled at once."""
    order.message = _message("O099", "The order could not be filled at once.")
    _complete(broker, order, "CANCELED")


def fill(broker: Broker, order_id: str) -> None:
    """Execute the next step of an order, unless it was cancelled meanwhile."""
    order = broker.orders.get(order_id)
    if order is None or order.status not in ("NEW", "PARTIAL_FILL") or not order.steps:
        return
    step = order.steps[0]
    order.steps = order.steps[1:]
    quantity, price = step["quantity"], step["price"]
    order.filled += quantity
    order.gross += quantity * price
    amount = cents(order.gross) - order.total
    order.total += amount
    order.last_price, order.last_quantity, order.last_executed = price, quantity, broker.now()
    _settle_fill(broker, order, quantity, price, amount)
    if order.steps or order.ending != magic.FILLED:
        order.status, order.updated = "PARTIAL_FILL", broker.now()
        broker.publish("orders.updated", order_json(broker, order))
    _go_on(broker, order)


def cancel(broker: Broker, order_id: str) -> None:
    """Carry out a cancel that was asked for; what is filled stays filled."""
    order = broker.orders.get(order_id)
    if order is not None and order.status == "PENDING_CANCEL":
        _complete(broker, order, "CANCELED")


def decide(broker: Broker, order: Order, outcome: str, reason: str = "") -> None:
    """Do to an open order what the operator wants: fill, cancel or reject it.

    It fills at the price of the moment, and where it names one that is no worse for the customer.
    """
    if outcome not in OUTCOMES:
        raise Refusal("E033", f"outcome is one of {', '.join(OUTCOMES)}.")
    if order.status not in ("NEW", "PARTIAL_FILL"):
        raise Refusal("E033", f"An order that is {order.status} is not to be decided.")
    if outcome == "reject":
        if order.filled:
            raise Refusal("E033", "An order that is filled in part can not be rejected.")
        _reject(broker, order, reason or REFUSED)
    elif outcome == "cancel":
        order.message = _message("O099", reason or "The exchange cancelled the order.")
        _complete(broker, order, "CANCELED")
    else:
        _fill_the_rest(broker, order)


def _fill_the_rest(broker: Broker, order: Order) -> None:
    price = _price(broker, order)
    if order.type == "LIMIT" and order.price is not None:
        price = min(price, order.price) if order.side == "BUY" else max(price, order.price)
    rest = magic.shares_wanted(order, price) - order.filled
    steps: list[magic.Step] = [{"quantity": rest, "price": price, "after": Decimal(0)}]
    if problem := _problem(broker, broker.account(order.account_id), order, steps):
        raise Refusal("E033", problem)
    order.steps, order.ending, order.planned = steps, magic.FILLED, order.filled + rest
    fill(broker, order.id)


def cancel_for_corporate_action(broker: Broker, order: Order) -> None:
    order.message = _message("O124", MESSAGES["O124"])
    _complete(broker, order, "CANCELED")


def expire(broker: Broker, order_id: str) -> None:
    order = broker.orders.get(order_id)
    if order is not None and order.is_open:
        order.message = _message("O123", MESSAGES["O123"])
        _complete(broker, order, "CANCELED")


def _wait(broker: Broker, order: Order) -> None:
    """Let an order wait for its price."""
    order.ending = magic.WAITING
    _expire_in_time(broker, order)
    broker.agenda.at(
        broker.now(), "drivewealth.order-watched", order_id=order.id, round_=str(order.watch_round)
    )


def _expire_in_time(broker: Broker, order: Order) -> None:
    moment = max(order.expires, broker.now())
    broker.agenda.at(moment, "drivewealth.order-expires", order_id=order.id)


def _plan(broker: Broker, order: Order) -> magic.Execution:
    return magic.plan(order, BY_ID[order.instrument_id].symbol, _price(broker, order))


def _price(broker: Broker, order: Order) -> Decimal:
    return broker.prices.raw(BY_ID[order.instrument_id], broker.now())


def _problem(broker: Broker, account: Account, order: Order, steps: list[magic.Step]) -> str:
    """Return why the order cannot go on, or "". Called before it queues and before it fills."""
    if account.status != "OPEN":
        return "The account is not open."
    shares = magic.shares_wanted(order, _price(broker, order))
    if shares < BY_ID[order.instrument_id].order_min:
        return "The amount does not buy the smallest quantity."
    if order.side == "SELL":
        offered = positions.on_offer(broker, account.id, order.instrument_id, besides=order.id)
        held = positions.held(broker, account.id, order.instrument_id)
        return "Insufficient position." if shares > held - offered else ""
    if order.amount_cash is None and steps:
        # Above what fills now, an order with a rest holds back what the rest will cost.
        order.reserved = max(_cost(steps), cents(shares * steps[0]["price"]))
    spoken_for = _spoken_for(broker, order)
    return "Insufficient buying power." if order.reserved > account.cash - spoken_for else ""


def _cost(steps: list[magic.Step]) -> Decimal:
    return cents(sum((step["quantity"] * step["price"] for step in steps), ZERO))


def _spoken_for(broker: Broker, order: Order) -> Decimal:
    """Return the cash that orders placed before this one, or already at work, hold back."""
    spoken_for, earlier = ZERO, True
    for other in broker.open_orders(order.account_id):
        if other.id == order.id:
            earlier = False
        elif earlier or other.ending:
            spoken_for += other.reserved
    return spoken_for


def _settle_fill(
    broker: Broker, order: Order, quantity: Decimal, price: Decimal, amount: Decimal
) -> None:
    """Move shares and cash for one fill."""
    account, symbol = broker.account(order.account_id), BY_ID[order.instrument_id].symbol
    papers.trade_happened(broker, account)
    verb = "Buy" if order.side == "BUY" else "Sell"
    comment = f"{verb} {quantity.normalize():f} shares of {symbol} at {price:f}"
    if order.side == "BUY":
        positions.add_shares(broker, order, quantity, amount)
        order.reserved = max(order.reserved - amount, ZERO)
        move_cash(broker, account, "SPUR", -amount, comment, (order, quantity, price))
    else:
        positions.take_shares(broker, order, quantity)
        row = move_cash(broker, account, "SSAL", amount, comment, (order, quantity, price))
        settles = trade_settlement(broker.now())
        broker.proceeds.add(row.id, Proceeds(account.id, amount, settles))


def _go_on(broker: Broker, order: Order) -> None:
    """Enter the next step on the agenda, or end the order."""
    if order.steps:
        broker.agenda.after(order.steps[0]["after"], "drivewealth.order-fills", order_id=order.id)
    elif order.ending == magic.REJECTED:
        _reject(broker, order, REFUSED)
    elif order.ending == magic.CANCELED:
        reason = order.wish["reason"] if order.wish else ""
        order.message = _message("O099", reason or "The exchange cancelled the rest of the order.")
        _complete(broker, order, "CANCELED")
    elif order.ending == magic.FILLED:
        _complete(broker, order, "FILLED")


def _reject(broker: Broker, order: Order, reason: str) -> None:
    order.message = _message("O099", reason)
    _complete(broker, order, "REJECTED")


def _complete(broker: Broker, order: Order, status: str) -> None:
    order.status, order.updated = status, broker.now()
    order.reserved, order.steps = ZERO, []
    fees.charge(broker, order)
    broker.publish("orders.completed", order_json(broker, order))


def _message(code: str, reason: str) -> dict[str, str]:
    return {"errorCode": code, "message": reason, "reason": reason}
