"""The whole world in one JSON answer, for assertions and for the control page."""

from __future__ import annotations

from typing import Any

from sandbox.bank import micro_deposits
from sandbox.bank.micro_deposits import MicroDeposits, StatementLine
from sandbox.drivewealth import bank, wishes
from sandbox.drivewealth.broker import Broker
from sandbox.drivewealth.catalogue import BY_ID
from sandbox.drivewealth.orders import average_price
from sandbox.drivewealth.records import ZERO, Account, BankAccount, Deposit, Order, Paper, User
from sandbox.plaid import report as plaid
from sandbox.spinwheel.connections import User as SpinwheelUser
from sandbox.texts import TextMessage
from sandbox.wire import iso
from sandbox.world import World

Row = dict[str, Any]


def describe(world: World) -> Row:
    """Return everything a test may assert on. Identity numbers are masked."""
    with world.turn() as now:
        broker = world.drivewealth
        return {
            "now": iso(now),
            "users": [_user(user) for user in broker.users],
            "accounts": [_account(broker, account) for account in broker.accounts],
            "bankAccounts": [_bank_account(bank) for bank in broker.bank_accounts],
            "microDeposits": [_micro_deposits(order) for order in world.bank.orders],
            "bankStatement": [_statement_line(line) for line in world.bank.statement],
            "deposits": [_deposit(deposit) for deposit in broker.deposits],
            "orders": [_order(broker, order) for order in broker.orders],
            "papers": [_paper(broker, paper) for paper in broker.papers],
            "nextOrders": [wishes.wish_json(wish) for wish in broker.wishes],
            "prices": broker.prices.held(),
            **plaid.describe(world.plaid),
            "spinwheelUsers": [_spinwheel_user(user) for user in world.spinwheel.users],
            "texts": [_text(message) for message in world.texts.sent],
            "transactions": len(broker.transactions),
            "events": {
                "last": world.outbox.last_sequence,
                "relayed": world.outbox.delivered_up_to,
                "heldBack": world.outbox.held_back,
                "relayProblem": world.relay_problem,
            },
            "faults": [fault.describe() for fault in world.faults],
            "calls": dict(sorted(world.calls.items())),
        }


def _user(user: User) -> Row:
    return {
        "id": user.id,
        "userType": user.user_type,
        "firstName": user.basic["firstName"],
        "lastName": user.basic["lastName"],
        "identity": user.masked_number,
        "custodianUserID": user.custodian_id or None,
        "status": user.status,
        "kycStatus": user.kyc_status,
        "kycErrors": user.kyc_errors,
        "documents": [f"{row['type']} {row.get('status', 'PENDING')}" for row in user.uploads],
    }


def _account(broker: Broker, account: Account) -> Row:
    return {
        "id": account.id,
        "accountNo": account.number,
        "userID": account.user_id,
        "managementType": account.management_type,
        "status": account.status,
        "statusReason": account.status_reason,
        "cash": account.cash,
        "reserved": broker.reserved(account.id),
        "unsettled": sum((row.amount for row in broker.unsettled(account.id)), ZERO),
        "positions": [
            {
                "symbol": BY_ID[row.instrument_id].symbol,
                "quantity": row.quantity,
                "cost": row.cost,
            }
            for row in broker.positions.where("account_id", account.id)
        ],
    }


def _bank_account(bank: BankAccount) -> Row:
    return {
        "id": bank.id,
        "userID": bank.user_id,
        "number": f"****{bank.last_four}",
        "status": bank.status,
    }


def _micro_deposits(order: MicroDeposits) -> Row:
    return micro_deposits.order_json(order) | {
        "account": f"****{order.account_number[-4:]}",
        "amounts": order.amounts,
        "expected": iso(order.expected),
    }


def _statement_line(line: StatementLine) -> Row:
    return {
        "on": iso(line.on),
        "account": f"****{line.account_number[-4:]}",
        "description": line.description,
        "amount": line.amount,
    }


def _spinwheel_user(user: SpinwheelUser) -> Row:
    return {
        "userId": user.id,
        "extUserId": user.external_id,
        "phoneNumber": user.phone,
        "connectionStatus": user.status,
        "wrongCodes": user.wrong,
    }


def _text(message: TextMessage) -> Row:
    return {
        "from": message.sender,
        "to": message.to,
        "text": message.text,
        "at": iso(message.at),
    }


def _deposit(deposit: Deposit) -> Row:
    return {
        "id": deposit.id,
        "accountNo": deposit.account_number,
        "amount": deposit.amount,
        "status": deposit.status,
        "comment": deposit.comment,
        "created": iso(deposit.created),
        "settles": iso(deposit.settles),
        "scheduled": bank.ahead_json(deposit),
        "metadata": deposit.metadata,
    }


def _paper(broker: Broker, paper: Paper) -> Row:
    return {
        "accountNo": broker.account(paper.account_id).number,
        "kind": paper.kind,
        "displayName": paper.display_name,
        "fileKey": paper.file_key,
    }


def _order(broker: Broker, order: Order) -> Row:
    return {
        "id": order.id,
        "orderNo": order.number,
        "accountNo": broker.account(order.account_id).number,
        "symbol": BY_ID[order.instrument_id].symbol,
        "side": order.side,
        "type": order.type,
        "status": order.status,
        "quantity": order.quantity,
        "amountCash": order.amount_cash,
        "price": order.price,
        "filled": order.filled,
        "averagePrice": average_price(order),
        "total": order.total,
        "message": order.message["message"] if order.message else "",
        "clientOrderID": order.client_order_id,
        "created": iso(order.created),
    }
