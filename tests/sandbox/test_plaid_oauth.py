"""Banks that sign people in on their own site: the way there, and the way back to the partner."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from sandbox.server import Box
from tests.sandbox.plaids import PlaidCaller

BACK = "https://partner.example/back/"
PLATYPUS_OAUTH = "ins_127287"


@pytest.fixture
def caller(box: Box) -> Iterator[PlaidCaller]:
    caller = PlaidCaller(box)
    assert caller.control("plaid/redirect-uris", uri=BACK).ok
    yield caller
    caller.close()


def leave(caller: PlaidCaller, token: str) -> str:
    """Go to the bank's own page and return its address."""
    return caller.box.url + str(
        caller.window("handoff", token, institution_id=PLATYPUS_OAUTH)["path"]
    )


def decide(page: str, decision: str = "allow") -> str:
    """Decide at the bank; return where it sends the browser."""
    answer = requests.post(page, data={"decision": decision}, allow_redirects=False, timeout=10)
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def come_back(caller: PlaidCaller, token: str, address: str) -> Any:
    return caller.window("session", token, received_redirect_uri=address)


def test_what_the_bank_allows_is_linked_with_the_same_token(caller: PlaidCaller) -> None:
    token = caller.link_token(redirect_uri=BACK)
    page = leave(caller, token)
    shown = requests.get(page, timeout=10)
    address = decide(page)
    back = come_back(caller, token, address)
    again = come_back(caller, token, address)
    ids = [account["account_id"] for account in back["accounts"]]
    public = caller.window("finish", token, account_ids=ids)["public_token"]
    access = caller.ask("item_public_token_exchange", public_token=public)["access_token"]

    assert "Let StockSprout read your accounts?" in shown.text
    assert address.startswith(f"{BACK}?oauth_state_id=")
    assert token not in page + address
    assert again["error_code"] == "OAUTH_STATE_ID_ALREADY_PROCESSED"
    assert caller.ask("item_get", access_token=access)["item"]["institution_id"] == PLATYPUS_OAUTH
    assert caller.ask(
        "institutions_get_by_id", institution_id=PLATYPUS_OAUTH, country_codes=["US"]
    )["institution"]["oauth"]
    assert requests.post(page, data={"decision": "allow"}, timeout=10).status_code == 404
    assert caller.ask("link_token_get", link_token=token)["metadata"]["redirect_uri"] == BACK

    repair = caller.link_token(redirect_uri=BACK, access_token=access, products=None)
    come_back(caller, repair, decide(leave(caller, repair)))
    assert "public_token" in caller.window("finish", repair)


def test_a_wrong_way_back_is_refused_by_plaids_own_names(caller: PlaidCaller) -> None:
    token, other = caller.link_token(redirect_uri=BACK), caller.link_token(redirect_uri=BACK)
    page = leave(caller, token)
    state = page.rpartition("/")[2]
    undecided = come_back(caller, token, f"{BACK}?oauth_state_id={state}")
    address = decide(page)
    refused = {
        "forged": come_back(caller, token, f"{BACK}?oauth_state_id=made-up"),
        "of another session": come_back(caller, other, address),
        "stateless": come_back(caller, token, BACK),
        "elsewhere": come_back(caller, token, address.replace("partner", "thief")),
        "with a fragment": come_back(caller, token, f"{address}#_=_"),
    }
    denied = come_back(caller, token, decide(leave(caller, token), "deny"))

    assert undecided["error_code"] == "OAUTH_STATE_ID_NOT_FOUND"
    assert {why: answer["error_code"] for why, answer in refused.items()} == {
        "forged": "OAUTH_STATE_ID_NOT_FOUND",
        "of another session": "INCORRECT_LINK_TOKEN",
        "stateless": "INVALID_FIELD",
        "elsewhere": "INVALID_FIELD",
        "with a fragment": "INVALID_FIELD",
    }
    assert denied["error_code"] == "ACCESS_NOT_GRANTED"
    assert come_back(caller, token, address)["accounts"]  # none of them spent the true one


@pytest.mark.parametrize(
    "uri",
    [
        "https://partner.example/elsewhere/",
        f"{BACK}?next=1",
        f"{BACK}#here",
        "http://partner.example/back/",
        "",
    ],
)
def test_an_address_that_is_not_registered_is_an_invalid_field(
    caller: PlaidCaller, uri: str
) -> None:
    template = {"template_id": "template_1", "user": {"client_user_id": "parent-1"}}
    body = {"client_name": "StockSprout", "language": "en", "country_codes": ["US"],
            "user": {"client_user_id": "parent-1"}, "products": ["auth"]}  # fmt: skip

    refused = {
        caller.refused("link_token_create", **body, redirect_uri=uri),
        caller.refused("session_token_create", **template, redirect_uri=uri),
    }

    assert refused == {(400, "INVALID_FIELD")}


def test_a_bank_with_oauth_needs_an_address_to_come_back_to(caller: PlaidCaller) -> None:
    token = caller.link_token()
    none = caller.window("handoff", token, institution_id=PLATYPUS_OAUTH)
    login = {"username": "user_good", "password": "pass_good", "institution_id": PLATYPUS_OAUTH}
    typed = caller.window("login", token, **login)
    usual = caller.window("handoff", token, institution_id="ins_109508")

    assert none["error_code"] == "INVALID_FIELD"
    assert typed["error_code"] == usual["error_code"] == "INVALID_INSTITUTION"


def test_registered_addresses_are_the_partners_own(caller: PlaidCaller, box: Box) -> None:
    assert caller.control("plaid/clients", clientId="other", secret="secret-1").ok
    other = PlaidCaller(box, "other", "secret-1")

    body = {"client_name": "Other", "language": "en", "country_codes": ["US"], "products": ["auth"],
            "user": {"client_user_id": "1"}, "redirect_uri": BACK}  # fmt: skip
    assert other.refused("link_token_create", **body) == (400, "INVALID_FIELD")
    assert caller.control("plaid/redirect-uris", uri=BACK, clientId="other").ok
    assert other.ask("link_token_create", **body)["link_token"]
    other.close()


def test_the_time_of_a_session_is_over_at_the_bank_too(caller: PlaidCaller) -> None:
    page = leave(caller, caller.link_token(redirect_uri=BACK))
    caller.wait(4 * 3600 + 1)

    late = requests.get(page, timeout=10)

    assert late.status_code == 404
    assert "There is nothing to decide here" in late.text
