"""What our pages say of an empty or an unknown value: plain, kind, and what to do."""

from typing import Any

import pytest
from django.test import Client

from tests.cast import Family
from tests.pages.reading import read

FILL, CHOOSE, ONE_OF = "Please fill this in.", "Please choose one.", "Please choose one of these."
TICK, FILE = "Please tick this box to go on.", "Please choose a file."
OWN = "Tick the box"
CASES: list[tuple[str, dict[str, Any], dict[str, str]]] = [
    (
        "/banks/new/",
        {"account_type": "GOLD"},
        {"routing_number": FILL, "account_type": ONE_OF, "authorization": TICK},
    ),
    ("/banks/new/", {}, {"account_type": CHOOSE}),
    ("/account/password/change/", {}, {"oldpassword": FILL}),
    ("/children/new/", {}, {"first_name": FILL, "date_of_birth": FILL}),
]


@pytest.mark.parametrize(("path", "sent", "said"), CASES)
def test_an_error_says_what_to_do(
    family: Family, path: str, sent: dict[str, Any], said: dict[str, str]
) -> None:
    page = read(family.client.post(path, sent))

    assert {name: page.errors[name] for name in said} == said
    assert "This field" not in page.html
    assert "Select a valid" not in page.html


def test_signing_in_and_giving_say_so_too(family: Family) -> None:
    login = read(Client().post("/account/login/", {}))
    give = read(Client().post(f"/g/{family.child.gift_code}/", {}))
    approve = read(family.client.post(f"/gifts/{family.give().pk}/approve/", {}))

    assert login.errors["login"] == login.errors["password"] == FILL
    assert give.errors["giver_name"] == FILL
    assert OWN in approve.errors["authorize"]
    for page in (login, give, approve):
        assert "This field" not in page.html


def test_the_apis_words_are_as_they_were(family: Family) -> None:
    answer = family.client.post("/api/bank-accounts", {}, content_type="application/json")

    assert "This field is required." in str(answer.json())
