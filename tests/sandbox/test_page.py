"""The control page: plain forms that show and move the world, without a script."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from decimal import Decimal
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import requests

from sandbox import presets
from sandbox.server import running
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
        if "value" not in given:
            self._chosen = first or "selected" in given
        elif first or "selected" in given:
            self.fields[self._select] = given["value"] or ""

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


@pytest.mark.slow
def test_every_form_works_as_it_stands(family: Family) -> None:
    forms = Forms(page(family.partner)).found
    addresses = {address.removeprefix("/_sandbox") for address, _ in forms}

    assert {"/clock", "/prices", "/corporate-actions", "/next-order", "/faults"} <= addresses
    for address, fields in sorted(forms, key=lambda item: item[0].endswith("reset")):
        if "set" in fields:  # the moment of the page, which the other clock forms leave behind
            continue
        if (address, fields) not in Forms(page(family.partner)).found:
            continue  # another button has led to where this one is no longer offered
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
    assert "instrument" in answer.text


def press(partner: Partner, label: str, address: str = "") -> requests.Response:
    """Press the first button of this label, as it stands on the page."""
    buttons = re.findall(
        r'<form method="post" action="([^"]+)">((?:(?!</form>).)*)<button[^>]*>([^<]+)</button>',
        page(partner),
        re.DOTALL,
    )
    for action, fields, name in buttons:
        if name == label and address in action:
            values = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', fields))
            return send(partner, action, values)
    raise AssertionError(f"no button {label}")


def offered(partner: Partner) -> set[str]:
    return set(re.findall(r"<button[^>]*>([^<]+)</button>", page(partner)))


def test_one_tap_returns_a_deposit_and_is_then_no_longer_offered(family: Family) -> None:
    partner = family.partner
    assert "Settle it" not in offered(partner)  # it is settled

    answer = press(partner, "Return it with R01")

    [deposit] = partner.state()["deposits"]
    assert (answer.status_code, deposit["status"]) == (200, "RETURNED")
    assert "R01" in str(deposit["comment"])
    assert "Return it with R01" not in offered(partner)


def test_one_tap_settles_a_deposit_under_way(partner: Partner) -> None:
    family = partner.family()
    family.deposit("25.00")

    press(partner, "Settle it")

    assert partner.state()["accounts"][0]["cash"] == 25


def test_one_tap_lets_a_day_a_year_or_a_night_pass(family: Family) -> None:
    partner = family.partner
    before = datetime.fromisoformat(partner.state()["now"])

    press(partner, "A year passes")
    after = datetime.fromisoformat(partner.state()["now"])

    assert timedelta(days=365) <= after - before < timedelta(days=365, minutes=5)
    press(partner, "Next banking day")
    assert partner.control("/clock", method="GET")["bankingDay"]


def test_one_tap_fills_what_waits_for_its_price(partner: Partner) -> None:
    family = partner.funded_family("5000.00")
    family.order(orderType="LIMIT", quantity=2, price=1)
    partner.wait(2)
    assert partner.state()["orders"][0]["status"] == "NEW"

    press(partner, "Fill it")

    [order] = partner.state()["orders"]
    assert (order["status"], order["filled"]) == ("FILLED", 2)
    assert (order["averagePrice"], order["total"]) == (1, 2)
    [account] = partner.state()["accounts"]
    assert account["cash"] == Decimal("5000.00") - order["total"]
    assert account["reserved"] == 0
    assert "Fill it" not in offered(partner)
    partner.wait(10 * 86_400)
    assert partner.state()["orders"][0]["filled"] == 2


@pytest.mark.parametrize(
    ("label", "status"), [("Cancel it", "CANCELED"), ("Reject it", "REJECTED")]
)
def test_one_tap_ends_an_order_that_waits(partner: Partner, label: str, status: str) -> None:
    family = partner.funded_family("5000.00")
    family.order(orderType="LIMIT", quantity=2, price=1)
    partner.wait(2)

    press(partner, label)

    [account] = partner.state()["accounts"]
    assert partner.state()["orders"][0]["status"] == status
    assert (account["cash"], account["reserved"]) == (5000, 0)


def test_an_ended_order_is_not_decided_again(family: Family) -> None:
    [order] = family.partner.state()["orders"]

    answer = send(family.partner, f"/_sandbox/orders/{order['id']}", {"outcome": "fill"})

    assert answer.status_code == 400
    assert "FILLED" in answer.text


def test_people_accounts_and_banks_have_their_buttons(family: Family) -> None:
    partner = family.partner

    press(partner, "Look into it")
    press(partner, "Verify")
    press(partner, "Freeze it")
    press(partner, "Disable it")
    press(partner, "DIS pays $0.50 a share")

    state: Any = partner.state()
    assert state["users"][0]["kycStatus"] == "KYC_APPROVED"
    assert state["accounts"][0]["status"] == "FROZEN"
    assert state["bankAccounts"][0]["status"] == "DISABLED"
    assert Decimal(60) < state["accounts"][0]["cash"]
    assert {"Open it", "Make it active"} <= offered(partner)


@pytest.mark.parametrize("label", [label for label, _deed in presets.DEEDS])
def test_each_thing_a_company_may_do_is_one_tap(family: Family, label: str) -> None:
    before: Any = family.partner.state()["accounts"][0]

    answer = press(family.partner, f"DIS {label}")

    assert answer.ok, answer.text
    after: Any = family.partner.state()["accounts"][0]
    assert (after["cash"], after["positions"]) != (before["cash"], before["positions"])


def test_rows_lead_to_the_sites_pages_about_them(tmp_path: Path) -> None:
    with running(site_url="http://site.example:8000", mail_folder=tmp_path) as box:
        partner = Partner(box)
        family = partner.family()

        text = page(partner)

        account = f"http://site.example:8000/practice/accounts/{family.account_id}/"
        assert f'href="{account}"' in text
        assert 'href="http://site.example:8000/home/"' in text


def test_without_a_site_nothing_leads_there(partner: Partner) -> None:
    partner.family()

    text = page(partner)

    assert "on the site" not in text
    assert "Mail it sent" not in text


def test_another_name_of_this_machine_is_refused(partner: Partner) -> None:
    answer = requests.get(
        f"{partner.box.url}/_sandbox/outbox/", headers={"Host": "page.example"}, timeout=5
    )

    assert answer.status_code == 403


# --- wrong input, and what programs alone could order ---------------------------------------------

WRONG = [
    ("/clock", {"advanceSeconds": "soon"}, "Seconds is not a number."),
    ("/clock", {"set": "yesterday"}, "Moment is not an ISO 8601 moment."),
    ("/prices", {"symbol": "NONE", "price": "5"}, "NONE"),
    ("/habits", {"perOrder": "much"}, "Commission an order is not a number."),
    ("/corporate-actions", {"symbol": "DIS", "amountPerShare": "-1"}, "Dollars a share"),
    ("/odd", {"change": '{"status": X}'}, "change is not JSON"),
    ("/faults", {"status": "5000"}, "status is an HTTP status"),
]


@pytest.mark.parametrize(("address", "typed", "said"), WRONG)
def test_wrong_input_comes_back_as_a_page_with_what_was_typed(
    family: Family, address: str, typed: dict[str, str], said: str
) -> None:
    answer = form(family.partner, address, **typed)

    assert 400 <= answer.status_code < 500
    assert answer.headers["Content-Type"].startswith("text/html")
    (again,) = [fields for action, fields in Forms(answer.text).found if action.endswith(address)]
    assert typed.items() <= again.items()
    told = unescape(answer.text)
    assert "That could not be done" in told
    assert said in told
    assert "Back to the desk" in told
    assert "<script" not in answer.text


def test_a_program_gets_json_as_ever(family: Family) -> None:
    answer = requests.post(
        f"{family.partner.box.url}/_sandbox/habits", json={"perOrder": "much"}, timeout=5
    )

    assert (answer.status_code, answer.json()) == (400, {"error": "perOrder is not a number."})


def test_what_was_typed_is_shown_as_text(family: Family) -> None:
    answer = form(family.partner, "/prices", symbol="<b>DIS</b>", price='"><i>')

    assert "<b>" not in answer.text
    assert "<i>" not in answer.text


def test_a_mail_that_is_gone_is_told_to_a_person_by_a_page(family: Family) -> None:
    url = f"{family.partner.box.url}/_sandbox/outbox/none/"

    answer = requests.get(url, headers={"Accept": "text/html,*/*;q=0.8"}, timeout=5)

    assert answer.status_code == 404
    assert "There is no such mail any more." in answer.text


def test_the_brokers_habits_are_set_by_their_plain_names(family: Family) -> None:
    changes = {
        "perOrder": "1.25", "perShare": "0.005", "regulatory": "true", "returnsAs": "CSR",
    }  # fmt: skip

    form(family.partner, "/habits", **changes)
    shown = page(family.partner)

    fields = next(f for action, f in Forms(shown).found if action == "/_sandbox/habits")
    assert {name: fields[name] for name in changes} == changes
    assert "Commission an order" in shown
    assert "Regulators' fees" in unescape(shown)


def test_odd_answers_are_ordered_by_a_button_or_typed_and_end(family: Family) -> None:
    form(family.partner, "/odd", change='{"orderStatus": "Q", "status": "Q"}')
    form(family.partner, "/odd", path="*/instruments", which="all", drop="symbol, name", change="")
    shown = unescape(page(family.partner))
    form(family.partner, "/odd/clear")

    assert "*/back-office/orders/*" in shown
    assert "A share without a symbol" in shown
    assert "Now odd: nothing." in " ".join(page(family.partner).split())
