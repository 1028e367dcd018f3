"""What else we ask of the broker, asked of the practice broker over real HTTP."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command

from brokerage.drivewealth.client import DriveWealth
from brokerage.gateway import (
    AccountChange,
    OrderRequest,
    PlaidBank,
    Rejected,
    Scan,
)
from brokerage.models import BankAccount, BrokerAccount
from tests.cast import Family
from tests.stage import Stage

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64


@dataclass
class Holder:
    """A family's account at the broker, with $500 of settled cash in it."""

    stage: Stage
    client: DriveWealth
    account: BrokerAccount
    bank: BankAccount

    def order(self, **request: Any) -> str:
        asked = OrderRequest(account_number=self.account.number, symbol="DIS", **request)
        return self.client.create_order(asked, key=uuid4()).id


@pytest.fixture
def holder(stage: Stage, family: Family) -> Holder:
    client = DriveWealth()
    client.create_deposit(
        account_number=family.account.number,
        bank_id=family.bank.vendor_id,
        amount=Decimal("5000.00"),
        key=uuid4(),
    )
    stage.settle_ach()
    return Holder(stage, client, family.account, family.bank)


def test_people_are_told_apart_by_kind(holder: Holder) -> None:
    parent = holder.client.get_user(holder.account.custodian.vendor_id)
    child = holder.client.get_user(holder.account.owner.vendor_id)

    assert (parent.kind, parent.status) == ("CUSTODIAN", "APPROVED")
    assert (child.kind, child.status) == ("MINOR", "APPROVED")
    assert child.id == holder.account.owner.vendor_id


def test_a_document_is_uploaded_and_listed(holder: Holder) -> None:
    user_id = holder.account.custodian.vendor_id

    sent = holder.client.upload_document(user_id, Scan("PASSPORT", PNG), key=uuid4())

    assert (sent.kind, sent.side, sent.status) == ("PASSPORT", "FRONT", "APPROVED")
    assert [row.id for row in holder.client.list_documents(user_id)] == [sent.id]


def test_an_account_is_listed_renamed_and_frozen(holder: Holder) -> None:
    account_id = holder.account.vendor_id
    (listed,) = holder.client.list_accounts(holder.account.owner.vendor_id)
    assert (listed.id, listed.number, listed.status) == (account_id, holder.account.number, "OPEN")

    change = AccountChange(
        nickname="Sunny", status="FROZEN", reason="RESTRICTED", comment="compliance"
    )
    changed = holder.client.update_account(account_id, change)

    assert (changed.status, changed.vendor_status) == ("FROZEN", "FROZEN")
    assert holder.client.get_account(account_id).status == "FROZEN"


def test_banks_are_read_and_a_second_removal_is_fine(holder: Holder) -> None:
    client, user_id = holder.client, holder.account.custodian.vendor_id
    (bank,) = client.list_banks(user_id)
    assert (bank.id, bank.status, bank.last4) == (
        holder.bank.vendor_id, "ACTIVE", holder.bank.last4,
    )  # fmt: skip
    assert client.get_bank(bank.id) == bank

    client.remove_bank(bank.id)
    client.remove_bank(bank.id)

    assert client.list_banks(user_id) == []


def test_a_bank_is_linked_by_plaids_token(holder: Holder) -> None:
    user_id = holder.account.custodian.vendor_id
    token = "processor-sandbox-0asd1-a92nc"

    bank_id = holder.client.create_bank(user_id, PlaidBank(token, "Savings"), key=uuid4())

    assert holder.client.get_bank(bank_id).nickname == "Savings"
    with pytest.raises(Rejected) as refusal:
        holder.client.create_bank(user_id, PlaidBank("made-up"), key=uuid4())
    assert refusal.value.code == "bank_token"


def test_all_deposits_of_an_account_are_listed(holder: Holder) -> None:
    (deposit,) = holder.client.list_deposits(holder.account.vendor_id)

    assert (deposit.status, deposit.amount) == ("SETTLED", Decimal("5000.00"))


def test_shares_are_bought_by_quantity_and_sold(holder: Holder) -> None:
    client = holder.client
    bought = client.get_order(holder.order(quantity=Decimal(5)))
    holder.stage.advance(5)
    bought = client.get_order(bought.id)
    sold_id = holder.order(side="SELL", quantity=Decimal("1.25"))
    holder.stage.advance(5)
    sold = client.get_order(sold_id)

    assert (bought.status, bought.side, bought.kind) == ("FILLED", "BUY", "MARKET")
    assert (bought.asked_quantity, bought.quantity, bought.asked_amount) == (
        Decimal(5),
        Decimal(5),
        None,
    )
    assert (sold.status, sold.side, sold.quantity) == ("FILLED", "SELL", Decimal("1.25"))
    (position,) = client.list_positions(holder.account.vendor_id)
    assert position.quantity == Decimal("3.75")


def test_an_order_with_a_price_rests_until_it_is_canceled(holder: Holder) -> None:
    client, account_id = holder.client, holder.account.vendor_id
    since = holder.stage.now()
    order_id = holder.order(
        kind="LIMIT", quantity=Decimal(5), price=Decimal("1.50"), time_in_force="GTC"
    )
    holder.stage.advance(5)

    (resting,) = client.list_resting_orders(account_id)
    assert (resting.id, resting.status, resting.kind) == (order_id, "NEW", "LIMIT")
    assert (resting.side, resting.asked_quantity) == ("BUY", Decimal(5))
    assert resting.price == Decimal("1.50")
    assert client.get_order_by_number(resting.number).id == order_id
    client.cancel_order(order_id)
    holder.stage.advance(5)

    until = holder.stage.now() + timedelta(minutes=1)
    (closed,) = client.list_closed_orders(account_id, since=since, until=until)
    assert (closed.id, closed.status, closed.quantity) == (order_id, "CANCELED", Decimal(0))
    assert client.list_resting_orders(account_id) == []


def test_one_order_and_its_row_in_the_list_tell_the_same(holder: Holder) -> None:
    since = holder.stage.now()
    order_id = holder.order(amount=Decimal("50.00"))
    holder.stage.advance(5)
    until = holder.stage.now() + timedelta(minutes=1)

    order = holder.client.get_order(order_id)
    (row,) = holder.client.list_closed_orders(holder.account.vendor_id, since=since, until=until)

    assert abs(row.cost - order.cost) <= Decimal("0.01")
    for name in ("id", "number", "status", "quantity", "average_price", "symbol", "side", "kind"):
        assert getattr(row, name) == getattr(order, name), name
    assert (row.asked_amount, order.asked_amount) == (Decimal(50), Decimal(50))


def test_every_movement_of_cash_is_listed(holder: Holder) -> None:
    since = holder.stage.now() - timedelta(days=30)
    holder.order(amount=Decimal("50.00"))
    holder.stage.advance(5)

    moves = holder.client.list_transactions(
        holder.account.vendor_id, since=since, until=holder.stage.now() + timedelta(minutes=1)
    )

    by_kind = {move.kind: move for move in moves}
    assert set(by_kind) == {"DEPOSIT", "BUY"}
    assert by_kind["DEPOSIT"].amount == Decimal("5000.00")
    buy = by_kind["BUY"]
    assert (buy.symbol, buy.vendor_kind) == ("DIS", "SPUR")
    assert buy.balance == Decimal("5000.00") + buy.amount
    assert buy.amount < 0 < buy.quantity


def test_how_a_security_trades_and_what_it_costs(stage: Stage) -> None:
    client = DriveWealth()

    terms = client.get_security("DIS")
    (quote,) = client.list_quotes(["DIS"])

    assert (terms.symbol, terms.status, terms.settlement_days) == ("DIS", "ACTIVE", 1)
    assert terms.order_step == Decimal("0.00000001")
    assert quote.bid is not None
    assert quote.ask is not None
    assert quote.bid < quote.price < quote.ask
    assert not quote.halted
    with pytest.raises(Rejected) as refusal:
        client.get_security("NOSUCH")
    assert refusal.value.code == "I050"


# --- manage.py try_broker -----------------------------------------------------------------------


def try_broker(*arguments: str) -> str:
    out = StringIO()
    call_command("try_broker", *arguments, stdout=out)
    return out.getvalue()


def test_trying_the_broker_reads_and_changes_nothing(stage: Stage, settings: Any) -> None:
    told = try_broker("--symbol", "dis")

    assert settings.DRIVEWEALTH_BASE_URL in told
    assert told.count("works:") == 3
    assert set(stage.state()["calls"]) == {
        "POST /auth/tokens", "GET /instruments/<instrument_id>", "GET /quotes",
    }  # fmt: skip


def test_trying_the_broker_says_what_does_not_work_and_no_secret(
    stage: Stage, settings: Any
) -> None:
    settings.DRIVEWEALTH_CLIENT_SECRET = "not-the-secret"
    out = StringIO()

    with pytest.raises(CommandError, match="sign in"):
        call_command("try_broker", stdout=out)

    assert "credentials" in out.getvalue()
    assert "not-the-secret" not in out.getvalue()


def test_trying_an_unknown_symbol_tells_the_refusal(stage: Stage) -> None:
    out = StringIO()

    with pytest.raises(CommandError, match="security NOSUCH, quote NOSUCH"):
        call_command("try_broker", "--symbol", "nosuch", stdout=out)

    assert "refused: I050" in out.getvalue()
