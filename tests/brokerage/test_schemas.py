"""Every shape DriveWealth's answers come in."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brokerage.drivewealth import account_words, kyc, schemas
from brokerage.gateway import Unavailable
from brokerage.models import BrokerAccount, BrokerUser, Deposit, Instrument, Order

pytestmark = pytest.mark.usefixtures("cache_in_memory")
Json = dict[str, Any]
CENTS = st.decimals("0", "9999999", places=2)


def test_all_statuses_of_the_broker_mean_statuses_of_ours() -> None:
    assert set(kyc.KYC_STATUS.values()) <= set(BrokerUser.Status)
    assert set(account_words.ACCOUNT_STATUS.values()) <= set(BrokerAccount.Status)
    assert set(schemas.DEPOSIT_STATUS.values()) <= set(Deposit.Status)
    assert set(schemas.ORDER_STATUS.values()) <= set(Order.Status)
    assert set(schemas.INSTRUMENT_STATUS) == set(Instrument.Status)
    assert set(schemas.DEPOSIT_NUMBERS.values()) == set(schemas.DEPOSIT_STATUS)


DEPOSITS = [
    (0, "STARTED", "PENDING"),
    (1, "PENDING", "PENDING"),
    (14, "APPROVED", "PENDING"),
    (17, "PROCESSING", "PENDING"),
    (16, "ON_HOLD", "ON_HOLD"),
    (4, "OTHER", "ON_HOLD"),
    (2, "SUCCESSFUL", "SETTLED"),
    (3, "FAILED", "FAILED"),
    (15, "REJECTED", "FAILED"),
    (5, "RETURNED", "RETURNED"),
]


@pytest.mark.parametrize(("number", "name", "ours"), DEPOSITS)
def test_a_deposits_status_is_read_in_all_four_shapes(number: int, name: str, ours: str) -> None:
    title = name.replace("_", " ").title()
    shapes: list[Any] = [
        name,
        title,
        number,
        {"id": number, "message": title, "comment": "R01", "updated": "2026-11-16T17:00:00.000Z"},
    ]

    read = [schemas.read_deposit({"id": "d-1", "status": s, "amount": 5}) for s in shapes]

    assert {state.status for state in read} == {ours}
    assert {state.vendor_status for state in read} == {name}


@pytest.mark.parametrize("status", [-1, 99, "-", "", None, {}, {"message": "New"}, True])
def test_a_deposit_status_nobody_told_us_of_is_no_answer(status: Any) -> None:
    if status is True:
        status = {"id": 1}  # an object without its word

    with pytest.raises(Unavailable, match="unknown deposit status"):
        schemas.read_deposit({"id": "d-1", "status": status, "amount": 5})


@given(CENTS)
def test_a_deposits_amount_is_read_to_the_cent(amount: Decimal) -> None:
    state = schemas.read_deposit({"id": "d-1", "status": "PENDING", "amount": amount})

    assert state.amount == amount
    assert state.amount.as_tuple().exponent == -2


def test_a_deposit_tells_reference_and_failure() -> None:
    state = schemas.read_deposit(
        {
            "paymentID": "d-1",
            "status": {"id": 3, "message": "Failed", "comment": "R01"},
            "amount": 50,
            "metadata": {"clientDepositRef": "ref-1"},
        }
    )

    assert (state.id, state.amount) == ("d-1", Decimal("50.00"))
    assert (state.reference, state.failure) == ("ref-1", "R01")


@pytest.mark.parametrize("wrap", [lambda account: account, lambda account: {"account": account}])
@pytest.mark.parametrize("status", ["OPEN", {"name": "OPEN", "description": "x"}, "Open"])
def test_an_account_is_read_flat_and_wrapped(wrap: Any, status: Any) -> None:
    state = account_words.read_account(wrap({"id": "a-1", "accountNo": "DWBG1", "status": status}))

    assert (state.id, state.number, state.status) == ("a-1", "DWBG1", "OPEN")


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("NEW", "NEW"), ("PENDING_CANCEL", "NEW"), ("PARTIAL_FILL", "PARTIAL_FILL"),
        ("FILLED", "FILLED"), ("CANCELED", "CANCELED"), ("CANCELLED", "CANCELED"),
        ("REJECTED", "REJECTED"), ("PENDING", "NEW"), ("SUSPENDED", "NEW"), ("FILL", "FILLED"),
        ("PENDING_NEW", "NEW"), ("EXPIRED", "CANCELED"), ("A", "NEW"), (2, "FILLED"),
        ("C", "CANCELED"),
    ],
)  # fmt: skip
def test_an_orders_status_is_read_in_every_spelling(theirs: str, ours: str) -> None:
    assert schemas.read_order({"id": "o-1", "status": theirs}).status == ours


def test_an_orders_numbers_keep_every_decimal() -> None:
    state = schemas.read_order(
        {
            "id": "o-1",
            "orderNo": "EFXM000103",
            "status": "FILLED",
            "cumulativeQuantity": Decimal("0.44275789"),
            "averagePrice": Decimal("112.92836401"),
            "totalOrderAmount": Decimal("50.00"),
            "lastExecuted": "2026-11-16T17:00:01.239726118Z",
        }
    )

    assert (str(state.quantity), str(state.average_price)) == ("0.44275789", "112.92836401")
    assert state.cost == Decimal("50.00")
    assert state.executed_at == datetime(2026, 11, 16, 17, 0, 1, 239726, tzinfo=UTC)


def test_a_canceled_order_that_filled_in_part_keeps_what_filled() -> None:
    state = schemas.read_order(
        {
            "id": "o-1",
            "status": "CANCELLED",
            "cumulativeQuantity": 3,
            "averagePrice": 10,
            "totalOrderAmount": 30,
        }
    )

    assert (state.status, state.quantity, state.cost) == ("CANCELED", Decimal(3), Decimal("30.00"))


@pytest.mark.parametrize(
    ("message", "failure"),
    [
        ({"errorCode": "O099", "message": "No."}, "No."),
        ("No.", "No."),
        (None, ""),
        ({"errorCode": "O099", "message": None}, ""),
    ],
)
def test_why_an_order_was_rejected_is_read_in_every_shape(message: Any, failure: str) -> None:
    state = schemas.read_order({"id": "o-1", "status": "REJECTED", "statusMessage": message})

    assert (state.failure, state.quantity, state.cost) == (failure, Decimal(0), Decimal(0))


def test_objections_of_the_identity_check_are_told_once_each_in_our_words() -> None:
    errors = [{"name": n} for n in ("SSN_NOT_MATCH", "DOB_NOT_MATCH", "SSN_NOT_MATCH", "NEW_ONE")]

    state = kyc.read_kyc({"kyc": {"status": {"name": "KYC_INFO_REQUIRED"}, "errors": errors}})

    assert state.status == "NEEDS_INFO"
    assert state.problems == ("ssn", "date_of_birth", "other")


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        ({"type": "EQUITY", "instrumentType": "EQUITY"}, "STOCK"),
        ({"type": "ADR", "instrumentType": "EQUITY"}, "OTHER"),
        ({"type": "ETF", "instrumentType": "EQUITY"}, "ETF"),
        ({"type": "ETN", "instrumentType": "EQUITY"}, "ETF"),
        ({"instrumentType": "CRYPTO"}, "OTHER"),
        ({}, "STOCK"),
    ],
)
def test_an_instruments_kind_is_read_from_both_fields(row: Json, kind: str) -> None:
    base = {"id": "i-1", "symbol": "DIS", "name": "Disney", "status": "ACTIVE"}

    assert schemas.read_security(base | row).kind == kind


def test_an_instrument_fits_our_table_whatever_its_name() -> None:
    row = {"id": "i-1", "symbol": "DIS", "name": "x" * 300, "status": "SOMETHING_NEW"}

    security = schemas.read_security(row)

    assert len(security.name) <= 120
    assert security.status == "HALTED"  # a word to wait at


@given(st.decimals("0.00000001", "99999", places=8))
def test_a_price_keeps_eight_decimals(price: Decimal) -> None:
    assert schemas.read_quote({"symbol": "DIS", "lastTrade": price}).price == price


def test_cash_tells_what_is_yet_to_settle_and_when() -> None:
    cash = {"cashBalance": 500, "cashAvailableForTrade": 400, "cashSettlement": []}
    rows = [
        {"utcTime": "2026-11-28T02:30:00.001Z", "cash": 120},  # still the 27th in New York
        {"utcTime": "2026-11-25T14:30:00Z", "cash": Decimal("180.50")},
    ]

    read = schemas.read_cash({"cash": cash | {"cashSettlement": rows}})

    assert read.unsettled == (
        (date(2026, 11, 25), Decimal("180.50")),
        (date(2026, 11, 27), Decimal("120.00")),
    )
    assert (read.settled, read.for_trade) == (Decimal("199.50"), Decimal(400))
    assert schemas.read_cash({"cash": cash | {"cashSettlement": None}}).settled == 500


@pytest.mark.parametrize(
    ("side", "total"),
    [
        ("SELL", "100.00"),
        ("SELL", "-100.00"),  # a sale's may come below zero
        ("SELL", None),  # counted from shares and price
        ("BUY", "100.00"),
        ("BUY", None),
    ],
)
@pytest.mark.parametrize("fees", ["0.03", "-0.03"])
def test_fees_are_told_beside_what_an_order_filled_for(
    side: str, total: str | None, fees: str
) -> None:
    order = {
        "id": "AB.1",
        "side": side,
        "status": "FILLED",
        "cumulativeQuantity": Decimal("2.5"),
        "averagePriceRaw": Decimal("40.00"),
        "totalOrderAmount": None if total is None else Decimal(total),
        "fees": Decimal(fees),
    }

    state = schemas.read_order(order)

    assert (state.cost, state.fees) == (Decimal("100.00"), Decimal("0.03"))
    assert Order(side=side, cost=state.cost, fees=state.fees).net == (
        Decimal("100.03") if side == "BUY" else Decimal("99.97")
    )
    assert not schemas.read_order(order).canceling
    assert schemas.read_order(order | {"status": "PENDING_CANCEL"}).canceling
