"""What the operator may have the bank and the broker do, one function for each kind of order."""

from __future__ import annotations

from collections.abc import Callable

from sandbox.drivewealth import bank, deposits, kyc
from sandbox.form import BadOrder, Order, moment, optional_whole_number, text
from sandbox.world import World

Act = Callable[[World, str, Order], Order]


def bank_says(world: World, deposit_id: str, order: Order) -> Order:
    """Have the bank decide on a deposit, now, ``at`` a moment or ``onBankingDay`` n after it."""
    broker, status, code = world.drivewealth, text(order, "status"), text(order, "code")
    day = optional_whole_number(order, "onBankingDay")
    at = moment(order, "at") if order.get("at") else None
    if at is not None and day is not None:
        raise BadOrder("Give one of at and onBankingDay.")
    with world.turn(changes=True):
        if at is None and day is None:
            deposit = bank.say(broker, deposit_id, status, code)
        else:
            deposit = bank.say_later(broker, deposit_id, status, code, at=at, banking_day=day)
        return deposits.deposit_json(deposit) | {"scheduled": bank.ahead_json(deposit)}


def decide_kyc(world: World, user_id: str, order: Order) -> Order:
    names = order.get("errors", [])
    if not isinstance(names, list):
        names = [str(names)]
    with world.turn(changes=True):
        user = world.drivewealth.user(user_id)
        status = text(order, "status")
        codes = kyc.check_decision(status, [str(name) for name in names])
        kyc.settle(world.drivewealth, user, status, codes)
        return {"userID": user.id, "status": user.kyc_status, "errors": user.kyc_errors}


ORDERS: dict[str, Act] = {
    "/deposits/<key>": bank_says,
    "/users/<key>/kyc": decide_kyc,
}
