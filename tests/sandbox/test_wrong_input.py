"""Requests DriveWealth refuses, each with its code and the field at fault."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from sandbox.server import running
from tests.sandbox.partner import (
    MONDAY_NOON,
    Family,
    Partner,
    adult_documents,
    bank_account,
    changed,
    child_documents,
    custodial_account,
)


@pytest.fixture(scope="module")
def partner() -> Iterator[Partner]:
    """One sandbox for all of these: whatever is refused leaves nothing behind."""
    with running(start_at=MONDAY_NOON) as box:
        yield Partner(box)


@pytest.fixture
def family(partner: Partner) -> Family:
    return partner.family()


def refused(response: requests.Response, code: str, field: str = "", status: int = 400) -> None:
    assert response.status_code == status, response.text
    body = response.json()
    assert body["errorCode"] == code, body
    assert body["message"]
    assert response.headers["dw-request-id"].startswith("request_")
    if field:
        assert body["errorDetails"]["field"] == field, body


@pytest.mark.parametrize(
    ("type_", "fields", "code", "field"),
    [
        ("BASIC_INFO", {"firstName": None}, "E032", "firstName"),
        ("BASIC_INFO", {"phone": None}, "E032", "phone"),
        ("BASIC_INFO", {"country": "US"}, "E033", "country"),
        ("BASIC_INFO", {"language": "tlh"}, "E033", "language"),
        ("IDENTIFICATION_INFO", {"value": "123-45-6789"}, "E033", "value"),
        ("IDENTIFICATION_INFO", {"value": 123456789}, "E032", "value"),
        ("IDENTIFICATION_INFO", {"type": "LIBRARY_CARD"}, "E033", "type"),
        ("PERSONAL_INFO", {"birthYear": "1988"}, "E032", "birthYear"),
        ("PERSONAL_INFO", {"birthMonth": 2, "birthDay": 30}, "E033", "birthDay"),
        ("PERSONAL_INFO", {"birthYear": 2030}, "E033", "birthYear"),
        ("PERSONAL_INFO", {"politicallyExposedNames": None}, "E032", "politicallyExposedNames"),
        ("ADDRESS_INFO", {"street1": "P.O. Box 12"}, "E033", "street1"),
        ("ADDRESS_INFO", {"postalCode": "8608"}, "E033", "postalCode"),
        ("ADDRESS_INFO", {"province": "New Jersey"}, "E033", "province"),
        ("EMPLOYMENT_INFO", {"type": None}, "E032", "company"),
        ("EMPLOYMENT_INFO", {"broker": None}, "E032", "broker"),
        ("INVESTOR_PROFILE_INFO", {"investmentExperience": "MODERATE"}, "E033", ""),
        ("INVESTOR_PROFILE_INFO", {"annualIncome": "80000"}, "E032", "annualIncome"),
        ("DISCLOSURES", {"rule14b": "yes"}, "E032", "rule14b"),
        ("DISCLOSURES", {"signedBy": ""}, "E032", "signedBy"),
    ],
)
def test_an_application_with_a_wrong_field_is_refused(
    partner: Partner, type_: str, fields: dict[str, Any], code: str, field: str
) -> None:
    documents = changed(adult_documents(), type_, **fields)
    before = partner.state()["users"]

    answer = partner.call(
        "POST", "/users", {"userType": "INDIVIDUAL_TRADER", "documents": documents}
    )

    refused(answer, code, field)
    assert partner.state()["users"] == before


@pytest.mark.parametrize("missing", range(7))
def test_an_application_without_a_required_document_is_refused(
    partner: Partner, missing: int
) -> None:
    documents = adult_documents()
    del documents[missing]

    body = {"userType": "INDIVIDUAL_TRADER", "documents": documents}

    refused(partner.call("POST", "/users", body), "U040", "documents")


def test_a_child_must_be_a_minor_with_an_adult_custodian(family: Family) -> None:
    partner = family.partner

    def create(documents: Any) -> requests.Response:
        return partner.call("POST", "/users", {"userType": "CUSTODIAL", "documents": documents})

    grown = changed(child_documents(family.parent_id), "PERSONAL_INFO", birthYear=2008)
    grown = changed(grown, "PERSONAL_INFO", birthMonth=5)
    refused(create(grown), "E033", "birthYear")
    refused(create(child_documents(family.child_id)), "E033", "userID")
    refused(create(child_documents("nobody")), "U050", status=404)
    refused(create(child_documents(family.parent_id)[:-1]), "U040", "documents")


def test_a_username_is_given_once(partner: Partner) -> None:
    body = {
        "userType": "INDIVIDUAL_TRADER",
        "documents": adult_documents(),
        "username": "maria",
    }
    partner.ok("POST", "/users", body)

    refused(partner.call("POST", "/users", body), "U010", "username")


def test_only_an_approved_child_gets_one_custodial_account(family: Family) -> None:
    partner = family.partner

    def create(user_id: str, **more: Any) -> requests.Response:
        return partner.call("POST", "/accounts", custodial_account(user_id, **more))

    refused(create(family.parent_id), "A015", "accountManagementType")
    refused(create(family.child_id, accountManagementType="SELF"), "A015")
    refused(create(family.child_id, tradingType="MARGIN"), "A020", "tradingType")
    refused(create(family.child_id, accountType="DEMO"), "E033", "accountType")
    refused(create(family.child_id), "E075", "userID")
    refused(create("nobody"), "U050", status=404)
    unverified = partner.ok(
        "POST",
        "/users",
        {"userType": "CUSTODIAL", "documents": child_documents(family.parent_id)},
    )
    refused(create(unverified["id"]), "A035", "userID")


@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({"amount": 0.99}, "Y044", "amount"),
        ({"amount": 0}, "E033", "amount"),
        ({"amount": -5}, "E033", "amount"),
        ({"amount": 10.001}, "E033", "amount"),
        ({"amount": "10.00"}, "E032", "amount"),
        ({"amount": None}, "E032", "amount"),
        ({"type": "WIRE"}, "E033", "type"),
        ({"currency": "EUR"}, "E033", "currency"),
        ({"bankAccountID": "bank_none"}, "K050", "bankAccountID"),
        ({"bankAccountID": None}, "E032", "bankAccountID"),
        ({"accountNo": "SBXX999999"}, "A050", ""),
        ({"metadata": {str(key): "x" for key in range(6)}}, "E033", "metadata"),
        ({"metadata": {"k" * 37: "x"}}, "E033", "metadata"),
        ({"metadata": {"k": "x" * 129}}, "E033", "metadata"),
    ],
)
def test_a_wrong_deposit_is_refused(
    family: Family, fields: dict[str, Any], code: str, field: str
) -> None:
    answer = family.partner.call("POST", "/funding/deposits", family.deposit_body(**fields))

    refused(answer, code, field, status=404 if code == "A050" else 400)
    assert family.partner.state()["deposits"] == []


def test_a_deposit_from_a_strangers_bank_account_is_refused(family: Family) -> None:
    stranger = family.partner.create_parent(firstName="Otto")
    body = family.deposit_body(bankAccountID=family.partner.link_bank(stranger))

    refused(family.partner.call("POST", "/funding/deposits", body), "K050", "bankAccountID")


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({}, "O015"),
        ({"quantity": 1, "amountCash": 5}, "O015"),
        ({"quantity": 0}, "O015"),
        ({"amountCash": -1}, "O015"),
        ({"amountCash": 5.001}, "E033"),
        ({"quantity": 0.000000001}, "E033"),
        ({"amountCash": 5, "orderType": "ICEBERG"}, "O005"),
        ({"amountCash": 5, "side": "HOLD"}, "O006"),
        ({"amountCash": 5, "symbol": "NOSUCH"}, "I050"),
        ({"amountCash": 5, "symbol": "TESTHALT"}, "O099"),
        ({"amountCash": 5, "symbol": "TESTCLOSE"}, "O099"),
        ({"amountCash": 5, "symbol": "TESTGONE"}, "O099"),
        ({"quantity": 1, "orderType": "LIMIT"}, "O011"),
        ({"quantity": 1, "orderType": "STOP"}, "O010"),
        ({"quantity": 1, "orderType": "MARKET_IF_TOUCHED"}, "O017"),
        ({"quantity": 1, "timeInForce": "SOON"}, "O018"),
        ({"amountCash": 5, "accountNo": "SBXX999999"}, "A050"),
    ],
)
def test_a_wrong_order_is_refused(family: Family, fields: dict[str, Any], code: str) -> None:
    answer = family.partner.call("POST", "/orders", family.order_body(**fields))

    refused(answer, code, status=404 if code in ("I050", "A050") else 400)
    assert family.partner.state()["orders"] == []


def test_orders_are_taken_on_open_unrestricted_accounts_only(family: Family) -> None:
    partner, path = family.partner, f"/accounts/{family.account_id}"
    order = family.order_body(amountCash=5)

    partner.ok("PATCH", path, {"restricted": True})
    refused(partner.call("POST", "/orders", order), "A051", status=403)
    partner.ok("PATCH", path, {"restricted": False, "status": "FROZEN"})
    refused(partner.call("POST", "/orders", order), "O098")
    refused(partner.call("POST", "/funding/deposits", family.deposit_body()), "A055")


@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({"bankRoutingNumber": "12345678"}, "K075", "bankRoutingNumber"),
        ({"bankAccountNumber": "12AB"}, "K075", "bankAccountNumber"),
        ({"bankAccountType": "PIGGY"}, "E033", "bankAccountType"),
        ({"plaidProcessorToken": "made-up"}, "K110", "plaidProcessorToken"),
    ],
)
def test_a_wrong_bank_account_is_refused(
    partner: Partner, fields: dict[str, Any], code: str, field: str
) -> None:
    user_id = partner.create_parent()

    answer = partner.call("POST", "/bank-accounts", bank_account(user_id, **fields))

    refused(answer, code, field)


def test_a_bank_account_is_masked_listed_and_unlinked(partner: Partner) -> None:
    user_id = partner.create_parent()
    bank = partner.ok("POST", "/bank-accounts", bank_account(user_id))
    plaid = {"userID": user_id, "plaidProcessorToken": "processor-sandbox-1"}
    partner.ok("POST", "/bank-accounts", plaid)

    assert bank["bankAccountDetails"]["bankAccountNumber"] == "****6789"
    assert len(partner.get(f"/users/{user_id}/bank-accounts")) == 2
    partner.ok("DELETE", f"/bank-accounts/{bank['id']}")
    assert len(partner.get(f"/users/{user_id}/bank-accounts")) == 1
    refused(partner.call("GET", f"/bank-accounts/{bank['id']}"), "K050", status=404)


def test_bodies_that_are_no_json_objects_are_refused(partner: Partner) -> None:
    url = f"{partner.box.drivewealth_url}/back-office/users"
    for body, code in ((b"", "E010"), (b"{", "E025"), (b"[]", "E025"), (b'{"a": NaN}', "E025")):
        refused(partner.http.post(url, data=body, timeout=5), code)


@pytest.mark.parametrize("number", ["1e400", "1e999999999", "1" + "0" * 60, "1e-300"])
def test_numbers_out_of_this_world_are_refused(family: Family, number: str) -> None:
    text = json.dumps(family.deposit_body()).replace("100.0", number)
    url = f"{family.partner.box.drivewealth_url}/back-office/funding/deposits"

    answer = family.partner.http.post(url, data=text, timeout=5)

    assert answer.status_code == 400
    assert answer.json()["errorCode"] in ("E025", "E033")


@pytest.mark.parametrize(
    "path", ["/users/x", "/accounts/x", "/orders/x", "/funding/deposits/x", "/instruments/X1", "/x"]
)
def test_what_does_not_exist_is_not_found(partner: Partner, path: str) -> None:
    assert partner.call("GET", path).status_code == 404


def test_reports_insist_on_a_period(family: Family) -> None:
    path = f"/accounts/{family.account_id}"

    refused(family.partner.call("GET", f"{path}/transactions"), "E030", "from")
    refused(family.partner.call("GET", f"{path}/reports/order-history?from=x"), "E030", "from")


def test_a_wrong_app_key_is_answered_in_plain_text(partner: Partner) -> None:
    url = f"{partner.box.drivewealth_url}/back-office/instruments"

    wrong = requests.get(url, headers={"dw-client-app-key": "nope"}, timeout=5)
    refused(requests.get(url, timeout=5), "H050")

    assert wrong.status_code == 400
    assert wrong.text == "Client App Key header invalid. Contact tech support."


def test_a_request_must_be_of_about_now(partner: Partner) -> None:
    url = f"{partner.box.drivewealth_url}/back-office/quotes?symbols=KO"

    def get(at: datetime) -> requests.Response:
        return partner.http.get(url, headers={"dw-request-timestamp": at.isoformat()}, timeout=5)

    assert get(MONDAY_NOON - timedelta(days=3)).status_code == 200
    refused(get(MONDAY_NOON - timedelta(days=5)), "E005")
    refused(get(datetime(2027, 1, 1, tzinfo=UTC)), "E006")
