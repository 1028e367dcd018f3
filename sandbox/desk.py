"""What the operator may have the bank and the broker do, one function for each kind of order."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from sandbox import vendor_desk
from sandbox.bank import micro_deposits
from sandbox.calendars import new_york_day
from sandbox.documented import MODES
from sandbox.drivewealth import (
    accounts,
    bank,
    bank_accounts,
    corporate_actions,
    deposits,
    exchanges,
    fees,
    kyc,
    matching,
    oddities,
    orders,
    papers,
    triggers,
    wishes,
)
from sandbox.drivewealth.instruments import find_instrument
from sandbox.drivewealth.ledger import move_cash, transaction_json
from sandbox.drivewealth.records import Oddity
from sandbox.faults import NEWS_KINDS, WIRE_KINDS
from sandbox.form import BadOrder, Order, moment, number, optional_whole_number, text, whole_number
from sandbox.plaid import webhooks
from sandbox.wire import read_json
from sandbox.world import World

MOST_DOLLARS = 1_000_000
LARGEST_RATIO = 1000
RETURN_CODE = re.compile(r"R[0-9]{2}")
WORD = re.compile(r"[A-Z][A-Z_]{1,39}")
CASH_KINDS = ("CADJ", "CSR", "CSD", "FEE", "INT", "JNLC", "SLIP")

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


def decide_bank_account(world: World, bank_id: str, order: Order) -> Order:
    with world.turn(changes=True):
        bank_account = bank_accounts.broker_decides(
            world.drivewealth, bank_id, text(order, "status")
        )
        return bank_accounts.bank_account_json(bank_account)


def send_micro_deposits_back(world: World, order_id: str, order: Order) -> Order:
    """Have the parent's bank return two small amounts now, with its reason, such as R03."""
    code = text(order, "code", "R03")
    if not RETURN_CODE.fullmatch(code):
        raise BadOrder("code is one of Nacha's, such as R03.")
    with world.turn(changes=True):
        try:
            found = world.bank.find(order_id)
            world.bank.send_back(found, code)
        except micro_deposits.BadDeposits as problem:
            raise BadOrder(str(problem)) from problem
        return micro_deposits.order_json(found)


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


def say_kyc(world: World, user_id: str, order: Order) -> Order:
    """Have an identity check answer in words of the operator's choice."""
    told = ("code", "description", "errors")
    said: dict[str, Any] = {name: order[name] for name in told if name in order}
    with world.turn(changes=True):
        user = world.drivewealth.user(user_id)
        kyc.say(world.drivewealth, user, text(order, "status"), said)
        return {"userID": user.id, "said": user.kyc_said}


def decide_order(world: World, order_id: str, order: Order) -> Order:
    """Fill what is open of an order, cancel or reject it: now, whatever the hour and the price."""
    outcome = text(order, "outcome")
    with world.turn(changes=True):
        found = world.drivewealth.order(order_id)
        matching.decide(world.drivewealth, found, outcome, text(order, "reason"))
        return orders.order_json(world.drivewealth, found)


def wish_for_next_order(world: World, _: str, order: Order) -> Order:
    """Decide what becomes of an order that is yet to come."""
    with world.turn(changes=True):
        wishes.enter(
            world.drivewealth,
            text(order, "outcome"),
            symbol=text(order, "symbol"),
            account_number=text(order, "accountNo"),
            fraction=number(order, "fraction", Decimal(0)) if "fraction" in order else None,
            seconds=number(order, "seconds", Decimal(1)),
            reason=text(order, "reason"),
        )
        return _wishes(world)


def forget_wishes(world: World, _: str, order: Order) -> Order:
    with world.turn(changes=True):
        world.drivewealth.wishes.clear()
        return _wishes(world)


def _wishes(world: World) -> Order:
    return {"nextOrders": [wishes.wish_json(wish) for wish in world.drivewealth.wishes]}


def set_price(world: World, _: str, order: Order) -> Order:
    """Let a price stand still where the operator puts it, or, without one, wander again."""
    broker, given = world.drivewealth, order.get("price")
    price = None if given is None else number(order, "price", Decimal(0))
    if price is not None and not Decimal("0.0001") <= price <= MOST_DOLLARS:
        raise BadOrder(f"price is from 0.0001 to {MOST_DOLLARS}.")
    with world.turn(changes=True) as now:
        instrument = find_instrument(text(order, "symbol"))
        broker.prices.hold(instrument, price, now)
        triggers.price_moved(broker, instrument)
        return {
            "symbol": instrument.symbol,
            "price": broker.prices.raw(instrument, now),
            "held": price is not None,
        }


def act_for_company(world: World, _: str, order: Order) -> Order:
    """Let a company act on its shares, for all who hold them now."""
    broker, kind = world.drivewealth, text(order, "type")
    with world.turn(changes=True):
        instrument = find_instrument(text(order, "symbol"))
        if kind == corporate_actions.SPLIT:
            old = whole_number(order, "from", least=1, most=LARGEST_RATIO)
            new = whole_number(order, "to", least=1, most=LARGEST_RATIO)
            whole = _yes(order, "wholeShares")
            apart = _yes(order, "cashApart")
            touched = corporate_actions.split(
                broker, instrument, old, new, whole=whole, apart=apart
            )
        elif kind in corporate_actions.KINDS:
            in_shares = kind == corporate_actions.STOCK_DIVIDEND
            pay = corporate_actions.pay_in_shares if in_shares else corporate_actions.pay_dividend
            touched = pay(broker, instrument, _payment(kind, order))
        elif kind in exchanges.KINDS:
            touched = exchanges.act(broker, kind, instrument, _terms(kind, order))
        else:
            kinds = (*corporate_actions.KINDS, *exchanges.KINDS)
            raise BadOrder(f"type is one of {', '.join(kinds)}.")
        return {"type": kind, "symbol": instrument.symbol, "accounts": touched}


def _payment(kind: str, order: Order) -> corporate_actions.Payment:
    """Read what the holders of a share are paid, and what the broker says of it."""
    per_share = number(order, "amountPerShare", Decimal(0))
    lowers = kind == corporate_actions.RETURN_OF_CAPITAL
    told = text(order, "dividendType", kind if lowers else "")
    taxed = text(order, "taxCode", "NON_TAXABLE" if lowers else "")
    if not 0 < per_share <= MOST_DOLLARS:
        raise BadOrder("amountPerShare is above zero.")
    if told not in ("", *corporate_actions.TYPES):
        raise BadOrder(f"dividendType is one of {', '.join(corporate_actions.TYPES)}.")
    if taxed not in ("", *corporate_actions.TAX_CODES):
        raise BadOrder(f"taxCode is one of {', '.join(corporate_actions.TAX_CODES)}.")
    tells = _yes(order, "tellBasis", default=True)
    return corporate_actions.Payment(per_share, told, taxed, lowers, tells)


def _terms(kind: str, order: Order) -> exchanges.Terms:
    """Read what the holders of a share get."""
    ratio = number(order, "ratio", Decimal(1))
    cash, part = number(order, "cashPerShare", Decimal(0)), number(order, "basisPart", Decimal(0))
    ends = kind in (exchanges.GOING_PRIVATE, exchanges.DELISTING)
    if not (0 < ratio <= LARGEST_RATIO and 0 <= cash <= MOST_DOLLARS and 0 <= part < 1):
        raise BadOrder("ratio is above zero, cashPerShare not below, basisPart from 0 to below 1.")
    return exchanges.Terms(
        into=None if ends else find_instrument(text(order, "into")),
        ratio=ratio,
        cash=cash,
        basis_part=part,
        whole=_yes(order, "wholeShares"),
        tells=_yes(order, "tellBasis", default=True),
    )


def _yes(order: Order, name: str, *, default: bool = False) -> bool:
    return str(order.get(name, default)).lower() == "true"


def set_habits(world: World, _: str, order: Order) -> Order:
    """Have orders bear fees from now on, and say as what an ACH return is booked."""
    with world.turn(changes=True):
        habits = world.drivewealth.habits
        per_order = number(order, "perOrder", habits.per_order)
        per_share = number(order, "perShare", habits.per_share)
        returns_as = text(order, "returnsAs", habits.returns_as)
        if not (0 <= per_order <= MOST_DOLLARS and 0 <= per_share <= MOST_DOLLARS):
            raise BadOrder("perOrder and perShare are dollars, not below zero.")
        if per_order != round(per_order, 2) or returns_as not in ("CADJ", "CSR"):
            raise BadOrder("perOrder is in cents, returnsAs is CADJ or CSR.")
        habits.per_order, habits.per_share, habits.returns_as = per_order, per_share, returns_as
        habits.regulatory = _yes(order, "regulatory", default=habits.regulatory)
        return fees.habits_json(habits)


def make_odd(world: World, _: str, order: Order) -> Order:
    """Have answers to GETs of paths like `path` hold something odd until it is cleared."""
    added = _typed(order, "add")
    change, drop = _typed(order, "change") or {}, _names(order)
    if not isinstance(change, dict) or not isinstance(drop, list):
        raise BadOrder("change is an object, drop a list of names.")
    oddity = Oddity(
        path=text(order, "path", "*"),
        which=text(order, "which", "0"),
        inside=text(order, "inside"),
        add={"row": added} if "add" in order else {},
        change=change,
        drop=[str(name) for name in drop],
    )
    with world.turn(changes=True):
        oddities.order(world.drivewealth, oddity)
        return _oddities(world)


def _typed(order: Order, name: str) -> Any:
    """Return a value of a JSON body, or one typed as JSON into the page's form."""
    value = order.get(name)
    if not isinstance(value, str) or not value.lstrip().startswith(("{", "[")):
        return value
    try:
        return read_json(value.encode())
    except ValueError as error:
        raise BadOrder(f"{name} is not JSON: quotes around names and texts?") from error


def _names(order: Order) -> Any:
    """Return names as a list, or typed with commas or blanks between them."""
    value = order.get("drop") or []
    return re.findall(r"[^\s,]+", value) if isinstance(value, str) else value


def forget_oddities(world: World, _: str, order: Order) -> Order:
    with world.turn(changes=True):
        world.drivewealth.oddities.clear()
        return _oddities(world)


def _oddities(world: World) -> Order:
    return {"odd": [oddities.oddity_json(one) for one in world.drivewealth.oddities]}


def decide_account(world: World, account_id: str, order: Order) -> Order:
    """Set an account's status as the broker's compliance would, with its reason."""
    with world.turn(changes=True):
        account = world.drivewealth.account(account_id)
        accounts.broker_decides(
            world.drivewealth,
            account,
            text(order, "status"),
            text(order, "reason"),
            text(order, "comment"),
        )
        return accounts.account_json(account)


def adjust_cash(world: World, account_id: str, order: Order) -> Order:
    """Move cash that nobody asked for: an adjustment, or, as CSR, money that was pushed.

    Whatever the word, known or not; with a symbol it is about that company's shares.
    """
    amount, kind = number(order, "amount", Decimal(0)), text(order, "type", "CADJ")
    if not WORD.fullmatch(kind) or not amount or amount != round(amount, 2):
        raise BadOrder("amount is in cents and not zero, type a word such as CADJ, CSR or INT.")
    about = find_instrument(text(order, "symbol")).id if order.get("symbol") else ""
    with world.turn(changes=True):
        account = world.drivewealth.account(account_id)
        comment = text(order, "comment", "Adjustment")
        row = move_cash(
            world.drivewealth, account, kind, round(amount, 2), comment, instrument_id=about
        )
        return transaction_json(row)


def issue_paper(world: World, account_id: str, order: Order) -> Order:
    """Make a statement, a trade confirmation or a tax form of an account, as of today."""
    kind = text(order, "kind")
    if kind not in papers.KINDS:
        raise BadOrder(f"kind is one of {', '.join(papers.KINDS)}.")
    with world.turn(changes=True) as now:
        account = world.drivewealth.account(account_id)
        return {**papers.issue(world.drivewealth, account, kind, new_york_day(now))}


def choose_answers(world: World, _: str, order: Order) -> Order:
    """Have DriveWealth tell all that we know, or no more than its description says."""
    mode = text(order, "answers")
    if mode not in MODES:
        raise BadOrder(f"answers is one of {', '.join(MODES)}.")
    with world.turn():
        world.drivewealth.answers.mode = mode
        return {"answers": mode}


# What the page's forms offer.
CHOICES = {
    "kyc": kyc.STATUSES,
    "kycErrors": kyc.BY_NAME,
    "account": accounts.STATUSES,
    "reasons": accounts.CHANGE_REASONS + accounts.BROKER_REASONS,
    "cash": CASH_KINDS,
    "papers": papers.KINDS,
    "bank": bank.STATUSES,
    "bankAccounts": bank_accounts.STATUSES,
    "outcomes": wishes.OUTCOMES,
    "wire": WIRE_KINDS,
    "events": NEWS_KINDS,
    "itemStates": vendor_desk.ITEM_STATES,
    "webhooks": tuple(webhooks.FIRED),
    "answers": MODES,
    "returnsAs": ("CADJ", "CSR"),
}

ORDERS: dict[str, Act] = {
    "/answers": choose_answers,
    "/deposits/<key>": bank_says,
    "/bank-accounts/<key>": decide_bank_account,
    "/micro-deposits/<key>": send_micro_deposits_back,
    "/users/<key>/kyc": decide_kyc,
    "/users/<key>/kyc-said": say_kyc,
    "/accounts/<key>": decide_account,
    "/accounts/<key>/cash": adjust_cash,
    "/accounts/<key>/papers": issue_paper,
    "/orders/<key>": decide_order,
    "/next-order": wish_for_next_order,
    "/next-order/clear": forget_wishes,
    "/prices": set_price,
    "/corporate-actions": act_for_company,
    "/habits": set_habits,
    "/odd": make_odd,
    "/odd/clear": forget_oddities,
    "/plaid/items/<key>": vendor_desk.decide_item,
    "/plaid/items/<key>/closings": vendor_desk.close_account,
    "/plaid/items/<key>/ids": vendor_desk.renew_ids,
    "/plaid/items/<key>/owners": vendor_desk.enter_owners,
    "/plaid/items/<key>/webhooks": vendor_desk.fire_webhook,
    "/plaid/institutions/<key>": vendor_desk.change_face,
    "/plaid/webhooks/<key>": vendor_desk.resend_webhook,
    "/plaid/answers": vendor_desk.choose_answers,
    "/plaid/clients": vendor_desk.add_client,
    "/plaid/redirect-uris": vendor_desk.register_redirect_uri,
    "/spinwheel/people": vendor_desk.enter_person,
}
