"""The bank's part of a deposit: it settles, holds, fails or returns it, now or on a day chosen.

DriveWealth documents no way to have a deposit returned; this is the sandbox's own. A return
arrives at nine in New York, an hour before that day's credits.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sandbox.calendars import ach_return
from sandbox.drivewealth import deposits
from sandbox.drivewealth.broker import Broker
from sandbox.drivewealth.errors import Refusal
from sandbox.drivewealth.ledger import move_cash
from sandbox.drivewealth.records import Deposit
from sandbox.wire import iso

# What the bank may do to a deposit in each status.
MOVES = {
    "PENDING": ("SUCCESSFUL", "FAILED", "RETURNED", "ON_HOLD"),
    "ON_HOLD": ("PENDING", "SUCCESSFUL", "FAILED", "RETURNED"),
    "SUCCESSFUL": ("RETURNED",),
}
STATUSES = ("RETURNED", "FAILED", "ON_HOLD", "SUCCESSFUL", "PENDING")
# Consumers may dispute a debit for sixty days; after that nothing comes back.
LAST_BANKING_DAY = 60
WAITING = "waiting"


def say(broker: Broker, deposit_id: str, status: str, code: str) -> Deposit:
    """Let the bank decide on a deposit now; ``code`` is its reason, such as R01.

    A return after the credit takes the cash back, even below zero.
    """
    deposit = broker.deposit(deposit_id)
    if status not in MOVES.get(deposit.status, ()):
        raise Refusal("E033", f"A deposit that is {deposit.status} cannot become {status}.")
    if status == "SUCCESSFUL":
        deposits.credit(broker, deposit, code)
        return deposit
    if status == "RETURNED" and deposit.credited:
        account = broker.account(deposit.account_id)
        comment = f"ACH return {code} {deposit.id}".replace("  ", " ")
        row = move_cash(broker, account, broker.habits.returns_as, -deposit.amount, comment)
        deposit.credited, deposit.transaction_id = False, row.id
    deposits.move(broker, deposit, status, code)
    if status == "PENDING":
        moment = max(deposit.settles, broker.now())
        broker.agenda.at(moment, "drivewealth.deposit-settles", deposit_id=deposit.id)
    return deposit


def say_later(
    broker: Broker,
    deposit_id: str,
    status: str,
    code: str,
    *,
    at: datetime | None = None,
    banking_day: int | None = None,
) -> Deposit:
    """Enter what the bank will say, at a moment or on a banking day after the deposit was made."""
    deposit = broker.deposit(deposit_id)
    if status not in STATUSES:
        raise Refusal("E033", f"The bank says one of {', '.join(STATUSES)}.")
    if banking_day is not None and not 0 <= banking_day <= LAST_BANKING_DAY:
        raise Refusal("E033", f"onBankingDay is 0 to {LAST_BANKING_DAY}.")
    moment = at or ach_return(deposit.created, banking_day or 0)
    if moment <= broker.now():
        raise Refusal("E033", f"{iso(moment)} has passed.")
    if moment > ach_return(deposit.created, LAST_BANKING_DAY):
        raise Refusal("E033", f"Nothing comes back after banking day {LAST_BANKING_DAY}.")
    deposit.ahead.append({"at": moment, "status": status, "code": code, "outcome": WAITING})
    broker.agenda.at(
        moment,
        "drivewealth.bank-says",
        deposit_id=deposit.id,
        number=str(len(deposit.ahead) - 1),
    )
    return deposit


def play(broker: Broker, deposit_id: str, number: str) -> None:
    """Say what was entered, and note what came of it; the world may have moved on meanwhile."""
    deposit = broker.deposits.get(deposit_id)
    if deposit is None:
        return
    entry = deposit.ahead[int(number)]
    try:
        say(broker, deposit_id, entry["status"], entry["code"])
    except Refusal as refusal:
        entry["outcome"] = refusal.message
    else:
        entry["outcome"] = "said"


def ahead_json(deposit: Deposit) -> list[dict[str, Any]]:
    return [entry | {"at": iso(entry["at"])} for entry in deposit.ahead]
