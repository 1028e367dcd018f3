"""Each thing we ask DriveWealth, asked of the practice broker over real HTTP."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import uuid4

import pytest

from brokerage.drivewealth.client import DriveWealth
from brokerage.gateway import BankDetails, OrderRequest, Rejected, Unavailable
from tests.brokerage.people import custodian, minor
from tests.stage import Stage

BANK = BankDetails("021000021", "000123456789", "CHECKING", "Household")


@dataclass
class Customer:
    """A custodian, a child, an open account and a bank at the broker, by its identifiers."""

    stage: Stage
    client: DriveWealth
    parent_id: str
    child_id: str
    account_id: str
    number: str
    bank_id: str

    def fund(self, amount: str) -> str:
        deposit = self.client.create_deposit(
            account_number=self.number, bank_id=self.bank_id, amount=Decimal(amount), key=uuid4()
        )
        self.stage.settle_ach()
        return deposit.id


@pytest.fixture
def client(stage: Stage) -> DriveWealth:
    return DriveWealth()


@pytest.fixture
def customer(stage: Stage, client: DriveWealth) -> Customer:
    parent_id = client.create_user(custodian(), key=uuid4())
    stage.advance(5)
    child_id = client.create_user(minor(parent_id), key=uuid4())
    stage.advance(5)
    account = client.create_account(owner_id=child_id, key=uuid4())
    stage.advance(5)
    bank_id = client.create_bank(parent_id, BANK, key=uuid4())
    return Customer(stage, client, parent_id, child_id, account.id, account.number, bank_id)


def test_a_person_is_made_known_and_checked(stage: Stage, client: DriveWealth) -> None:
    user_id = client.create_user(custodian(), key=uuid4())

    assert client.get_kyc(user_id).status == "CHECKING"
    stage.advance(5)
    state = client.get_kyc(user_id)
    assert (state.status, state.vendor_status, state.problems) == ("APPROVED", "KYC_APPROVED", ())


@pytest.mark.parametrize(
    ("last_name", "status", "problems"),
    [
        ("SSN_NOT_MATCH", "NEEDS_INFO", ("ssn",)),
        ("DOB_NOT_MATCH", "NEEDS_INFO", ("date_of_birth",)),
        ("POOR_PHOTO_QUALITY", "NEEDS_DOCUMENT", ("photo_quality",)),
    ],
)
def test_objections_are_told_and_corrections_are_checked_anew(
    stage: Stage, client: DriveWealth, last_name: str, status: str, problems: tuple[str, ...]
) -> None:
    user_id = client.create_user(custodian(last_name=last_name), key=uuid4())
    stage.advance(5)
    state = client.get_kyc(user_id)
    assert (state.status, state.problems) == (status, problems)

    client.update_user(user_id, custodian())
    stage.advance(5)

    assert client.get_kyc(user_id).status == "APPROVED"


def test_an_account_is_opened_and_read(customer: Customer) -> None:
    state = customer.client.get_account(customer.account_id)

    assert (state.id, state.number, state.status) == (
        customer.account_id,
        customer.number,
        "OPEN",
    )
    (held,) = customer.stage.state()["accounts"]
    assert (held["userID"], held["managementType"]) == (customer.child_id, "CUSTODIAL")


def test_an_account_is_pending_at_first(stage: Stage, client: DriveWealth) -> None:
    parent_id = client.create_user(custodian(), key=uuid4())
    stage.advance(5)
    child_id = client.create_user(minor(parent_id), key=uuid4())
    stage.advance(5)

    assert client.create_account(owner_id=child_id, key=uuid4()).status == "PENDING"


def test_an_empty_account_holds_nothing(customer: Customer) -> None:
    cash = customer.client.get_cash(customer.account_id)

    assert (cash.balance, cash.for_trade) == (Decimal("0.00"), Decimal("0.00"))
    assert customer.client.list_positions(customer.account_id) == []


def test_a_deposit_is_made_followed_and_found_again(customer: Customer) -> None:
    client, key = customer.client, uuid4()

    made = client.create_deposit(
        account_number=customer.number, bank_id=customer.bank_id, amount=Decimal("50.10"), key=key
    )
    assert (made.status, made.amount) == ("PENDING", Decimal("50.10"))
    assert client.get_deposit(made.id).status == "PENDING"
    customer.stage.settle_ach()

    read = client.get_deposit(made.id)
    assert (read.status, read.reference) == ("SETTLED", str(key))
    found = client.trace_deposit(customer.account_id, key=key, amount=Decimal("50.10")).found
    assert found is not None
    assert (found.id, found.status, found.reference) == (read.id, read.status, read.reference)
    other = client.trace_deposit(customer.account_id, key=uuid4(), amount=Decimal("50.10"))
    assert (other.found, other.nameless) == (None, ())
    assert client.get_cash(customer.account_id).for_trade == Decimal("50.10")


def test_a_deposit_the_bank_returned_tells_its_reason(customer: Customer) -> None:
    deposit_id = customer.fund("20.00")

    customer.stage.control("POST", f"deposits/{deposit_id}", {"status": "RETURNED", "code": "R10"})

    state = customer.client.get_deposit(deposit_id)
    assert (state.status, state.failure) == ("RETURNED", "R10")


def test_an_order_is_placed_filled_and_found_again(customer: Customer) -> None:
    customer.fund("50.00")
    client, key, since = customer.client, uuid4(), customer.stage.now()

    placed = client.create_order(
        OrderRequest(customer.number, "DIS", amount=Decimal("50.00")), key=key
    )
    assert (placed.status, placed.quantity) == ("NEW", Decimal(0))
    customer.stage.advance(5)

    order = client.get_order(placed.id)
    assert (order.status, order.number) == ("FILLED", placed.number)
    assert order.average_price is not None
    assert 0 < order.cost <= Decimal("50.00")
    assert abs(order.quantity * order.average_price - order.cost) < Decimal("0.01")
    assert order.executed_at is not None
    until = since + timedelta(hours=1)
    trace = partial(client.trace_order, customer.account_id, symbol="DIS", since=since)
    assert trace(key=key, until=until).found == order
    other = trace(key=uuid4(), until=until)
    assert (other.found, other.nameless) == (None, ())
    (position,) = client.list_positions(customer.account_id)
    assert (position.symbol, position.quantity) == ("DIS", order.quantity)
    assert position.cost_basis == order.cost


def test_an_order_that_rests_is_found_too(customer: Customer) -> None:
    customer.fund("50.00")
    customer.stage.go_to("next-market-close")
    key, since = uuid4(), customer.stage.now()
    placed = customer.client.create_order(
        OrderRequest(customer.number, "DIS", amount=Decimal("50.00")), key=key
    )

    found = customer.client.trace_order(
        customer.account_id, key=key, symbol="DIS", since=since, until=customer.stage.now()
    ).found

    assert found is not None
    assert (found.id, found.status) == (placed.id, "NEW")


def test_the_same_key_is_one_deposit_and_one_order(customer: Customer) -> None:
    client, deposit_key, order_key = customer.client, uuid4(), uuid4()

    deposits = {
        client.create_deposit(
            account_number=customer.number,
            bank_id=customer.bank_id,
            amount=Decimal("50.00"),
            key=deposit_key,
        ).id
        for _time in range(2)
    }
    customer.stage.settle_ach()
    orders = {
        client.create_order(
            OrderRequest(customer.number, "DIS", amount=Decimal("20.00")), key=order_key
        ).id
        for _time in range(2)
    }

    state = customer.stage.state()
    assert (len(deposits), len(state["deposits"])) == (1, 1)
    assert (len(orders), len(state["orders"])) == (1, 1)


def test_the_catalogue_and_quotes_are_read(client: DriveWealth) -> None:
    securities = {row.symbol: row for row in client.list_securities()}
    quotes = {quote.symbol: quote.price for quote in client.list_quotes(["DIS", "TESTFLAT"])}

    assert (securities["DIS"].kind, securities["VOO"].kind) == ("STOCK", "ETF")
    assert "TESTGONE" not in securities
    assert quotes["TESTFLAT"] == Decimal("32.00")


def test_a_refusal_carries_code_our_sentence_and_our_fields(customer: Customer) -> None:
    client = customer.client

    with pytest.raises(Rejected) as small:
        client.create_deposit(
            account_number=customer.number,
            bank_id=customer.bank_id,
            amount=Decimal("0.50"),
            key=uuid4(),
        )
    with pytest.raises(Rejected) as unknown:
        client.get_order("no-such-order")
    with pytest.raises(Rejected) as person:
        client.create_user(custodian(ssn="12345"), key=uuid4())

    assert (small.value.code, small.value.reason) == (
        "Y044",
        "The amount is below the broker's minimum.",
    )
    assert unknown.value.code == "O050"
    assert unknown.value.reason == "The broker did not accept this."
    assert person.value.problems == ("ssn",)
    assert "12345" not in str(person.value)


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "status", "status": 500},
        {"kind": "status", "status": 503},
        {"kind": "html", "status": 502},
        {"kind": "malformed"},
        {"kind": "drop-before"},
        {"kind": "drop-after"},
        {"kind": "429"},
    ],
    ids=lambda fault: fault["kind"],
)
def test_a_troubled_wire_is_no_answer_and_a_repeat_with_the_same_key_is_safe(
    customer: Customer, fault: dict[str, object]
) -> None:
    key = uuid4()
    customer.stage.fault(method="POST", path="*/funding/deposits", times=1, **fault)

    def deposit() -> str:
        return customer.client.create_deposit(
            account_number=customer.number,
            bank_id=customer.bank_id,
            amount=Decimal("50.00"),
            key=key,
        ).id

    with pytest.raises(Unavailable):
        deposit()
    made = deposit()

    assert [row["id"] for row in customer.stage.state()["deposits"]] == [made]


def test_a_late_answer_is_no_answer(customer: Customer, settings: Any) -> None:
    settings.VENDOR_TIMEOUT = (1, 0.2)
    customer.stage.fault(path="*/quotes", kind="delay", seconds=1)

    with pytest.raises(Unavailable, match="ReadTimeout"):
        customer.client.list_quotes(["DIS"])


def test_after_repeated_failures_the_broker_is_left_in_peace(
    stage: Stage, client: DriveWealth
) -> None:
    client.list_quotes(["DIS"])
    stage.fault(path="*/quotes", kind="status", times=None)

    reasons = []
    for _attempt in range(8):
        with pytest.raises(Unavailable) as error:
            client.list_quotes(["DIS"])
        reasons.append(error.value.reason)

    assert [reason for reason in reasons if "resting" in reason] == reasons[4:]
