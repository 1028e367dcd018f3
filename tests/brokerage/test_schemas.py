"""DriveWealth's documents to the letter, and every shape its answers come in."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.choices import EmploymentStatus, Experience, Objective, RiskTolerance
from brokerage.drivewealth import identity, schemas
from brokerage.gateway import Address, Unavailable
from brokerage.models import BrokerAccount, BrokerUser, Deposit, Instrument, Order
from tests.brokerage.people import custodian, minor

Json = dict[str, Any]
CENTS = st.decimals("0", "9999999", places=2)


def data(body: Json, type_: str) -> Json:
    (found,) = [item["data"] for item in body["documents"] if item["type"] == type_]
    return dict(found)


# --- writing ------------------------------------------------------------------------------------


def test_a_custodian_is_written_as_an_individual_trader() -> None:
    assert identity.write_custodian(custodian()) == {
        "userType": "INDIVIDUAL_TRADER",
        "documents": [
            {
                "type": "BASIC_INFO",
                "data": {
                    "firstName": "Pat",
                    "lastName": "Sample",
                    "country": "USA",
                    "phone": "13035550123",
                    "emailAddress": "pat@family.example",
                    "language": "en_US",
                },
            },
            {
                "type": "IDENTIFICATION_INFO",
                "data": {
                    "value": "123456789",
                    "type": "SSN",
                    "citizenship": "USA",
                    "usTaxPayer": True,
                },
            },
            {
                "type": "PERSONAL_INFO",
                "data": {
                    "birthDay": 15,
                    "birthMonth": 6,
                    "birthYear": 1985,
                    "politicallyExposedNames": "NULL",
                },
            },
            {
                "type": "ADDRESS_INFO",
                "data": {
                    "street1": "1 Sample Street",
                    "street2": "Unit 2",
                    "city": "Denver",
                    "province": "CO",
                    "postalCode": "80202",
                    "country": "USA",
                },
            },
            {
                "type": "EMPLOYMENT_INFO",
                "data": {
                    "status": "EMPLOYED",
                    "broker": False,
                    "directorOf": "NULL",
                    "company": "Sample Works",
                    "type": "EDUCATION",
                },
            },
            {
                "type": "INVESTOR_PROFILE_INFO",
                "data": {
                    "investmentExperience": "YRS_1_2",
                    "annualIncome": 90000,
                    "networthTotal": 150000,
                    "networthLiquid": 40000,
                    "riskTolerance": "MODERATE",
                    "investmentObjectives": "GROWTH",
                },
            },
            {
                "type": "DISCLOSURES",
                "data": {
                    "termsOfUse": True,
                    "customerAgreement": True,
                    "marketDataAgreement": True,
                    "rule14b": True,
                    "privacyPolicy": True,
                    "dataSharing": True,
                    "signedBy": "Pat Sample",
                },
            },
        ],
    }


def test_a_child_is_written_as_custodial_with_its_custodian() -> None:
    body = identity.write_minor(minor("user-1"))

    assert body["userType"] == "CUSTODIAL"
    assert [item["type"] for item in body["documents"]] == [
        "BASIC_INFO", "IDENTIFICATION_INFO", "PERSONAL_INFO", "ADDRESS_INFO", "CUSTODIAN_INFO",
    ]  # fmt: skip
    assert data(body, "CUSTODIAN_INFO") == {"userID": "user-1"}
    assert data(body, "IDENTIFICATION_INFO")["value"] == "234567891"
    assert data(body, "PERSONAL_INFO")["birthYear"] == 2019


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("NONE", "NONE"),
        ("YEARS_1_2", "YRS_1_2"),
        ("YEARS_3_5", "YRS_3_5"),
        ("YEARS_5_10", "YRS_5_10"),
        ("YEARS_10", "YRS_10_"),
    ],
)
def test_experience_is_written_in_the_brokers_words(ours: str, theirs: str) -> None:
    body = identity.write_custodian(custodian(investment_experience=ours))

    assert data(body, "INVESTOR_PROFILE_INFO")["investmentExperience"] == theirs


def test_every_answer_our_form_offers_has_a_word_at_the_broker() -> None:
    theirs = {
        "status": {"EMPLOYED", "RETIRED", "STUDENT", "UNEMPLOYED", "SELF_EMPLOYED"},
        "risk": {"LOW", "MODERATE", "SPECULATION", "HIGH"},
        "objective": {"CAPITAL_PRESERVATION", "GROWTH", "INCOME", "SPECULATION", "NEW"},
    }

    assert set(Experience) == set(identity.EXPERIENCE)
    assert {choice.value for choice in EmploymentStatus} <= theirs["status"]
    assert {choice.value for choice in RiskTolerance} <= theirs["risk"]
    assert {choice.value for choice in Objective} <= theirs["objective"]


@pytest.mark.parametrize("status", ["RETIRED", "STUDENT", "UNEMPLOYED"])
def test_who_has_no_employer_names_none(status: str) -> None:
    body = identity.write_custodian(custodian(employment_status=status))

    assert data(body, "EMPLOYMENT_INFO") == {
        "status": status, "broker": False, "directorOf": "NULL",
    }  # fmt: skip


def test_names_that_are_given_are_sent_as_given() -> None:
    body = identity.write_custodian(
        custodian(politically_exposed="An Uncle", director_of="ACME", works_at_broker=True)
    )

    assert data(body, "PERSONAL_INFO")["politicallyExposedNames"] == "An Uncle"
    assert data(body, "EMPLOYMENT_INFO") | {"directorOf": "ACME", "broker": True} == data(
        body, "EMPLOYMENT_INFO"
    )


@given(
    first=st.text(min_size=1, max_size=36),
    last=st.text(min_size=1, max_size=36),
    born=st.dates(date(1900, 1, 1), date(2026, 1, 1)),
    state=st.sampled_from(["CO", "NY", "CA"]),
)
def test_a_person_is_written_without_loss(first: str, last: str, born: date, state: str) -> None:
    home = Address("1 Sample Street", "", "Denver", state, "80202-1234")

    body = identity.write_custodian(
        custodian(first_name=first, last_name=last, date_of_birth=born, address=home)
    )

    basic, personal = data(body, "BASIC_INFO"), data(body, "PERSONAL_INFO")
    assert (basic["firstName"], basic["lastName"]) == (first, last)
    assert date(personal["birthYear"], personal["birthMonth"], personal["birthDay"]) == born
    assert data(body, "DISCLOSURES")["signedBy"] == f"{first} {last}"
    assert data(body, "ADDRESS_INFO")["province"] == state


# --- reading ------------------------------------------------------------------------------------


def test_all_statuses_of_the_broker_mean_statuses_of_ours() -> None:
    assert set(identity.KYC_STATUS.values()) <= set(BrokerUser.Status)
    assert set(schemas.ACCOUNT_STATUS.values()) <= set(BrokerAccount.Status)
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


@pytest.mark.parametrize(
    "status", [4, -1, 99, "OTHER", "-", "", None, {}, {"message": "New"}, True]
)
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
    state = schemas.read_account(wrap({"id": "a-1", "accountNo": "DWBG1", "status": status}))

    assert (state.id, state.number, state.status) == ("a-1", "DWBG1", "OPEN")


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("NEW", "NEW"), ("PENDING_CANCEL", "NEW"), ("PARTIAL_FILL", "PARTIAL_FILL"),
        ("FILLED", "FILLED"), ("CANCELED", "CANCELED"), ("CANCELLED", "CANCELED"),
        ("REJECTED", "REJECTED"),
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

    state = identity.read_kyc({"kyc": {"status": {"name": "KYC_INFO_REQUIRED"}, "errors": errors}})

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
    assert security.status == "INACTIVE"


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
    ("side", "total", "cost"),
    [
        ("SELL", "100.00", "99.97"),  # before its fees
        ("SELL", "99.97", "99.97"),  # after them
        ("BUY", "100.03", "100.03"),
    ],
)
def test_fees_are_in_what_an_order_cost_or_brought(side: str, total: str, cost: str) -> None:
    order = {
        "id": "AB.1",
        "side": side,
        "status": "FILLED",
        "cumulativeQuantity": Decimal("2.5"),
        "averagePriceRaw": Decimal("40.00"),
        "totalOrderAmount": Decimal(total),
        "fees": Decimal("0.03"),
    }

    assert schemas.read_order(order).cost == Decimal(cost)
    assert not schemas.read_order(order).canceling
    assert schemas.read_order(order | {"status": "PENDING_CANCEL"}).canceling
