"""The other party: a broker's partner with nothing but HTTP, and the family it serves."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import requests

from sandbox.server import Box

# Monday 1 June 2026, 12:00 in New York: the exchange and the banks are open.
MONDAY_NOON = datetime(2026, 6, 1, 16, 0, tzinfo=UTC)
SSN = "123456789"
Json = Any


def adult_documents() -> list[Json]:
    return [
        document(
            "BASIC_INFO",
            firstName="Maria",
            lastName="Rivera",
            country="USA",
            phone="2125550123",
            emailAddress="maria@example.com",
        ),
        document("IDENTIFICATION_INFO", value=SSN, type="SSN", citizenship="USA"),
        document(
            "PERSONAL_INFO",
            birthDay=4,
            birthMonth=7,
            birthYear=1988,
            politicallyExposedNames="NULL",
        ),
        document(
            "ADDRESS_INFO",
            street1="12 Elm Street",
            city="Trenton",
            province="NJ",
            postalCode="08608",
            country="USA",
        ),
        document(
            "EMPLOYMENT_INFO",
            status="EMPLOYED",
            broker=False,
            directorOf="NULL",
            type="EDUCATION",
            position="TEACHER",
        ),
        document(
            "INVESTOR_PROFILE_INFO",
            investmentExperience="YRS_1_2",
            annualIncome=80000,
            networthTotal=120000,
            networthLiquid=20000,
            riskTolerance="LOW",
            investmentObjectives="GROWTH",
        ),
        document(
            "DISCLOSURES",
            termsOfUse=True,
            customerAgreement=True,
            marketDataAgreement=True,
            rule14b=True,
            privacyPolicy=True,
            dataSharing=True,
            signedBy="Maria Rivera",
        ),
    ]


def child_documents(custodian_id: str) -> list[Json]:
    return [
        document("BASIC_INFO", firstName="Leo", lastName="Rivera", country="USA"),
        document("IDENTIFICATION_INFO", value="987654321", type="SSN", citizenship="USA"),
        document(
            "PERSONAL_INFO",
            birthDay=9,
            birthMonth=3,
            birthYear=2018,
            politicallyExposedNames="NULL",
        ),
        document(
            "ADDRESS_INFO",
            street1="12 Elm Street",
            city="Trenton",
            province="NJ",
            postalCode="08608",
            country="USA",
        ),
        document("CUSTODIAN_INFO", userID=custodian_id),
    ]


def document(type_: str, **data: Json) -> Json:
    return {"type": type_, "data": data}


def changed(documents: list[Json], type_: str, **data: Json) -> list[Json]:
    """Return the documents with fields of one of them set, or dropped where None."""
    result = []
    for item in documents:
        merged = item["data"] | data if item["type"] == type_ else item["data"]
        kept = {key: value for key, value in merged.items() if value is not None}
        result.append({"type": item["type"], "data": kept})
    return result


class Partner:
    """Speaks to one sandbox over one kept-alive connection. Numbers come back as Decimals."""

    def __init__(self, box: Box) -> None:
        self.box = box
        self.http = requests.Session()
        self.http.trust_env = False
        self.http.headers["dw-client-app-key"] = "sandbox-app-key"
        self.log_in()

    def log_in(self) -> None:
        self.http.headers.pop("Authorization", None)
        token = self.ok(
            "POST",
            "/auth/tokens",
            {"clientID": "sandbox-client", "clientSecret": "sandbox-secret"},
        )
        self.http.headers["Authorization"] = f"Bearer {token['access_token']}"

    def call(
        self, method: str, path: str, body: Json = None, key: str | None = None
    ) -> requests.Response:
        return self.http.request(
            method,
            f"{self.box.drivewealth_url}/back-office{path}",
            data=None if body is None else json.dumps(body),
            headers={} if key is None else {"Idempotency-Key": key},
            timeout=10,
        )

    def ok(self, method: str, path: str, body: Json = None, key: str | None = None) -> Json:
        response = self.call(method, path, body, key)
        assert response.status_code == 200, response.text
        return json.loads(response.text, parse_float=Decimal)

    def get(self, path: str) -> Json:
        return self.ok("GET", path)

    def control(self, path: str, body: Json = None, method: str = "POST") -> Json:
        response = self.http.request(
            method, f"{self.box.url}/_sandbox{path}", json=body, timeout=20
        )
        assert response.status_code == 200, response.text
        return json.loads(response.text, parse_float=Decimal)

    def wait(self, seconds: float) -> None:
        """Let world time pass."""
        self.control("/clock", {"advanceSeconds": seconds})

    def go_to(self, landmark: str) -> None:
        self.control("/clock", {"to": landmark})

    def state(self) -> Json:
        return self.control("/state", method="GET")

    def events(self, type_: str = "") -> list[Json]:
        rows = self.control("/events?limit=1000", method="GET")["events"]
        return [row["event"] for row in rows if type_ in ("", row["event"]["type"])]

    def create_parent(self, **basic: str) -> str:
        documents = changed(adult_documents(), "BASIC_INFO", **basic)
        user = self.ok("POST", "/users", {"userType": "INDIVIDUAL_TRADER", "documents": documents})
        self.wait(3)
        return str(user["id"])

    def create_child(self, parent_id: str) -> str:
        body = {"userType": "CUSTODIAL", "documents": child_documents(parent_id)}
        user = self.ok("POST", "/users", body)
        self.wait(3)
        return str(user["id"])

    def open_account(self, child_id: str) -> Json:
        account = self.ok("POST", "/accounts", custodial_account(child_id))
        self.wait(3)
        return self.get(f"/accounts/{account['id']}")["account"]

    def link_bank(self, user_id: str) -> str:
        bank = self.ok("POST", "/bank-accounts", bank_account(user_id))
        return str(bank["id"])

    def family(self) -> Family:
        parent_id = self.create_parent()
        child_id = self.create_child(parent_id)
        account = self.open_account(child_id)
        return Family(self, parent_id, child_id, account, self.link_bank(parent_id))

    def funded_family(self, amount: str = "100.00") -> Family:
        """Return a family with cash in its account, at an hour the market is open."""
        family = self.family()
        family.deposit(amount)
        self.wait(7 * 86_400)
        self.log_in()
        assert family.cash() == Decimal(amount)
        return family


class Family:
    """A parent, a child, the child's account and the parent's bank."""

    def __init__(
        self, partner: Partner, parent_id: str, child_id: str, account: Json, bank_id: str
    ) -> None:
        self.partner = partner
        self.parent_id = parent_id
        self.child_id = child_id
        self.account_id = str(account["id"])
        self.account_no = str(account["accountNo"])
        self.bank_id = bank_id

    def deposit_body(self, dollars: str = "100.00", /, **more: Json) -> Json:
        return {
            "accountNo": self.account_no,
            "amount": float(dollars),
            "currency": "USD",
            "type": "ACH",
            "bankAccountID": self.bank_id,
        } | more

    def deposit(self, amount: str = "100.00", key: str | None = None) -> Json:
        body = self.deposit_body(amount)
        return self.partner.ok("POST", "/funding/deposits", body, key or str(uuid.uuid4()))

    def deposit_status(self, deposit_id: str) -> str:
        deposit = self.partner.get(f"/funding/deposits/{deposit_id}")
        return str(deposit["status"]).replace("_", " ").title()

    def order_body(self, **more: Json) -> Json:
        order = {"accountNo": self.account_no, "orderType": "MARKET", "side": "BUY"}
        return order | {"symbol": "DIS"} | more

    def order(self, **more: Json) -> str:
        body = self.order_body(**more)
        return str(self.partner.ok("POST", "/orders", body, str(uuid.uuid4()))["orderId"])

    def see_order(self, order_id: str) -> Json:
        return self.partner.get(f"/orders/{order_id}")

    def money(self) -> Json:
        return self.partner.get(f"/accounts/{self.account_id}/summary/money")["cash"]

    def cash(self) -> Decimal:
        return Decimal(self.money()["cashBalance"])

    def positions(self) -> Json:
        summary = self.partner.get(f"/accounts/{self.account_id}/summary/positions")
        return summary["equityPositions"]


def custodial_account(user_id: str, **more: Json) -> Json:
    account = {"userID": user_id, "accountType": "LIVE", "tradingType": "CASH"}
    return account | {"accountManagementType": "CUSTODIAL"} | more


def bank_account(user_id: str, **more: Json) -> Json:
    return {
        "userID": user_id,
        "bankAccountNumber": "000123456789",
        "bankRoutingNumber": "021000021",
        "bankAccountNickname": "Household",
        "bankAccountType": "CHECKING",
    } | more
