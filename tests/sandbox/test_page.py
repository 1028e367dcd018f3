"""The control page: plain forms that show and move the world, without a script."""

from __future__ import annotations

from decimal import Decimal
from html.parser import HTMLParser
from typing import Any

import pytest
import requests

from tests.sandbox.partner import Family, Partner


class Forms(HTMLParser):
    """Reads a page's forms as a browser would send them untouched: address and fields."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self._select = ""
        self._chosen = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self.found.append((str(given["action"]), {}))
        elif tag == "input":
            self.fields[str(given["name"])] = given.get("value") or ""
        elif tag == "select":
            self._select, self._chosen = str(given["name"]), False
        elif tag == "option":
            self._option(given)

    def _option(self, given: dict[str, str | None]) -> None:
        first = self._select not in self.fields
        if "value" in given:
            self.fields.setdefault(self._select, given["value"] or "")
        self._chosen = (first and "value" not in given) or "selected" in given

    def handle_data(self, data: str) -> None:
        if self._chosen:
            self.fields[self._select] = data
            self._chosen = False

    @property
    def fields(self) -> dict[str, str]:
        return self.found[-1][1]


@pytest.fixture
def family(partner: Partner) -> Family:
    family = partner.funded_family("100.00")
    family.order(symbol="DIS", amountCash=40)
    partner.wait(2)
    return family


def page(partner: Partner) -> str:
    return requests.get(f"{partner.box.url}/_sandbox/", timeout=5).text


def send(partner: Partner, address: str, fields: dict[str, str]) -> requests.Response:
    return requests.post(f"{partner.box.url}{address}", data=fields, timeout=5)


def form(partner: Partner, address: str, **changes: str) -> requests.Response:
    """Fill in the page's form that has these fields, and send it."""
    fields = next(
        fields
        for action, fields in Forms(page(partner)).found
        if action == f"/_sandbox{address}" and changes.keys() <= fields.keys()
    )
    return send(partner, f"/_sandbox{address}", fields | changes)


def test_the_page_shows_the_world_and_no_script(family: Family) -> None:
    family.partner.control("/next-order", {"symbol": "KO", "outcome": "reject"})
    family.partner.control("/prices", {"symbol": "KO", "price": 55})
    family.partner.control(f"/accounts/{family.account_id}/papers", {"kind": "statement"})
    family.partner.control("/faults", {"kind": "event-drop", "event": "orders.*"})

    text = page(family.partner)

    for shown in (family.account_no, "KO", "55", "Jun 08, 2026 Statement", "orders.*"):
        assert shown in text
    assert "<script" not in text
    assert "****-6789" in text
    assert "123456789" not in text


def test_every_form_works_as_it_stands(family: Family) -> None:
    forms = Forms(page(family.partner)).found
    addresses = {address.removeprefix("/_sandbox") for address, _ in forms}

    assert {"/clock", "/prices", "/corporate-actions", "/next-order", "/faults"} <= addresses
    for address, fields in sorted(forms, key=lambda item: item[0].endswith("reset")):
        if "set" in fields:  # the moment of the page, which the other clock forms leave behind
            continue
        answer = send(family.partner, address, fields)
        assert answer.status_code == 200, (address, fields, answer.text)
        assert answer.url.endswith("/_sandbox/")


def test_the_forms_move_what_they_say(family: Family) -> None:
    partner = family.partner
    [deposit] = partner.state()["deposits"]

    form(partner, f"/deposits/{deposit['id']}", status="RETURNED", code="R10", onBankingDay="40")
    form(partner, f"/accounts/{family.account_id}/cash", amount="2.50")
    form(partner, f"/accounts/{family.account_id}", status="FROZEN", reason="LEGAL_AML")
    form(partner, f"/users/{family.parent_id}/kyc", status="KYC_MANUAL_REVIEW")
    form(partner, "/corporate-actions", type="CASH_DIVIDEND", symbol="DIS", amountPerShare="1")
    form(partner, "/faults", kind="event-late", event="kyc.*", seconds="5")

    state: Any = partner.state()
    assert state["deposits"][0]["scheduled"][0]["code"] == "R10"
    assert (state["accounts"][0]["status"], state["accounts"][0]["statusReason"]) == (
        "FROZEN",
        "LEGAL_AML",
    )
    assert Decimal("62.50") < state["accounts"][0]["cash"] < Decimal("63.00")
    assert state["users"][0]["kycStatus"] == "KYC_MANUAL_REVIEW"
    assert state["faults"][0]["event"] == "kyc.*"


def test_a_form_filled_in_wrongly_is_answered_with_a_sentence(family: Family) -> None:
    answer = form(family.partner, "/prices", symbol="NOSUCH", price="1")

    assert answer.status_code == 404
    assert "instrument" in answer.json()["error"]
