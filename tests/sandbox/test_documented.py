"""Documented answers: exactly the fields of DriveWealth's own description, and no others."""

from typing import Any

import pytest
import requests

from sandbox.documented import cut, shape
from sandbox.drivewealth.answers import description
from sandbox.drivewealth.routes import ROUTES
from tests.sandbox.partner import Family, Partner


@pytest.fixture
def told_less(partner: Partner) -> Family:
    """A family whose broker answers as documented from now on."""
    family = partner.funded_family("30.00")
    partner.control("/answers", {"answers": "documented"})
    return family


def test_every_endpoint_is_described_and_says_where() -> None:
    described = {shape(call) for call in description().calls}

    assert {shape(f"{route.method} {route.path}") for route in ROUTES} == described
    for entry in [*description().calls.values(), *description().events.values()]:
        for source in filter(None, (entry.source, entry.newer_source)):
            assert source.split(":")[0] in description().texts
        assert bool(entry.newer) == bool(entry.newer_source)
        assert len(set(entry.names)) == len(entry.names)


def test_a_deposit_is_told_without_metadata_but_with_the_note(told_less: Family) -> None:
    body = told_less.deposit_body("12.00") | {"note": "ours", "metadata": {"clientDepositRef": "r"}}

    made = told_less.partner.ok("POST", "/funding/deposits", body, "a-key-of-sixteen-")
    one = told_less.partner.get(f"/funding/deposits/{made['id']}")
    row = told_less.partner.get(f"/accounts/{told_less.account_id}/funding/deposits")[0]

    assert made["status"] == "PENDING"
    assert not {"metadata", "note", "type", "bankAccountID"} & made.keys()
    assert (one["note"], one["status"]) == ("ours", "PENDING")
    assert one["details"]["bankAccountNumber"].startswith("****")
    assert not {"metadata", "failureReason", "statusComment"} & one.keys()
    assert (row["id"], row["note"]) == (made["id"], "ours")
    assert set(row["status"]) == {"id", "message", "updated"}
    assert not {"metadata", "type", "created", "statusHistory"} & row.keys()
    event = told_less.partner.events("deposits.created")[-1]["payload"]
    assert event["metadata"] == {"clientDepositRef": "r"}
    assert "id" not in event
    assert event["paymentID"] == made["id"]


def test_a_repeat_under_a_key_gets_the_cut_answer_again(told_less: Family) -> None:
    key, body = "a-key-of-sixteen-", told_less.deposit_body("12.00")

    first = told_less.partner.ok("POST", "/funding/deposits", body, key)

    assert told_less.partner.ok("POST", "/funding/deposits", body, key) == first


def test_no_answer_holds_what_is_not_described(told_less: Family) -> None:
    told_less.order(amountCash=20)
    told_less.partner.wait(3)
    account = f"/accounts/{told_less.account_id}"
    period = "from=2026-01-01&to=2027-01-01"

    for path, shape_ in (
        (account, "/accounts/{a}"),
        (f"{account}/summary/money", "/accounts/{a}/summary/money"),
        (f"{account}/summary/positions", "/accounts/{a}/summary/positions"),
        (f"{account}/transactions?{period}", "/accounts/{a}/transactions"),
        (f"{account}/reports/order-history?{period}", "/accounts/{a}/reports/order-history"),
        (f"/users/{told_less.child_id}/kyc-status", "/users/{a}/kyc-status"),
        (f"/users/{told_less.child_id}", "/users/{a}"),
    ):
        names = description().call("GET", shape_).names
        seen = list(fields_of(told_less.partner.get(path)))
        assert seen
        for field in seen:
            near = [name for name in names if f"{name}.".startswith(f"{field}.")]
            assert near or any(field.startswith(f"{name}.") for name in names), field


def fields_of(value: Any, before: str = "") -> Any:
    """Return the dotted names of what an answer holds."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from fields_of(inner, f"{before}.{name}" if before else name)
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for row in value:
            yield from fields_of(row, before)
    elif isinstance(value, list) and not value:
        return
    elif value is not None:
        yield before


def test_the_operator_goes_back_to_full_answers(told_less: Family) -> None:
    url = f"{told_less.partner.box.url}/_sandbox/answers"

    assert requests.post(url, json={"answers": "some"}, timeout=5).status_code == 400
    told_less.partner.control("/answers", {"answers": "full"})

    assert "metadata" in told_less.deposit("5.00")


def test_a_name_stands_for_all_below_it_unless_names_below_are_listed() -> None:
    whole = {"a": {"b": 1, "c": {"d": 2}}, "e": [{"f": 1, "g": 2}], "h": 3}

    assert cut(whole, ["a", "e.g"]) == {"a": {"b": 1, "c": {"d": 2}}, "e": [{"g": 2}]}
    assert cut([whole], ["a.c"]) == [{"a": {"c": {"d": 2}}}]
