"""What the operator may have Plaid and Spinwheel do, one function for each kind of order."""

from __future__ import annotations

import uuid
from datetime import date

from sandbox.documented import MODES
from sandbox.form import BadOrder, Order, text
from sandbox.plaid import webhooks
from sandbox.plaid.banks import INSTITUTIONS
from sandbox.plaid.errors import ITEM_CODES, PlaidError
from sandbox.plaid.records import Client, Face, Item, RedirectURI
from sandbox.plaid.report import webhook_row
from sandbox.spinwheel.errors import Refused
from sandbox.world import World

HEALTHY = "HEALTHY"
ITEM_STATES = (*ITEM_CODES, HEALTHY)
PROFILE_FIELDS = (
    "firstName",
    "middleName",
    "lastName",
    "emailAddress",
    "ssnLastFourDigits",
    "dob",
)
ADDRESS_FIELDS = ("addressLine1", "addressLine2", "city", "state", "zip")


def decide_item(world: World, item_id: str, order: Order) -> Order:
    """Put an Item into an error such as ITEM_LOGIN_REQUIRED, or mend it with HEALTHY.

    With `answers` calls about it are answered as before, and only their `item` tells the error.
    """
    code = text(order, "error", HEALTHY)
    if code not in ITEM_STATES:
        raise BadOrder(f"error is one of {', '.join(ITEM_STATES)}.")
    with world.turn(changes=True):
        item = _item(world, item_id)
        answers = order.get("answers") is True
        world.plaid.break_item(item, "" if code == HEALTHY else code, answers=answers)
        return {"itemId": item.id, "error": item.error or None}


def enter_owners(world: World, item_id: str, order: Order) -> Order:
    """Say whose an Item's accounts are: `names`, and of which `subtype`; by default of all."""
    names, subtype = order.get("names"), text(order, "subtype")
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise BadOrder("names is a list of names.")
    with world.turn(changes=True):
        item = _item(world, item_id)
        for account in item.accounts:
            if subtype in ("", account["subtype"]):
                account["owners"] = list(names)
        return {"itemId": item.id, "names": names}


def close_account(world: World, item_id: str, order: Order) -> Order:
    """Have a bank close an Item's accounts of a `subtype`: they are shown no more."""
    subtype = text(order, "subtype", "checking")
    with world.turn(changes=True):
        item = _item(world, item_id)
        kept = [account for account in item.accounts if account["subtype"] != subtype]
        if len(kept) == len(item.accounts):
            raise BadOrder("The Item has no such account.")
        item.accounts[:] = kept
        return {"itemId": item.id, "closed": subtype}


def renew_ids(world: World, item_id: str, _: Order) -> Order:
    """Have an Item's accounts go by other ids, as where Plaid can not reconcile what changed.

    https://plaid.com/docs/errors/invalid-input/#invalid_account_id
    """
    with world.turn(changes=True):
        item = _item(world, item_id)
        for account in item.accounts:
            account["account_id"] = uuid.uuid4().hex + uuid.uuid4().hex[:5]
        return {"itemId": item.id, "accountIds": [row["account_id"] for row in item.accounts]}


def change_face(world: World, institution_id: str, order: Order) -> Order:
    """Have a bank show its accounts of a `subtype` by another `name`, `officialName` or `mask`.

    An empty mask is shown to nobody. It holds for logins there are and those to come.
    """
    subtype = text(order, "subtype", "checking")
    if institution_id not in INSTITUTIONS:
        raise BadOrder("There is no such institution.")
    told = {
        name: text(order, key) if key in order else None
        for name, key in (("name", "name"), ("official_name", "officialName"), ("mask", "mask"))
    }
    with world.turn(changes=True):
        faces, key = world.plaid.faces, f"{institution_id} {subtype}"
        if faces.get(key) is not None:
            faces.remove(key)
        faces.add(key, Face(key, **told))
        return {"institutionId": institution_id, "subtype": subtype} | told


def fire_webhook(world: World, item_id: str, order: Order) -> Order:
    """Send a webhook of an Item to its address."""
    with world.turn(changes=True):
        item = _item(world, item_id)
        try:
            subtype = text(order, "subtype")
            webhooks.post_about(
                world.plaid, item, text(order, "code"), text(order, "type"), subtype=subtype
            )
        except PlaidError as error:
            raise BadOrder(error.message) from error
        return {"itemId": item.id, "webhook": item.webhook}


def resend_webhook(world: World, sequence: str, _: Order) -> Order:
    """Send a webhook again, now, whatever became of it."""
    with world.turn(changes=True) as now:
        webhook = world.plaid.webhooks.get(sequence)
        if webhook is None:
            raise BadOrder("There is no such webhook.")
        webhook.status, webhook.next_try = "WAITING", now
        world.plaid.news.set()
        return webhook_row(webhook)


def choose_answers(world: World, _: str, order: Order) -> Order:
    """Have Plaid tell all that we know, or no more than its own description says."""
    mode = text(order, "answers")
    if mode not in MODES:
        raise BadOrder(f"answers is one of {', '.join(MODES)}.")
    with world.turn():
        world.plaid.answers.mode = mode
        return {"answers": mode}


def add_client(world: World, _: str, order: Order) -> Order:
    """Give out a further pair of Plaid's credentials, with books of its own."""
    client_id, secret = text(order, "clientId"), text(order, "secret")
    if not client_id or not secret:
        raise BadOrder("clientId and secret are needed.")
    with world.turn(changes=True):
        clients = world.plaid.clients
        if clients.get(client_id) is not None or client_id == world.config.plaid_client_id:
            raise BadOrder("The clientId is taken.")
        clients.add(client_id, Client(client_id, secret))
        return {"clientId": client_id}


def register_redirect_uri(world: World, _: str, order: Order) -> Order:
    """Register an address in a partner's dashboard, for the way back from a bank with OAuth."""
    uri = text(order, "uri")
    client_id = text(order, "clientId") or world.config.plaid_client_id
    if not uri:
        raise BadOrder("uri is needed.")
    with world.turn(changes=True):
        world.plaid.redirect_uris.add(f"{client_id} {uri}", RedirectURI(uri, client_id))
        return {"clientId": client_id, "uri": uri}


def enter_person(world: World, _: str, order: Order) -> Order:
    """Say who answers at a number at Spinwheel; what is left out is invented from the number.

    `connects` and `verifies` are words to refuse a request for a code, and a right code, with.
    """
    profile: Order = {name: text(order, name) for name in PROFILE_FIELDS if order.get(name)}
    if "dob" in profile:
        profile["dateOfBirth"] = profile.pop("dob")
    address = {name: text(order, name) for name in ADDRESS_FIELDS if order.get(name)}
    if address:
        profile["addresses"] = [address]
    try:
        date.fromisoformat(profile.get("dateOfBirth", "2000-01-01"))
        with world.turn(changes=True):
            person = world.spinwheel.enter_person(
                text(order, "phoneNumber"),
                profile,
                text(order, "connects"),
                text(order, "verifies"),
            )
    except ValueError:
        raise BadOrder("dob is a day, YYYY-MM-DD.") from None
    except Refused as refused:
        raise BadOrder(refused.message) from refused
    return person.profile


def _item(world: World, item_id: str) -> Item:
    item = world.plaid.items.get(item_id)
    if item is None or item.removed:
        raise BadOrder("There is no such Item.")
    return item
