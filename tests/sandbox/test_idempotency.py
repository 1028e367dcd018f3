"""A repeat under the same key is the same act."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import requests

from tests.sandbox.partner import Partner

KEY = "0f8fad5b-d9cb-469f-a165-70867728950e"


def test_a_repeat_gets_the_first_answer_and_moves_no_money(partner: Partner) -> None:
    family = partner.family()
    body = family.deposit_body("50.00")

    first = partner.call("POST", "/funding/deposits", body, KEY)
    again = partner.call("POST", "/funding/deposits", dict(reversed(body.items())), KEY)

    assert (first.status_code, again.status_code) == (200, 200)
    assert first.text == again.text
    assert len(partner.state()["deposits"]) == 1


def test_the_same_key_with_another_body_is_refused(partner: Partner) -> None:
    family = partner.family()
    partner.ok("POST", "/funding/deposits", family.deposit_body("50.00"), KEY)

    other = partner.call("POST", "/funding/deposits", family.deposit_body("51.00"), KEY)

    assert (other.status_code, other.json()["errorCode"]) == (400, "IK025")
    assert len(partner.state()["deposits"]) == 1


def test_a_key_belongs_to_one_path(partner: Partner) -> None:
    family = partner.family()
    partner.ok("POST", "/funding/deposits", family.deposit_body("50.00"), KEY)

    partner.ok("POST", "/orders", family.order_body(amountCash=5), KEY)

    assert len(partner.state()["orders"]) == 1


def test_a_short_key_is_refused(partner: Partner) -> None:
    family = partner.family()

    answer = partner.call("POST", "/funding/deposits", family.deposit_body(), "too-short")

    assert answer.json()["errorCode"] == "IK010"


def test_a_refusal_is_remembered_too(partner: Partner) -> None:
    family = partner.family()
    body = family.deposit_body("0.50")

    first = partner.call("POST", "/funding/deposits", body, KEY)
    again = partner.call("POST", "/funding/deposits", body, KEY)

    assert first.json()["errorCode"] == "Y044"
    assert (again.status_code, again.text) == (first.status_code, first.text)


def test_an_expired_session_is_not_remembered(partner: Partner) -> None:
    family = partner.family()
    partner.wait(3600)
    assert partner.call("POST", "/funding/deposits", family.deposit_body(), KEY).status_code == 401

    partner.log_in()

    assert partner.call("POST", "/funding/deposits", family.deposit_body(), KEY).status_code == 200


def test_eight_simultaneous_repeats_are_one_deposit(partner: Partner) -> None:
    family = partner.family()
    url = f"{partner.box.drivewealth_url}/back-office/funding/deposits"
    headers = {name: str(value) for name, value in partner.http.headers.items()}

    def send(_: int) -> str:
        answer = requests.post(
            url,
            json=family.deposit_body("50.00"),
            headers=headers | {"Idempotency-Key": KEY},
            timeout=10,
        )
        assert answer.status_code == 200
        return answer.text

    with ThreadPoolExecutor(8) as threads:
        answers = set(threads.map(send, range(8)))

    assert len(answers) == 1
    assert [row["amount"] for row in partner.state()["deposits"]] == [Decimal("50.00")]


def test_a_key_is_forgotten_after_four_days_of_world_time(partner: Partner) -> None:
    family = partner.family()
    body = family.deposit_body("50.00")
    first = partner.ok("POST", "/funding/deposits", body, KEY)
    partner.wait(4 * 86_400 - 60)
    partner.log_in()
    assert partner.ok("POST", "/funding/deposits", body, KEY) == first

    partner.wait(120)

    assert partner.ok("POST", "/funding/deposits", body, KEY)["id"] != first["id"]
