"""A session in the person's browser: Layer by phone number, classic Link, and update mode.

These addresses are our own; Plaid's window talks to Plaid by ways it does not publish.
"""

from __future__ import annotations

import re
from typing import Any

from sandbox.plaid import banks, oauth, people
from sandbox.plaid.banks import Institution
from sandbox.plaid.books import Plaid
from sandbox.plaid.errors import CODES, PlaidError
from sandbox.plaid.people import Profile
from sandbox.plaid.records import LAYER, LINK, OVER, UPDATE, Item, LinkToken

US_NUMBER = re.compile(r"\+1[2-9]\d{2}[2-9]\d{6}")
USERS, PASSWORD = ("user_good", "user_yuppie"), "pass_good"  # Plaid's own, two customers
LONGEST_OWNER = 100

Json = dict[str, Any]


def begin(plaid: Plaid, body: Json) -> Json:
    """Tell the window what it has to show; back from a bank's own site, the accounts there."""
    link = _find(plaid, body)
    received = body.get("received_redirect_uri")
    bank = oauth.come_back(plaid, link, str(received)) if received else None
    shown = list(banks.INSTITUTIONS.values())
    if link.kind == UPDATE:
        shown = [banks.INSTITUTIONS[plaid.item_of_link(link).institution_id]]
    return {
        "kind": link.kind,
        "client_name": link.request.get("client_name") or "this application",
        "institutions": [
            {"institution_id": row.id, "name": row.name, "oauth": row.oauth} for row in shown
        ],
        "link_session_id": link.session_id,
        "owner": _owner_name(link),
        "accounts": _let_in(plaid, link, bank) if bank else None,
    }


def submit(plaid: Plaid, body: Json) -> Json:
    """Take a phone number, or then a date of birth, and say whether Layer can go on."""
    link = _find(plaid, body, LAYER)
    if "date_of_birth" in body:
        link.extended = link.phone == people.UNKNOWN and body["date_of_birth"] == people.BORN
        if not link.extended:
            return {"event": "LAYER_AUTOFILL_NOT_AVAILABLE"}
        return _ready(plaid, link)
    phone = str(body.get("phone_number") or "")
    link.phone, link.extended, link.stage = phone, False, "NEW"
    if not US_NUMBER.fullmatch(phone) or phone not in people.PROFILES:
        return {"event": "LAYER_NOT_AVAILABLE"}
    return _ready(plaid, link)


def check_code(plaid: Plaid, body: Json) -> Json:
    """Take the code that was texted; the third wrong one ends the session."""
    link = _find(plaid, body, LAYER)
    if link.stage != "READY":
        raise PlaidError("INVALID_LINK_TOKEN")
    if body.get("code") != people.CODE:
        link.wrong += 1
        if link.wrong >= people.MOST_WRONG_CODES:
            link.stage = "FAILED"
            _finished(plaid, link, "EXITED", [])
            raise PlaidError("PROFILE_AUTHENTICATION_FAILED")
        raise PlaidError("INVALID_OTP")
    link.stage = "PASSED"
    session = {"link_session_id": link.session_id, "link_token": link.token}
    plaid.post(link.client_id, link.webhook, LAYER.upper(), "LAYER_AUTHENTICATION_PASSED", session)
    profile = _profile(link)
    identity = people.identity_of(link.phone, profile)
    identity.pop("ssn")
    names = [banks.INSTITUTIONS[bank] for bank in profile.banks]
    return {
        "identity": identity,
        "banks": [{"institution_id": bank.id, "name": bank.name} for bank in names],
    }


def log_in(plaid: Plaid, body: Json) -> Json:
    """Take the login at an institution; answer with the accounts there."""
    link = _find(plaid, body)
    institution = banks.INSTITUTIONS.get(str(body.get("institution_id")))
    if institution is None or institution.oauth or link.kind == LAYER:
        raise PlaidError("INVALID_INSTITUTION")
    password = str(body.get("password") or "")
    if password.startswith("error_") and password.removeprefix("error_") in CODES:
        raise PlaidError(password.removeprefix("error_"))
    if body.get("username") not in USERS or password != PASSWORD:
        raise PlaidError("INVALID_CREDENTIALS")
    link.customer = USERS.index(body["username"])
    link.owner = str(body.get("owner") or "")[:LONGEST_OWNER]
    return {"accounts": _let_in(plaid, link, institution)}


def hand_off(plaid: Plaid, body: Json) -> Json:
    """Say where a bank with OAuth has its people sign in."""
    link = _find(plaid, body)
    institution = banks.INSTITUTIONS.get(str(body.get("institution_id")))
    if institution is None or not institution.oauth or link.kind == LAYER:
        raise PlaidError("INVALID_INSTITUTION")
    return {"path": oauth.begin(plaid, link, institution)}


def finish(plaid: Plaid, body: Json) -> Json:
    """End a session well: make the Items that were chosen, and the public token for them."""
    link = _find(plaid, body)
    if link.stage != "PASSED":
        raise PlaidError("INVALID_LINK_TOKEN")
    if link.kind == LAYER:
        return _finish_layer(plaid, link, body)
    if link.kind == UPDATE:
        item = plaid.item_of_link(link)
        wants = item.error == "ADDITIONAL_CONSENT_REQUIRED"
        if not wants or link.request.get("additional_consented_products"):
            plaid.break_item(item, "")
        item.webhook = link.webhook or item.webhook
    else:
        item = _link_item(plaid, link, body)
    link.stage = "DONE"
    public = plaid.add_public_token(link.client_id, LINK, [item.id], link.session_id)
    return {"public_token": public.token, "metadata": _metadata(plaid, link, item)}


def leave(plaid: Plaid, body: Json) -> Json:
    """End a session without a result."""
    link = plaid.links.get(str(body.get("token")))
    if link is not None and link.stage not in OVER:
        link.stage = "EXITED"
        _finished(plaid, link, "EXITED", [])
    return {}


ACTIONS = {
    "session": begin,
    "submit": submit,
    "otp": check_code,
    "login": log_in,
    "handoff": hand_off,
    "finish": finish,
    "exit": leave,
}


def _find(plaid: Plaid, body: Json, kind: str = "") -> LinkToken:
    link = plaid.links.get(str(body.get("token")))
    if link is None or link.expires <= plaid.now() or link.stage in OVER:
        raise PlaidError("INVALID_LINK_TOKEN")
    if kind and link.kind != kind:
        raise PlaidError("INVALID_LINK_TOKEN")
    return link


def _let_in(plaid: Plaid, link: LinkToken, institution: Institution) -> list[Json]:
    """Take note of a sign-in, and return the accounts that can be shared."""
    link.institution_id, link.stage = institution.id, "PASSED"
    seed = link.token + institution.id
    accounts = banks.open_accounts(institution, seed, customer=link.customer)
    if link.kind == UPDATE:
        accounts = plaid.item_of_link(link).accounts
    return [plaid.show_account(institution.id, account) for account in accounts]


def _profile(link: LinkToken) -> Profile:
    return people.EXTENDED if link.extended else people.PROFILES[link.phone]


def _ready(plaid: Plaid, link: LinkToken) -> Json:
    link.stage = "READY"
    plaid.texts.send("Plaid", link.phone, f"{people.CODE} is your code for Plaid.")
    return {"event": "LAYER_READY"}


def _finish_layer(plaid: Plaid, link: LinkToken, body: Json) -> Json:
    profile = _profile(link)
    identity = people.identity_of(link.phone, profile)
    chosen = body.get("institution_ids")
    wanted = [bank for bank in profile.banks if chosen is None or bank in chosen]
    name = " ".join(people.identity_of(link.phone, Profile())["name"].values())
    owner = people.owner(name, link.phone, identity["email"] or "leslie@knope.com")
    items = [
        plaid.add_item(
            link.client_id,
            bank,
            link.products,
            owner,
            link.webhook,
            only=profile.only,
            seed=f"{link.token} {bank}",
        )
        for bank in wanted
    ]
    link.stage = "DONE"
    ids = [item.id for item in items]
    public = plaid.add_public_token(link.client_id, LAYER, ids, link.session_id, identity)
    _finished(plaid, link, "SUCCESS", [public.token])
    return {
        "public_token": public.token,
        "metadata": {"link_session_id": link.session_id, "institution": None, "accounts": []},
    }


def _link_item(plaid: Plaid, link: LinkToken, body: Json) -> Item:
    institution_id = link.institution_id
    institution, seed = banks.INSTITUTIONS[institution_id], link.token + institution_id
    offered = banks.open_accounts(institution, seed, customer=link.customer)
    chosen = body.get("account_ids")
    if not isinstance(chosen, list) or not {row["account_id"] for row in offered} & set(chosen):
        raise PlaidError("NO_ACCOUNTS")
    return plaid.add_item(
        link.client_id,
        institution_id,
        link.products,
        people.usual_owner(link.owner or _owner_name(link)),
        link.webhook,
        account_ids=chosen,
        seed=seed,
        customer=link.customer,
    )


def _owner_name(link: LinkToken) -> str:
    """Return who is behind the login where the person says nobody else."""
    user = link.request.get("user") or {}
    return str(user.get("legal_name") or "") or people.USUAL_OWNER


def _metadata(plaid: Plaid, link: LinkToken, item: Item) -> Json:
    """Return what the page's onSuccess is told beside the token."""
    institution = banks.INSTITUTIONS[item.institution_id]
    shown = [plaid.show_account(item.institution_id, account) for account in item.accounts]
    accounts = [
        {
            "id": account["account_id"],
            "name": account["name"],
            "mask": account["mask"],
            "type": account["type"],
            "subtype": account["subtype"],
            "verification_status": None,
        }
        for account in shown
    ]
    return {
        "institution": {"institution_id": institution.id, "name": institution.name},
        "accounts": accounts,
        "link_session_id": link.session_id,
        "transfer_status": None,
    }


def _finished(plaid: Plaid, link: LinkToken, status: str, public_tokens: list[str]) -> None:
    """Tell how a Layer session ended; a classic one ends in the browser only."""
    if link.kind == LAYER:
        body = {
            "status": status,
            "link_session_id": link.session_id,
            "link_token": link.token,
            "public_tokens": public_tokens,
            "public_token": public_tokens[0] if public_tokens else None,
        }
        plaid.post(link.client_id, link.webhook, "LINK", "SESSION_FINISHED", body)
