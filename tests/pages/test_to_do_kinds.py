"""Every kind of to-do: comes about through the front door, is shown, is done, and is gone.

Nothing here writes a status: a page, a vendor's practice desk or staff bring each thing about, and
the parent, or whoever it waits for, ends it in the same ways.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import Parent
from accounts.operations import ChildDetails, add_child
from brokerage.connections import list_choices
from brokerage.models import BankAccount, Case, DebitPause
from brokerage.operations import accept_owner, describe_names, lift_pause
from gifting.models import Gift
from gifting.todo import Kind
from prefill.models import PlaidItem
from prefill.operations import finish_repair, get_own_applicant, start_link
from sandbox.plaid.banks import TARTAN
from tests.api.calling import Caller
from tests.cast import Family, amounts_sent, make_known, make_parent, sign_in
from tests.desk.staff import make_staff
from tests.money.own_deposits import add, bank_says, hear
from tests.pages.answers import BANK, CHILD, KYC
from tests.pages.reading import read
from tests.pictures import draw
from tests.prefill.banking import Window, link_one, make_tenant_with_banks, now
from tests.stage import Stage

Act = Callable[["Play"], object]
OTHER = BANK | {"account_number": "000555000555", "account_number_again": "000555000555"}


@dataclass
class Play:
    """One parent before their pages; `family` where everything a gift needs is there."""

    stage: Stage
    client: Client
    parent: Parent
    known: Family | None = None

    @property
    def family(self) -> Family:
        assert self.known is not None
        return self.known

    @property
    def bank(self) -> BankAccount:
        """Return the newest bank, as it stands."""
        return BankAccount.objects.latest("created_at")

    @property
    def item(self) -> PlaidItem:
        return PlaidItem.objects.get()

    def to_do(self) -> list[dict[str, Any]]:
        return list(Caller(self.client).get("/api/to-do").body["toDo"])

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [row for row in self.to_do() if row["kind"] == kind]

    def post(self, path: str, **answers: Any) -> None:
        """Send a form, which must be taken."""
        answer = self.client.post(path, answers, follow=True)
        assert answer.status_code == 200, read(answer).errors
        self.stage.work()

    def fill(self, path: str, to: str = "", **answers: Any) -> None:
        """Open a page and send a form of it."""
        page = read(self.client.get(path))
        form = page.form_to(to)
        self.post(form.action or path, **form.fill(**answers))

    def put_away(self, kind: str) -> None:
        (row,) = self.of(kind)
        self.post("/home/put-away/", what=row["id"])

    def remove_bank(self) -> None:
        self.post(f"/banks/{self.bank.pk}/remove/")

    def later(self, **span: float) -> None:
        self.stage.advance(timedelta(**span).total_seconds())
        self.stage.work()


# --- how each comes about, and what ends it -------------------------------------------------------


def confirm_new_address(play: Play) -> None:
    bodies = "\n".join(str(letter.body) for letter in mail.outbox)
    play.post(re.findall(r"(/account/confirm-email/\S+)", bodies)[-1])


def add_child_named(play: Play, last_name: str) -> None:
    details = ChildDetails("Rain", last_name, date(2018, 4, 1), "345678912", "CO")
    add_child(parent=play.parent, details=details, at=now(), ip_address="127.0.0.1")
    play.stage.work()


def send_picture_of_child(play: Play) -> None:
    (row,) = play.of("child_identity")
    child = row["path"].split("/")[2]
    picture = SimpleUploadedFile("front.jpg", draw("JPEG"))
    play.post(f"/children/{child}/documents/", kind="PASSPORT", front=picture)


def be_asked_for_correction(play: Play) -> None:
    make_known(play.parent, last_name="DOB_NOT_MATCH")
    play.stage.work()


def broker_decides(play: Play, status: str, reason: str = "") -> None:
    told = {"status": status} | ({"reason": reason} if reason else {})
    play.stage.control("POST", f"accounts/{play.family.account.vendor_id}", told)
    play.later(days=1, minutes=1)


def type_numbers(play: Play) -> None:
    play.post("/banks/new/", **OTHER)


def name_amounts(play: Play) -> None:
    first, second = amounts_sent(play.bank)
    play.fill(f"/banks/{play.bank.pk}/confirm/", first=first, second=second)


def let_amounts_expire(play: Play) -> None:
    type_numbers(play)
    play.later(days=settings.MICRO_DEPOSITS_DAYS, hours=2)


def use_up_all_amounts(play: Play) -> None:
    """Have new ones sent as often as one may, and look before a worker has refused the bank."""
    type_numbers(play)
    while play.bank.resends_left:
        play.later(days=5)
        play.post(f"/banks/{play.bank.pk}/resend/")
    play.stage.advance(timedelta(days=settings.MICRO_DEPOSITS_DAYS, hours=2).total_seconds())


def connect(play: Play, bank: str = "ins_109508") -> None:
    make_tenant_with_banks()
    link_one(play.stage, get_own_applicant(play.parent, at=now()), bank)
    play.stage.work()


def choose(play: Play, subtype: str = "checking") -> None:
    choices = list_choices(play.parent)
    (pk,) = [one.account.pk for one in choices if one.account.subtype == subtype]
    play.post("/banks/choose/", account=str(pk), authorization="on")


def choose_anothers(play: Play) -> None:
    connect(play, TARTAN)
    choose(play, "savings")


def accept_as_staff(play: Play) -> None:
    case = Case.objects.get(kind=Case.Kind.OWNER, status="OPEN")
    told = describe_names(case)
    accept_owner(case, by=make_staff(), reason="A married name.", names=told, at=now())
    play.stage.work()


def have_money_returned(play: Play, code: str) -> None:
    deposit = add(play.family)
    play.stage.work()
    deposit.refresh_from_db()
    bank_says(play.family, deposit, "RETURNED", code)
    hear(play.family)


def lift_as_staff(play: Play) -> None:
    for pause in DebitPause.objects.filter(lifted_at=None):
        lift_pause(pause, by=make_staff(), reason="They explained it.", at=now())


def be_refused_by_broker(play: Play) -> None:
    play.stage.fault(
        method="POST", path="*/bank-accounts", kind="status", status=400, code="K075", times=1
    )
    type_numbers(play)
    name_amounts(play)


def bank_tells(play: Play, word: str) -> None:
    play.stage.control("POST", f"plaid/items/{play.item.item_id}", {"error": word})
    play.later(days=1, minutes=1)


def need_a_new_login(play: Play) -> None:
    connect(play)
    bank_tells(play, "ITEM_LOGIN_REQUIRED")


def sign_in_at_bank(play: Play) -> None:
    item, by = play.item, play.parent.user
    started = start_link(applicant=item.applicant, kind="update", item=item, by=by, at=now())
    Window(play.stage.box).pass_link(started.link_token, item.institution_id)
    finish_repair(session=started.session, by=by, at=now())


def take_permission_back(play: Play) -> None:
    connect(play)
    bank_tells(play, "USER_PERMISSION_REVOKED")


def connect_instead_of_typing(play: Play) -> None:
    play.remove_bank()
    connect(play)


def give(play: Play, number: int = 1) -> None:
    for _one in range(number):
        play.family.give()
    play.stage.work()


def decline_alike(play: Play) -> None:
    (row,) = play.of("gifts_alike")
    play.fill(row["path"])


def lose_a_gift(play: Play) -> None:
    purchase = play.family.approve(play.family.give())
    play.stage.work()
    path = f"deposits/{purchase.deposits.get().vendor_id}"
    play.stage.control("POST", path, {"status": "RETURNED", "code": "R01"})
    hear(play.family)


def try_again(play: Play) -> None:
    gift = Gift.objects.get()
    play.fill(f"/gifts/{gift.pk}/", to="retry", authorize="on")


def have_an_order_rejected(play: Play) -> None:
    play.family.buy()
    play.stage.control("POST", "next-order", {"outcome": "reject", "reason": "No."})
    child, app = play.family.child.pk, Caller(play.client)
    app.headers["Idempotency-Key"] = "an-order-that-is-rejected"
    sold = {"symbol": "DIS", "side": "SELL", "quantity": "0.1"}
    answer = app.post(f"/api/children/{child}/orders", sold)
    assert answer.status == 201, answer.body
    play.stage.work()


# Kind → who plays it (a newcomer, somebody known to the broker, or a whole family), how it comes
# about, and what ends it.
TABLE: dict[Kind, tuple[str, Act, Act]] = {
    Kind.EMAIL_UNCONFIRMED: (
        "family",
        lambda p: p.post("/account/email/", action_add="", email="second@family.example"),
        confirm_new_address,
    ),
    Kind.IDENTITY_START: ("new", lambda p: None, lambda p: p.fill("/about-you/", **KYC)),
    Kind.IDENTITY: (
        "new", be_asked_for_correction,
        lambda p: p.fill("/about-you/", last_name="Sample", e_sign="on", agreements="on"),
    ),
    Kind.ADD_CHILD: ("known", lambda p: None, lambda p: p.fill("/children/new/", **CHILD)),
    Kind.CHILD_IDENTITY: (
        "family", lambda p: add_child_named(p, "POOR_PHOTO_QUALITY"), send_picture_of_child,
    ),
    Kind.ACCOUNT_RESTRICTED: (
        "family",
        lambda p: broker_decides(p, "FROZEN", "LEGAL_AML"), lambda p: broker_decides(p, "OPEN"),
    ),
    Kind.BANK_CONFIRM: ("family", type_numbers, name_amounts),
    Kind.BANK_RESEND: (
        "family", let_amounts_expire, lambda p: p.post(f"/banks/{p.bank.pk}/resend/"),
    ),
    Kind.BANK_EXPIRED: ("family", use_up_all_amounts, Play.remove_bank),
    Kind.BANK_HELD: ("family", choose_anothers, accept_as_staff),
    Kind.BANK_DISABLED: (
        "family", lambda p: have_money_returned(p, "R03"),
        lambda p: p.post(f"/banks/{p.bank.pk}/verify/", authorization="on"),
    ),
    Kind.BANK_REFUSED: ("family", be_refused_by_broker, Play.remove_bank),
    Kind.BANK_RECONNECT: ("family", need_a_new_login, sign_in_at_bank),
    Kind.BANK_ACCESS_ENDED: (
        "family", take_permission_back,
        lambda p: p.post(f"/banks/connections/{p.item.pk}/remove/"),
    ),
    Kind.BANK_CHOOSE: ("family", connect_instead_of_typing, choose),
    Kind.BANK_LINK: ("family", Play.remove_bank, type_numbers),
    Kind.DEBITS_PAUSED: ("family", lambda p: have_money_returned(p, "R10"), lift_as_staff),
    Kind.GIFT_WAITING: (
        "family", give, lambda p: p.post(f"/gifts/{Gift.objects.get().pk}/decline/"),
    ),
    Kind.GIFTS_ALIKE: ("family", lambda p: give(p, 4), decline_alike),
    Kind.GIFT_FAILED: ("family", lose_a_gift, try_again),
    Kind.DEPOSIT_FAILED: (
        "family", lambda p: have_money_returned(p, "R01"), lambda p: p.put_away("deposit_failed"),
    ),
    Kind.ORDER_ENDED: (
        "family", have_an_order_rejected, lambda p: p.put_away("order_ended"),
    ),
    Kind.TRUSTED_CONTACT: (
        "family", lambda p: None, lambda p: p.post("/about-you/trusted-contact/remove/"),
    ),
}  # fmt: skip
AT_FIRST = {Kind.IDENTITY_START, Kind.ADD_CHILD, Kind.TRUSTED_CONTACT}  # nobody brings them about
STEPS = {Kind.BANK_CHOOSE}  # while getting ready Home calls it by its step's name, “Link your bank”


@pytest.fixture
def play(request: pytest.FixtureRequest, kind: Kind) -> Play:
    who = TABLE[kind][0]
    if who == "family":
        family: Family = request.getfixturevalue("family")
        return Play(family.stage, family.client, family.parent, family)
    stage: Stage = request.getfixturevalue("stage")
    parent = make_parent("newcomer@family.example")
    if who == "known":
        make_known(parent)
        stage.work()
    return Play(stage, sign_in(parent), parent)


def test_every_kind_has_a_row() -> None:
    assert set(Kind) == TABLE.keys()


@pytest.mark.daily(5)
@pytest.mark.parametrize("kind", TABLE)
def test_it_comes_is_shown_is_done_and_is_gone(kind: Kind, play: Play) -> None:
    _who, come, end = TABLE[kind]
    before = bool(play.of(kind))

    come(play)
    (row,) = play.of(kind)
    home = read(play.client.get("/home/"))
    there = read(play.client.get(row["path"], follow=True))
    end(play)
    after = read(play.client.get("/home/"))

    assert before == (kind in AT_FIRST)
    assert row["title"] in home.text or kind in STEPS
    assert row["path"] in home.links
    assert there.status == 200
    assert play.of(kind) == []
    assert not (row["title"] in after.text and row["text"] in after.text)
