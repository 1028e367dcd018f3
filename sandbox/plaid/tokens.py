"""Link tokens and what is got for the public token at the end of a session."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from urllib.parse import urlsplit

from sandbox.plaid import banks, oauth, people
from sandbox.plaid.books import Plaid
from sandbox.plaid.call import Call, Json
from sandbox.plaid.errors import PlaidError
from sandbox.plaid.records import LAYER, LINK, UPDATE, LinkToken
from sandbox.wire import iso

NEW_LIVES = timedelta(hours=4)
UPDATE_LIVES = timedelta(minutes=30)
LONGEST_NAME = 30
# Plaid asks libphonenumber; of the US this is the most of it.
PHONE = re.compile(r"\+1[2-9](?!11)\d{2}[2-9](?!11)\d{6}|\+(?!1)\d{8,14}")
# What a Layer template of ours enables.
LAYER_PRODUCTS = ["auth", "identity", "transactions"]


def create_session(plaid: Plaid, call: Call) -> Json:
    """/session/token/create: begin Layer. The template decides everything else."""
    call.text("template_id")
    _user(call)
    link = _add_link(plaid, call, LAYER, LAYER_PRODUCTS)
    return {"link": {"link_token": link.token, "expiration": iso(link.expires)}}


def create_link(plaid: Plaid, call: Call) -> Json:
    """/link/token/create: begin Link, or mend an Item when its access token is given."""
    call.text("client_name")
    call.text("language")
    call.texts("country_codes")
    _user(call)
    if "access_token" in call.body:
        if call.body.get("products"):
            raise PlaidError("INVALID_FIELD", "products are not for update mode")
        item = plaid.item_by_token(call.client_id, call.text("access_token"))
        link = _add_link(plaid, call, UPDATE, item.products)
        link.item_id = item.id
    else:
        products = call.texts("products", banks.PRODUCTS)
        if products == ["balance"]:
            raise PlaidError("INVALID_PRODUCT", "balance comes with another product only")
        link = _add_link(plaid, call, LINK, products)
    return {"link_token": link.token, "expiration": iso(link.expires)}


def get_link(plaid: Plaid, call: Call) -> Json:
    """/link/token/get"""
    link = plaid.links.get(call.text("link_token"))
    if link is None or link.client_id != call.client_id:
        raise PlaidError("INVALID_LINK_TOKEN")
    name = str(link.request.get("client_name") or "")
    return {
        "link_token": link.token,
        "created_at": iso(link.created),
        "expiration": iso(link.expires),
        "metadata": {
            "initial_products": [] if link.kind == UPDATE else link.products,
            "webhook": link.webhook,
            "country_codes": link.request.get("country_codes") or [],
            "language": link.request.get("language"),
            "redirect_uri": link.request.get("redirect_uri"),
            "client_name": name if len(name) <= LONGEST_NAME else None,
        },
    }


def exchange(plaid: Plaid, call: Call) -> Json:
    """/item/public_token/exchange"""
    public = plaid.use_public_token(call.client_id, call.text("public_token"), LINK)
    item = plaid.items.get(public.item_ids[0])
    if item is None or item.removed:
        raise PlaidError("INVALID_PUBLIC_TOKEN")
    return {"access_token": item.access_token, "item_id": item.id}


def get_session(plaid: Plaid, call: Call) -> Json:
    """/user_account/session/get: who it was, and their Items."""
    public = plaid.use_public_token(call.client_id, call.text("public_token"), LAYER)
    items = [item for item in map(plaid.items.get, public.item_ids) if item is not None]
    return {
        "identity": public.identity,
        "items": [{"item_id": item.id, "access_token": item.access_token} for item in items],
        "identity_edit_history": None,
        "link_session_id": public.session_id,
    }


def create_public_token(plaid: Plaid, call: Call) -> Json:
    """/sandbox/public_token/create: what a finished Link session gives, without the browser."""
    institution_id = call.text("institution_id")
    if institution_id not in banks.INSTITUTIONS:
        raise PlaidError("INVALID_INSTITUTION")
    products = call.texts("initial_products", banks.PRODUCTS)
    options = call.object("options")
    password = str(options.get("override_password") or "")
    if password.startswith("error_"):
        raise PlaidError(password.removeprefix("error_"))
    owner = people.usual_owner()
    webhook = read_url(options.get("webhook"), "webhook")
    item = plaid.add_item(call.client_id, institution_id, products, owner, webhook)
    return {"public_token": plaid.add_public_token(call.client_id, LINK, [item.id]).token}


def read_url(value: object, name: str) -> str | None:
    """Return an address a webhook can go to, or None.

    :raises PlaidError: it is no such address
    """
    if value is None or value == "":
        return None
    if not isinstance(value, str) or urlsplit(value).scheme not in ("http", "https"):
        raise PlaidError("INVALID_FIELD", f"{name} must be an http or https URL")
    return value


def _user(call: Call) -> None:
    """:raises PlaidError: nobody is named, or what is told of them is malformed (since 2026-02)"""
    user = call.object("user", required="user_id" not in call.body)
    phone = user.get("phone_number")
    if phone is not None and not (isinstance(phone, str) and PHONE.fullmatch(phone)):
        raise PlaidError("INVALID_USER_IDENTITY_DATA", "user.phone_number is malformed")
    if "user_id" not in call.body and not user.get("client_user_id"):
        raise PlaidError("MISSING_FIELDS", "user.client_user_id is required")


def _add_link(plaid: Plaid, call: Call, kind: str, products: list[str]) -> LinkToken:
    now = plaid.now()
    user = call.object("user")
    oauth.check_redirect_uri(plaid, call.client_id, call.optional_text("redirect_uri"))
    link = LinkToken(
        token=f"link-sandbox-{uuid.uuid4()}",
        client_id=call.client_id,
        kind=kind,
        created=now,
        expires=now + (UPDATE_LIVES if kind == UPDATE else NEW_LIVES),
        session_id=str(uuid.uuid4()),
        request={key: call.body[key] for key in call.body if key not in ("client_id", "secret")},
        products=products,
        webhook=read_url(call.body.get("webhook"), "webhook"),
        phone=str(user.get("phone_number") or "") if kind != LAYER else "",
    )
    return plaid.links.add(link.token, link)
