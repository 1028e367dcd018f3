"""Bank accounts over the API."""

import json
from typing import Any

import pytest

from brokerage.models import BankAccount
from tests.api.calling import Caller
from tests.cast import Family, amounts_sent, wrong_cents

URL = "/api/bank-accounts"
BANK: dict[str, Any] = {
    "routingNumber": "021000021",
    "accountNumber": "000987654321",
    "accountType": "SAVINGS",
    "nickname": "Nest egg",
    "authorize": True,
}


def dollars(cents: tuple[int, int]) -> list[str]:
    return [f"0.{amount:02d}" for amount in cents]


def test_a_bank_is_linked_confirmed_made_primary_and_removed(family: Family, app: Caller) -> None:
    linked = app.post(URL, BANK)
    url = f"{URL}/{linked.body['bankAccount']['id']}"
    bank = BankAccount.objects.get(pk=linked.body["bankAccount"]["id"])
    early = app.post(f"{url}/confirm", {"amounts": ["0.01", "0.02"]})
    family.stage.work(rounds=1)
    waiting = app.get(URL).body["bankAccounts"][-1]
    too_early = app.post(f"{url}/resend", {})
    wrong = app.post(f"{url}/confirm", {"amounts": dollars(wrong_cents(bank)), "triesLeft": 3})
    right = {"amounts": dollars(amounts_sent(bank))}
    confirmed = [app.post(f"{url}/confirm", right).status for _time in range(2)]
    family.stage.work(rounds=1)
    primary = app.patch(f"{url}/primary", {}).body["bankAccount"]
    removed = [app.call("DELETE", url).status for _time in range(2)]

    assert linked.status == 201
    assert early.problem() == (409, "not_sent")
    assert waiting == {
        "id": str(bank.pk),
        "accountType": "SAVINGS",
        "last4": "4321",
        "nickname": "Nest egg",
        "bankName": "",
        "status": "verifying",
        "isPrimary": False,
        "note": "Two small deposits are on their way, expected by Tue, Nov 17.",
        "verification": waiting["verification"],
    }
    assert waiting["verification"]["triesLeft"] == 3
    assert waiting["verification"]["canConfirm"] is True
    assert too_early.problem() == (409, "too_early")
    assert wrong.problem() == (400, "wrong_amounts")
    assert confirmed == [200, 200]
    assert (primary["status"], primary["isPrimary"]) == ("active", True)
    assert removed == [204, 404]
    assert [row["isPrimary"] for row in app.get(URL).body["bankAccounts"]] == [True]
    assert "000987654321" not in json.dumps([linked.body, waiting, primary])
    assert "021000021" not in json.dumps([linked.body, waiting, primary])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("routingNumber", "021000022"),
        ("accountNumber", "12A456"),
        ("accountType", "LOAN"),
        ("nickname", "n" * 41),
        ("authorize", False),
        ("authorize", None),
    ],
)
def test_a_bad_field_is_named(web: Caller, name: str, value: Any) -> None:
    answer = web.post(URL, BANK | {name: value})

    assert answer.problem() == (400, "invalid")
    assert list(answer.fields) == [name]
    assert BankAccount.objects.count() == 1


@pytest.mark.parametrize(
    "amounts", [[], ["0.12"], ["0.12", "0.12"], ["0.12", "1.00"], ["0.12", "0.00"], ["x", "0.1"],
                ["0.123", "0.1"], ["0.1", "0.2", "0.3"], "0.12", None],
)  # fmt: skip
def test_what_can_be_no_amounts_costs_no_try(family: Family, web: Caller, amounts: Any) -> None:
    web.post(URL, BANK)
    bank = BankAccount.objects.get(last4="4321")

    answer = web.post(f"{URL}/{bank.pk}/confirm", {"amounts": amounts})

    assert answer.problem() == (400, "invalid")
    assert bank.micro_deposits.get().tries == 0


def test_an_idempotency_key_takes_no_wrong_try_back(family: Family, app: Caller) -> None:
    app.post(URL, BANK)
    family.stage.work(rounds=1)
    bank = BankAccount.objects.get(last4="4321")
    app.headers["Idempotency-Key"] = "a-key-that-is-long-enough"
    body = {"amounts": dollars(wrong_cents(bank))}

    codes = [app.post(f"{URL}/{bank.pk}/confirm", body).problem()[1] for _try in range(4)]

    assert codes == ["wrong_amounts", "wrong_amounts", "no_tries_left", "refused"]


def test_the_same_bank_twice_is_refused_but_a_repeat_under_a_key_is_answered(app: Caller) -> None:
    app.headers["Idempotency-Key"] = "a-key-that-is-long-enough"
    first, repeat = app.post(URL, BANK), app.post(URL, BANK)
    del app.headers["Idempotency-Key"]
    again = app.post(URL, BANK)

    assert repeat.body == first.body
    assert again.problem() == (409, "bank_known")
    assert list(again.fields) == ["accountNumber"]


def test_without_a_sender_no_numbers_are_taken(app: Caller, settings: Any) -> None:
    settings.MICRO_DEPOSITS_URL = ""

    assert app.post(URL, BANK).problem() == (409, "manual_linking_off")


def test_another_parents_bank_is_not_there(
    family: Family, stranger: Family, web: Caller, nobody: Caller
) -> None:
    url = f"{URL}/{stranger.bank.pk}"
    calls: list[tuple[str, str, Any]] = [
        ("DELETE", url, {}),
        ("POST", f"{url}/confirm", {"amounts": ["0.01", "0.02"]}),
        ("POST", f"{url}/resend", {}),
        ("POST", f"{url}/verify", {}),
        ("PATCH", f"{url}/primary", {}),
    ]

    for method, path, body in calls:
        assert web.call(method, path, json.dumps(body)).problem() == (404, "not_found")
        assert nobody.call(method, path, json.dumps(body)).status == 401
    assert [row["id"] for row in web.get(URL).body["bankAccounts"]] == [str(family.bank.pk)]
    assert nobody.get(URL).status == 401
    stranger.bank.refresh_from_db()
    assert stranger.bank.status == "ACTIVE"
