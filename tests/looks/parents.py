"""What parents see: on their way in, with a family of every state, with money, gifts and orders."""

import re
from datetime import date
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.operations import ChildDetails, add_child
from brokerage.models import Deposit, Order
from core import clock
from gifting.models import Gift, GiftLink, GiverAddress
from gifting.operations import cancel_gift, decline_gift
from tests.cast import (
    PASSWORD,
    Family,
    make_known,
    make_parent,
    make_unconfirmed_bank,
    sign_in,
    wrong_cents,
)
from tests.desk.staff import code_of, give_app
from tests.looks.album import Album
from tests.looks.visitors import grown_up
from tests.money.trading import Desk
from tests.pages.answers import BANK, CHILD, KYC
from tests.pages.reading import read
from tests.prefill.test_owners import TARTAN, choose, connect
from tests.prefill.walking import FINE, PERSON, WRONG, Walker
from tests.stage import Stage


def arrive(album: Album, stage: Stage) -> None:
    """See everything from the first sign-in to the form handed in."""
    stage.control("POST", "spinwheel/people", PERSON)
    walker = Walker(stage, make_parent("newcomer@family.example")).sign_in()
    client = walker.client = Client()
    client.force_login(walker.parent.user)
    album.get("home, nothing done yet", client, "/home/")
    album.get("banks, none yet", client, "/banks/")
    album.get("the start", client, "/start/")
    album.get("the start, by phone", client, "/start/phone/")
    album.get("the start, by bank", client, "/start/bank/")
    album.get("the start, on another device", client, "/start/elsewhere/")
    link = album.post("the start, a link for another device", client, "/start/elsewhere/")
    (path,) = re.findall(r'value="[^"]*(/r/[\w-]+/)"', link.content.decode())
    album.get("a link for another device", Client(), path)
    album.get("a link for another device that is none", Client(), "/r/none/")
    album.post("the start, all of it empty", client, "/start/phone/")
    album.get("back from a bank, no way on", client, "/links/back/")
    code = walker.ask_for_code(FINE)
    album.get("a code", client, code.url)
    album.post("a wrong code", client, code.url, verification_code=WRONG)
    walker.enter(code)
    album.get("the form, filled in by phone", client, "/about-you/")
    album.post("the form, all of it empty", client, "/about-you/")
    wrong = {"first_name": "4", "ssn": "1", "phone": "1", "street1": "PO Box 1",
             "postal_code": "8", "date_of_birth": "2020-01-01", "state": "XX"}  # fmt: skip
    album.post("the form, much of it wrong", client, "/about-you/", **(KYC | wrong))
    album.get("shares", client, "/shares/")
    album.get("shares, found", client, "/shares/?q=disney")
    album.get("shares, not found", client, "/shares/?q=zzzzzz")


def be_checked(album: Album, stage: Stage) -> None:
    """See what each kind of answer of the broker's check asks for."""
    kinds = {
        "a picture is needed": "POOR_PHOTO_QUALITY",
        "a name to correct": "NAME_NOT_MATCH",
        "a person looks": "SANCTION_WATCHLIST",
        "denied": "KYC_DENIED",
    }
    clients: dict[str, Client] = {}
    for n, (name, last_name) in enumerate(kinds.items()):
        parent = make_parent(f"checked{n}@family.example")
        make_known(parent, last_name=last_name, ssn=f"3456789{n + 10}")
        clients[name] = sign_in(parent)
    stage.work()
    for name, client in clients.items():
        album.get(f"about you, {name}", client, "/about-you/")
        album.get(f"home, {name}", client, "/home/")
    client = clients["a picture is needed"]
    album.get("a picture of an ID", client, "/about-you/documents/")
    album.post("a picture of an ID, none chosen", client, "/about-you/documents/")
    empty = SimpleUploadedFile("front.jpg", b"abc")
    sent = client.post("/about-you/documents/", {"kind": "PASSPORT", "front": empty}, follow=True)
    album.keep("a picture of an ID that is none", sent)


def add_children(album: Album, family: Family, settings: Any) -> None:
    """See the children's forms and accounts, one of them with a check to answer."""
    client = family.client
    album.get("a child's form", client, "/children/new/")
    album.post("a child's form, all of it empty", client, "/children/new/")
    album.post("a child's form, wrong", client, "/children/new/", **(CHILD | {"ssn": "9"}))
    settings.TEEN_ACCOUNTS = True
    album.get("a teen's form", client, "/children/new/teen/")
    details = ChildDetails("Rain", "NAME_NOT_MATCH_ON_DOC", date(2018, 5, 6), "345678911", "CO")
    rain = add_child(parent=family.parent, details=details, at=clock.now(), ip_address=None)
    album.get("a child, account being opened", client, f"/children/{rain.pk}/")
    family.stage.work()
    for page, name in (("account", "account"), ("details", "details to correct"),
                       ("documents", "a picture of their ID")):  # fmt: skip
        album.get(f"a child with questions, {name}", client, f"/children/{rain.pk}/{page}/")
    album.get("a child with questions, add money", client, f"/children/{rain.pk}/add-money/")
    album.get("a child with questions, history", client, f"/children/{rain.pk}/history/")
    album.get("a child with questions, papers", client, f"/children/{rain.pk}/papers/")
    album.get("a child with questions, orders", client, f"/children/{rain.pk}/orders/")


def leave(album: Album, family: Family) -> None:
    """See how somebody who has grown up closes an account."""
    with grown_up(family.child):
        path = f"/children/{family.child.pk}/account/close/"
        album.get("an account to close", family.client, path)


def live_with_it(album: Album, family: Family) -> None:
    """See every page of an account with shares in it."""
    client, at = family.client, f"/children/{family.child.pk}/"
    _make_paper(family)
    album.get("home, with shares", client, "/home/")
    for page in ("", "account/", "account/close/", "gifts/", "add-money/", "wire/", "history/",
                 "history/?period=ALL", "papers/", "orders/", "orders/new/"):  # fmt: skip
        album.get(f"an account with shares, {page or 'itself'}", client, at + page)
    album.post("add money, all of it empty", client, at + "add-money/")
    added = album.post(
        "money on its way", client, at + "add-money/",
        **read(client.get(at + "add-money/")).form_to().fill(amount="1,250.50", authorize="on"),
    )  # fmt: skip
    assert Deposit.objects.filter(pk=added.resolver_match.kwargs["pk"]).exists()
    album.get("what was agreed to", client, "/agreed/")
    for page in ("electronic", "debits", "details"):
        album.get(f"what was agreed to, end {page}", client, f"/agreed/{page}/end/")
    album.get("where", client, "/where/")
    album.post("where, not open", client, "/where/", state="TX")
    named = {"trusted_first_name": "Zoë", "trusted_last_name": "D'Arcy", "trusted_adult": "on"}
    album.post(
        "trusted contact, the broker's letters", client, "/about-you/trusted-contact/",
        **named, trusted_phone="(303) 555-0177",
    )  # fmt: skip
    album.get("trusted contact, nobody", client, "/about-you/trusted-contact/")
    album.post("trusted contact, wrong", client, "/about-you/trusted-contact/", trusted_phone="1")
    album.post(
        "trusted contact, named", client, "/about-you/trusted-contact/",
        trusted_first_name="Wilhelmina", trusted_last_name="Thistledown", trusted_adult="on",
        trusted_email="mina@gran.example",
    )  # fmt: skip


def decide(album: Album, family: Family) -> None:
    """See a gift in each status, as the parent and as the giver see it."""
    waiting, failed = family.give("75.00"), family.give("33.00")
    _see_links(album, family)
    declined, canceled, under_way = family.give(), family.give(), family.give("250.00", "KO")
    decline_gift(gift=declined, by=family.parent, reason="Thank you, not now.", at=clock.now())
    family.approve(canceled)
    cancel_gift(gift=Gift.objects.get(pk=canceled.pk), by=family.parent, at=clock.now())
    words, path = {"reason": "We would rather not."}, f"/gifts/{waiting.pk}/decline/"
    album.post(
        "words to a giver, read over", family.client, f"/gifts/{waiting.pk}/decline/", **words
    )
    purchase = family.approve(failed)
    family.stage.work()
    album.get("home, a gift to approve", family.client, "/home/")
    album.get("all of one sender", family.client, f"/gifts/{waiting.pk}/alike/email/")
    album.get("a bank to remove, money under way", family.client,
              f"/banks/{family.bank.pk}/remove/")  # fmt: skip
    album.post("a gift approved without a tick", family.client, f"/gifts/{waiting.pk}/approve/")
    family.approve(under_way)
    _see_gift(album, family, under_way, "approved just now")
    family.stage.work()
    returned = {"status": "RETURNED", "code": "R01"}
    path = f"deposits/{purchase.deposits.get().vendor_id}"
    family.stage.control("POST", path, returned)
    family.stage.advance(3700)
    family.stage.work()
    bought = Gift.objects.filter(purchase__status="EXECUTED").first()
    gifts = {"waiting": waiting, "declined": declined, "canceled": canceled, "failed": failed,
             "its money under way": under_way, "bought": bought}  # fmt: skip
    for name, gift in gifts.items():
        if gift is not None:
            _see_gift(album, family, gift, name)
    family.stage.advance(31 * 86_400)
    family.stage.work()
    _see_gift(album, family, waiting, "expired")


def trade(album: Album, family: Family) -> None:
    """See a ticket, the order read over, and orders in several states."""
    client, desk = family.client, Desk(family)
    path = f"/children/{family.child.pk}/orders/new/"
    form = read(client.get(path)).form_to()
    album.get("a ticket for a company", client, f"{path}?symbol=KO")
    album.keep("an order to read over", client.post(path, form.fill(symbol="KO", amount="25")))
    album.post("a ticket, all of it empty", client, path)
    resting = desk.trade(quantity="1", kind="LIMIT", price="20", time_in_force="GTC")
    filled = desk.trade(amount="20.00", symbol="KO")
    for order, name in ((resting, "that waits"), (filled, "that is filled")):
        album.get(f"an order {name}", client, f"/orders/{order.pk}/")
    assert Order.objects.filter(purchase=None).count() == 2
    album.get("orders", client, f"/children/{family.child.pk}/orders/")
    album.get("an account with orders", client, f"/children/{family.child.pk}/")


def bank(album: Album, family: Family) -> None:
    """See banks linked by numbers and by Plaid."""
    client = family.client
    album.get("banks, one linked", client, "/banks/")
    album.get("a bank's numbers", client, "/banks/new/")
    album.post("a bank's numbers, all of it empty", client, "/banks/new/")
    wrong = BANK | {"routing_number": "1", "account_number_again": "2"}
    album.post("a bank's numbers, wrong", client, "/banks/new/", **wrong)
    unconfirmed = make_unconfirmed_bank(family.parent, number="000987654321")
    path = f"/banks/{unconfirmed.pk}/confirm/"
    form = read(album.get("two small amounts", client, path)).form_to()
    first, second = wrong_cents(unconfirmed)
    album.keep("two wrong amounts", client.post(path, form.fill(first=first, second=second)))
    item = connect(family, TARTAN)
    album.get("banks, one connected", client, "/banks/")
    album.get("a connected account to choose", client, "/banks/choose/")
    album.post("a connected account, none chosen", client, "/banks/choose/")
    choose(family, "savings")
    album.get("banks, one in another name", client, "/banks/")
    album.get("a connection to end", client, f"/banks/connections/{item.pk}/remove/")


def be_secure(album: Album, family: Family) -> None:
    """See the pages about the login itself."""
    client = family.client
    client.logout()
    client.post("/account/login/", {"login": family.parent.user.email, "password": PASSWORD})
    for path, name in (
        ("email", "e-mail addresses"), ("password/change", "change the password"),
        ("logout", "sign out"), ("reauthenticate", "sign in once more"), ("2fa", "security"),
    ):  # fmt: skip
        album.get(name, client, f"/account/{path}/")
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    album.get("an authenticator app", client, "/account/2fa/totp/activate/")
    album.post(
        "e-mail addresses, a wrong one", client, "/account/email/", email="x", action_add="1"
    )
    album.post("change the password, wrong", client, "/account/password/change/", oldpassword="x")
    album.post(
        "an authenticator app, a wrong code", client, "/account/2fa/totp/activate/", code="1"
    )
    secret = give_app(family.parent.user)
    client.post("/account/2fa/reauthenticate/", {"code": code_of(secret)})
    for path, name in (
        ("", "security, with an app"), ("reauthenticate/", "a code once more"),
        ("totp/deactivate/", "an app to turn off"), ("recovery-codes/generate/", "new codes"),
    ):  # fmt: skip
        album.get(name, client, f"/account/2fa/{path}")
    album.post("recovery codes", client, "/account/2fa/recovery-codes/generate/")
    signing_in = Client()
    who = {"login": family.parent.user.email, "password": PASSWORD}
    album.post("signing in, a code is asked for", signing_in, "/account/login/", **who)
    album.post("signing in, a wrong code", signing_in, "/account/2fa/authenticate/", code="1")


def _see_links(album: Album, family: Family) -> None:
    at = f"/children/{family.child.pk}/links/"
    album.get("gift links", family.client, at)
    album.post("a gift link without a name", family.client, at, open_until="2020-01-01")
    album.post("a gift link made", family.client, at, name="Birthday party", most_gifts="20")
    link = GiftLink.objects.get(name="Birthday party")
    for page in ("replace", "close"):
        album.get(f"a gift link to {page}", family.client, f"/links/gifts/{link.pk}/{page}/")
    album.post("a gift link paused", family.client, f"/links/gifts/{link.pk}/pause/")
    album.get("a gift link that rests, as a giver sees it", Client(), f"/g/{link.code}/")
    album.post("a gift link closed", family.client, f"/links/gifts/{link.pk}/close/")
    album.get("a gift link closed, as a giver sees it", Client(), f"/g/{link.code}/")
    giver = GiverAddress.objects.all()[0]
    album.get("an address to confirm", Client(), f"/c/{giver.token}/")
    album.post("an address confirmed", Client(), f"/c/{giver.token}/")


def _see_gift(album: Album, family: Family, gift: Gift, name: str) -> None:
    album.get(f"a gift, {name}", family.client, f"/gifts/{gift.pk}/")
    album.get(f"a gift as its giver sees it, {name}", Client(), f"/t/{gift.token}/")


def _make_paper(family: Family) -> None:
    path = f"accounts/{family.account.vendor_id}/papers"
    family.stage.control("POST", path, {"kind": "statement"})
    for _day in range(3):
        family.stage.go_to("next-market-close")
        family.stage.advance(3600)
        family.stage.work()
