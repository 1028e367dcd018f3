"""Plaid as its own client library sees it: sessions, Items, their data, and who is refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from sandbox.server import Box, running
from tests.sandbox.partner import MONDAY_NOON, Partner
from tests.sandbox.plaids import KNOWN, PlaidCaller
from tests.sandbox.test_page import Forms


@pytest.fixture
def caller(box: Box) -> Iterator[PlaidCaller]:
    caller = PlaidCaller(box)
    yield caller
    caller.close()


def test_the_library_drives_every_item_endpoint(caller: PlaidCaller) -> None:
    public = caller.pass_link(caller.link_token())
    made = caller.ask("item_public_token_exchange", public_token=public)
    token = {"access_token": made["access_token"]}
    caller.wait(3)

    accounts = caller.ask("accounts_get", **token)
    first = accounts["accounts"][0]
    one = {"options": {"account_ids": [first["account_id"]]}}
    auth = caller.ask("auth_get", **token, **one)
    owners = caller.ask("identity_get", **token)["accounts"][0]["owners"]
    balances = caller.ask("accounts_balance_get", **token)["accounts"]
    institution = caller.ask(
        "institutions_get_by_id", institution_id="ins_109508", country_codes=["US"]
    )

    assert accounts["item"]["item_id"] == made["item_id"]
    assert [(row["subtype"], row["mask"]) for row in accounts["accounts"]] == [
        ("checking", "0000"),
        ("savings", "1111"),
    ]
    assert [row["account"] for row in auth["numbers"]["ach"]] == ["1111222233330000"]
    assert auth["numbers"]["ach"][0]["routing"] == "011401533"
    assert owners[0]["names"] == ["Alberta Bobbeth Charleson"]
    assert balances[0]["balances"]["available"] == 100
    assert institution["institution"]["name"] == "First Platypus Bank"
    assert caller.ask("item_get", **token)["item"]["error"] is None
    assert caller.refused("accounts_get", **token, options={"account_ids": ["x"]}) == (
        400,
        "INVALID_ACCOUNT_ID",
    )


def test_movements_come_by_cursor_and_go_on_with_the_clock(caller: PlaidCaller) -> None:
    token, _ = caller.item("", "transactions")
    early = caller.ask("transactions_sync", access_token=token)
    caller.wait(3)
    first = caller.ask("transactions_sync", access_token=token, count=20)
    rest = caller.ask("transactions_sync", access_token=token, cursor=first["next_cursor"])
    caller.wait(4 * 86_400)
    later = caller.ask("transactions_sync", access_token=token, cursor=rest["next_cursor"])

    assert (early["added"], early["next_cursor"], early["has_more"]) == ([], "", False)
    assert (len(first["added"]), first["has_more"], rest["has_more"]) == (20, True, False)
    seen = [row["transaction_id"] for page in (first, rest, later) for row in page["added"]]
    assert len(seen) == len(set(seen)) == 36
    assert len(later["added"]) == 4
    wrong = caller.refused("transactions_sync", access_token=token, cursor="another.3")
    assert wrong == (400, "INVALID_FIELD")


def test_layer_gives_the_person_and_their_items_once(caller: PlaidCaller) -> None:
    public = caller.pass_layer(caller.layer_token())
    found = caller.ask("user_account_session_get", public_token=public)
    none = caller.pass_layer(caller.layer_token(), "+14155550012", institution_ids=[])
    bare = caller.ask("user_account_session_get", public_token=none)

    assert found["identity"]["name"] == {"first_name": "Leslie", "last_name": "Knope"}
    assert found["identity"]["phone_number"] == KNOWN
    assert found["identity"]["ssn_last_4"] == "4321"
    assert len(found["items"]) == 2
    for item in found["items"]:
        assert caller.ask("auth_get", access_token=item["access_token"])["numbers"]["ach"]
    assert bare["items"] == []
    assert {name for name, value in bare["identity"].items() if value is not None} == {
        "phone_number"
    }
    again = caller.refused("user_account_session_get", public_token=public)
    assert again == (400, "INVALID_PUBLIC_TOKEN")
    # Neither kind of public token is taken for the other.
    third = caller.pass_layer(caller.layer_token(), "+15155550019")
    assert caller.refused("item_public_token_exchange", public_token=third)[0] == 400
    assert len(caller.ask("user_account_session_get", public_token=third)["items"]) == 1


@pytest.mark.parametrize(
    ("phone", "missing"),
    [
        ("+14155550015", None),
        ("+15155550013", "email"),
        ("+15155550015", "date_of_birth"),
        ("+15155550016", "ssn_last_4"),
        ("+15155550017", "address"),
        ("+15155550018", "name"),
    ],
)
def test_each_number_of_the_table_lacks_what_it_says(
    caller: PlaidCaller, phone: str, missing: str | None
) -> None:
    token = caller.layer_token()
    caller.window("submit", token, phone_number=phone)
    shown = caller.window("otp", token, code="123456")

    identity = shown["identity"] | {"address": bool(shown["identity"]["address"]) or None}
    assert [name for name, value in identity.items() if value is None] == [missing] * bool(missing)
    assert [bank["name"] for bank in shown["banks"]] == ["First Platypus Bank"]


def test_an_unknown_number_goes_on_by_date_of_birth_or_not_at_all(caller: PlaidCaller) -> None:
    token = caller.layer_token()
    events = [
        caller.window("submit", token, **given)["event"]
        for given in (
            {"phone_number": "+442071838750"},
            {"phone_number": "+12125550142"},
            {"date_of_birth": "1975-01-18"},
            {"phone_number": "+14155550000"},
            {"date_of_birth": "1980-01-01"},
            {"date_of_birth": "1975-01-18"},
        )
    ]
    assert caller.window("otp", token, code="123456")["banks"] == []
    public = caller.window("finish", token)["public_token"]

    no, never, ready = "LAYER_NOT_AVAILABLE", "LAYER_AUTOFILL_NOT_AVAILABLE", "LAYER_READY"
    assert events == [no, no, never, no, never, ready]
    assert caller.ask("user_account_session_get", public_token=public)["items"] == []


def test_the_third_wrong_code_ends_the_session(caller: PlaidCaller) -> None:
    token = caller.layer_token()
    caller.window("submit", token, phone_number=KNOWN)

    # Nothing is given before the code.
    assert caller.window("finish", token)["error_code"] == "INVALID_LINK_TOKEN"
    codes = [caller.window("otp", token, code="000000")["error_code"] for _try in range(3)]
    assert codes == ["INVALID_OTP", "INVALID_OTP", "PROFILE_AUTHENTICATION_FAILED"]
    assert caller.window("otp", token, code="123456")["error_code"] == "INVALID_LINK_TOKEN"


def test_tokens_live_as_long_as_plaid_says(caller: PlaidCaller) -> None:
    link, public = caller.link_token(), caller.pass_link(caller.link_token())
    access, _ = caller.item()
    update = caller.link_token(access_token=access, products=None)
    caller.wait(29 * 60)
    assert caller.window("session", update)["kind"] == "update"
    caller.wait(61)

    assert caller.refused("item_public_token_exchange", public_token=public) == (
        400,
        "INVALID_PUBLIC_TOKEN",
    )
    assert caller.window("session", update)["error_code"] == "INVALID_LINK_TOKEN"
    assert caller.window("session", link)["kind"] == "link"
    caller.wait(210 * 60)
    assert caller.window("session", link)["error_code"] == "INVALID_LINK_TOKEN"
    assert caller.ask("link_token_get", link_token=link)["metadata"]["language"] == "en"


def test_a_public_token_is_exchanged_once_also_when_the_answer_was_lost(
    caller: PlaidCaller,
) -> None:
    public = caller.pass_link(caller.link_token())
    caller.control("faults", kind="drop-after", path="/plaid/item/public_token/exchange")
    body = {"public_token": public, "client_id": "sandbox-plaid-client"}
    body |= {"secret": "sandbox-plaid-secret"}
    url = f"{caller.box.plaid_url}/item/public_token/exchange"
    with pytest.raises(requests.ConnectionError):
        requests.post(url, json=body, timeout=5)

    assert requests.post(url, json=body, timeout=5).json()["error_code"] == "INVALID_PUBLIC_TOKEN"
    # The credentials may also stand in the body, as here; wrong ones are refused there too.
    wrong = requests.post(url, json=body | {"secret": "no"}, timeout=5)
    assert wrong.json()["error_code"] == "INVALID_API_KEYS"


def test_an_item_that_needs_its_person_is_mended_in_update_mode(caller: PlaidCaller) -> None:
    access, item_id = caller.item()
    caller.ask("sandbox_item_reset_login", access_token=access)
    refused = caller.refused("accounts_get", access_token=access)
    error = caller.ask("item_get", access_token=access)["item"]["error"]
    token = caller.link_token(access_token=access, products=None)
    login = {"institution_id": "ins_109508", "username": "user_good"}
    wrong = caller.window("login", token, **login, password="pass_bad")
    locked = caller.window("login", token, **login, password="error_ITEM_LOCKED")
    caller.window("login", token, **login, password="pass_good")
    caller.window("finish", token)

    assert refused == (400, "ITEM_LOGIN_REQUIRED")
    assert error["error_code"] == "ITEM_LOGIN_REQUIRED"
    assert (wrong["error_code"], locked["error_code"]) == ("INVALID_CREDENTIALS", "ITEM_LOCKED")
    assert caller.ask("accounts_get", access_token=access)["item"]["item_id"] == item_id
    # The operator can do the same.
    caller.control(f"plaid/items/{item_id}", error="USER_PERMISSION_REVOKED")
    assert caller.refused("auth_get", access_token=access) == (400, "USER_PERMISSION_REVOKED")
    assert caller.control(f"plaid/items/{item_id}", error="NONSENSE").status_code == 400
    caller.control(f"plaid/items/{item_id}")
    assert caller.ask("auth_get", access_token=access)["numbers"]["ach"]


def test_the_broker_links_the_very_account_until_the_item_is_removed(
    caller: PlaidCaller, partner: Partner
) -> None:
    access, _ = caller.item()
    savings = caller.ask("accounts_get", access_token=access)["accounts"][1]
    share = {"access_token": access, "account_id": savings["account_id"]}
    made = caller.ask("processor_token_create", **share, processor="drivewealth")
    body = {
        "userID": partner.create_parent(),
        "plaidProcessorToken": made["processor_token"],
        "bankAccountNickname": "Savings",
    }
    bank = partner.ok("POST", "/bank-accounts", body)["bankAccountDetails"]

    assert made["processor_token"].startswith("processor-sandbox-")
    assert (bank["bankAccountNumber"], bank["bankAccountType"]) == ("****1111", "SAVINGS")
    assert bank["bankRoutingNumber"] == "011401533"
    wrong = caller.refused("processor_token_create", **share, processor="drive_wealth")
    assert wrong == (400, "INVALID_FIELD")
    caller.ask("item_remove", access_token=access)
    assert partner.call("POST", "/bank-accounts", body).json()["errorCode"] == "K110"
    invented = body | {"plaidProcessorToken": f"{made['processor_token'][:-4]}0000"}
    assert partner.call("POST", "/bank-accounts", invented).json()["errorCode"] == "K110"
    for endpoint in ("accounts_get", "item_get", "item_remove"):
        assert caller.refused(endpoint, access_token=access) == (400, "ITEM_NOT_FOUND")


def test_a_client_sees_nothing_of_anothers(caller: PlaidCaller) -> None:
    access, _ = caller.item()
    public = caller.pass_link(caller.link_token())
    assert caller.control("plaid/clients", clientId="other", secret="other-secret").ok
    assert caller.control("plaid/clients", clientId="other", secret="again").status_code == 400
    other = PlaidCaller(caller.box, "other", "other-secret")
    stranger = PlaidCaller(caller.box, "other", "sandbox-plaid-secret")

    assert other.refused("item_get", access_token=access) == (400, "INVALID_ACCESS_TOKEN")
    assert other.refused("item_public_token_exchange", public_token=public)[0] == 400
    assert stranger.refused("item_get", access_token=access) == (400, "INVALID_API_KEYS")
    assert caller.ask("item_public_token_exchange", public_token=public)["item_id"]
    other.close()
    stranger.close()


def test_wrong_requests_are_refused_in_plaids_shape(caller: PlaidCaller) -> None:
    def code(path: str, text: str) -> tuple[int, str]:
        headers = {
            "PLAID-CLIENT-ID": "sandbox-plaid-client",
            "PLAID-SECRET": "sandbox-plaid-secret",
        }
        url = f"{caller.box.plaid_url}{path}"
        answer = requests.post(url, data=text, headers=headers, timeout=5)
        return answer.status_code, answer.json()["error_code"]

    link = '"client_name": "a", "language": "en", "country_codes": ["US"]'
    user = '"user": {"client_user_id": "u"}'
    assert code("/link/token/create", "{") == (400, "INVALID_BODY")
    assert code("/link/token/create", "[]") == (400, "INVALID_BODY")
    assert code("/link/token/create", "{}") == (400, "MISSING_FIELDS")
    assert code("/link/token/create", f"{{{link}, {user}}}") == (400, "MISSING_FIELDS")
    accounts = f'{{{link}, {user}, "products": ["accounts"]}}'
    assert code("/link/token/create", accounts) == (400, "INVALID_FIELD")
    assert code("/session/token/create", '{"template_id": "t"}') == (400, "MISSING_FIELDS")
    hook = f'{{"template_id": "t", {user}, "webhook": "ftp://x"}}'
    assert code("/session/token/create", hook) == (400, "INVALID_FIELD")
    assert code("/item/get", '{"access_token": 5}') == (400, "INVALID_FIELD")
    assert code("/item/get", '{"access_token": "access-sandbox-no"}') == (
        400,
        "INVALID_ACCESS_TOKEN",
    )
    assert code("/no/such/thing", "{}") == (404, "NOT_FOUND")


def test_faults_answer_in_plaids_words(caller: PlaidCaller) -> None:
    access, _ = caller.item()
    wrong = {"path": "/plaid/accounts/get", "times": 2}
    caller.control("faults", kind="status", status=400, code="INSTITUTION_DOWN", **wrong)
    caller.control("faults", kind="429", path="/plaid/auth/get", seconds=2)
    caller.control("faults", kind="status", status=500, path="/plaid/item/get")

    for _time in range(2):
        refused = caller.refused("accounts_get", access_token=access)
        assert refused == (400, "INSTITUTION_DOWN")
    assert caller.ask("accounts_get", access_token=access)["accounts"]
    assert caller.refused("auth_get", access_token=access) == (429, "RATE_LIMIT")
    assert caller.refused("item_get", access_token=access) == (500, "INTERNAL_SERVER_ERROR")


def test_items_outlive_a_restart(tmp_path: Path) -> None:
    settings = {"state_path": tmp_path / "state.json", "start_at": MONDAY_NOON}
    with running(**settings) as box:
        first = PlaidCaller(box)
        access, _ = first.item()
        first.close()
    with running(**settings) as box:
        second = PlaidCaller(box)
        assert second.ask("auth_get", access_token=access)["numbers"]["ach"]
        second.control("reset")
        refused = second.refused("auth_get", access_token=access)
        second.close()

    assert refused == (400, "INVALID_ACCESS_TOKEN")


def test_the_page_shows_the_items_and_every_form_works(caller: PlaidCaller) -> None:
    caller.pass_layer(caller.layer_token())
    _, item_id = caller.item(caller.box.url)
    caller.control(f"plaid/items/{item_id}/webhooks", code="LOGIN_REPAIRED")
    text = requests.get(f"{caller.box.url}/_sandbox/", timeout=5).text
    forms = [form for form in Forms(text).found if "/plaid/" in form[0] or "people" in form[0]]

    for shown in (item_id, "123456 is your code for Plaid", "LOGIN_REPAIRED", "DONE"):
        assert shown in text
    assert len(forms) == 3 * 3 + 1 + 1 + 1  # of each Item, webhook, address and person
    for address, fields in forms:
        answer = requests.post(f"{caller.box.url}{address}", data=fields, timeout=5)
        assert (answer.status_code, answer.url) == (200, f"{caller.box.url}/_sandbox/"), address
