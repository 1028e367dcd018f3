"""Where accounts are opened: asked first, told on the landing page, and who waits is written to."""

import re
from typing import Any

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client

from accounts import where
from accounts.models import Parent, UtmaRule, WaitingPlace
from core.models import AuditEntry
from core.throttle import Throttle
from tests.api.calling import Caller
from tests.cast import make_parent, sign_in
from tests.desk.staff import at_the_desk
from tests.pages.answers import KYC
from tests.pages.reading import Page, read
from tests.stage import Stage

EMAIL = "texan@family.example"
OPEN = 21


@pytest.fixture(autouse=True)
def fresh_throttle(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give each test the visits of a new day."""
    for module in ("accounts.where", "accounts.api.states"):
        monkeypatch.setattr(f"{module}.throttle", Throttle(10.0))


@pytest.fixture
def newcomer(db: None) -> Parent:
    parent = make_parent("newcomer@family.example")
    Parent.objects.update(state="")
    return parent


def join(email: str = EMAIL, state: str = "TX") -> Page:
    return read(Client().post("/waiting-list/", {"email": email, "state": state}))


def path_of(letter: Any, part: str) -> str:
    link = next(link for link in re.findall(r"https?://\S+", letter.body) if part in link)
    return "/" + str(link).split("/", 3)[3]


def test_the_landing_page_says_where_accounts_are_opened(db: None) -> None:
    page = read(Client().get("/"))

    assert "Where we open accounts" in page.text
    assert "Colorado" in page.text
    assert "Texas" not in page.text
    assert "/waiting-list/" in page.links
    UtmaRule.objects.filter(state="TX").update(status="CONFIRMED")
    assert "Texas" in read(Client().get("/")).text


def test_where_is_asked_before_phone_and_form(newcomer: Parent) -> None:
    client = sign_in(newcomer)

    home = read(client.get("/home/"))
    begun = read(client.get("/start/", follow=True))
    assert "/where/" in home.links
    assert begun.url == "/where/"
    assert "phone" not in {name for form in begun.forms for name in form.names}
    chosen = client.post("/where/", {"state": "CO"})

    newcomer.refresh_from_db()
    assert (chosen.status_code, newcomer.state) == (302, "CO")
    assert read(client.get("/start/", follow=True)).url != "/where/"
    assert AuditEntry.objects.filter(verb="parent.state_chosen").count() == 1


@pytest.mark.parametrize(
    ("state", "name"), [("TX", "Texas"), ("PR", "Puerto Rico"), ("GU", "Guam")]
)
def test_who_lives_elsewhere_hears_it_before_telling_anything(
    stage: Stage, newcomer: Parent, state: str, name: str
) -> None:
    client = sign_in(newcomer)

    told = read(client.post("/where/", {"state": state}))
    kept = read(client.post("/where/", {"state": state, "wait": "1"}, follow=True))
    stage.work()

    newcomer.refresh_from_db()
    assert f"Not in {name} yet" in told.text
    assert newcomer.state == ""
    assert f"in {name}" in kept.text
    place = WaitingPlace.objects.get()
    assert (place.email, place.state) == ("newcomer@family.example", state)
    assert place.confirmed_at is not None  # the address was confirmed at sign-up
    assert mail.outbox == []


def test_a_territory_is_no_home_on_the_form_while_it_is_closed(newcomer: Parent) -> None:
    client = sign_in(newcomer)

    offered = set(read(client.get("/about-you/")).form_to().options["state"].values())
    refused = read(client.post("/about-you/", KYC | {"state": "PR", "postal_code": "00901"}))

    assert {"CO", "TX", "DC"} <= offered
    assert not {"PR", "GU", "VI", "AS", "MP"} & offered
    assert "choose one of these" in refused.errors["state"]


@pytest.mark.parametrize(("state", "phone"), [("PR", "787-764-0000"), ("GU", "671-646-0000")])
def test_a_territory_that_is_open_is_taken_with_its_phones(
    newcomer: Parent, state: str, phone: str
) -> None:
    answers = KYC | {"state": state, "phone": phone}
    client = sign_in(newcomer)
    before = read(client.post("/about-you/", answers))
    UtmaRule.objects.filter(state=state).update(status="CONFIRMED", age=21)

    taken = read(client.post("/about-you/", answers, follow=True))

    assert {"state", "phone"} <= set(before.errors)
    assert taken.url == "/home/", taken.errors


def test_who_joins_confirms_by_mail_and_is_told_once_it_opens(stage: Stage) -> None:
    sent = join()
    again = join("Texan@Family.example")
    stage.work()

    assert "Look in your mail" in sent.text
    assert sent.text == again.text.replace("Texan@Family", "texan@family")
    (letter,) = mail.outbox
    assert letter.to == [EMAIL]
    assert "List-Unsubscribe" in letter.extra_headers
    confirm = path_of(letter, "/confirm/")
    assert "Shall we write to you" in read(Client().get(confirm)).text
    assert WaitingPlace.objects.get().confirmed_at is None  # a preview of the link confirms nothing
    assert "You are on the list" in read(Client().post(confirm)).text

    with pytest.raises(CommandError, match="not open"):
        call_command("tell_waiting", "TX")
    UtmaRule.objects.filter(state="TX").update(status="CONFIRMED")
    call_command("tell_waiting", "TX")
    call_command("tell_waiting", "TX")
    stage.work()
    stage.work()

    assert [m.subject for m in mail.outbox[1:]] == ["StockSprout opens accounts in Texas now"]
    verbs = AuditEntry.objects.filter(verb__startswith="waiting.").order_by("id")
    assert [row.verb for row in verbs] == [
        "waiting.joined",
        "waiting.confirmed",
        "waiting.telling",
        "waiting.told",
    ]


def test_who_has_not_confirmed_is_not_told(stage: Stage) -> None:
    join()
    stage.work()
    UtmaRule.objects.filter(state="TX").update(status="CONFIRMED")
    call_command("tell_waiting", "TX")
    stage.work()

    assert len(mail.outbox) == 1


def test_who_leaves_is_forgotten_and_may_come_back(stage: Stage) -> None:
    join()
    stage.work()
    leave = path_of(mail.outbox[0], "/leave/")

    assert "Shall we forget" in read(Client().get(leave)).text
    # A mail program presses it without a cookie or a token of the page (RFC 8058).
    pressed = Client(enforce_csrf_checks=True).post(leave, {"List-Unsubscribe": "One-Click"})
    place = WaitingPlace.objects.get()
    assert pressed.status_code == 200
    assert place.left_at is not None
    assert not place.email
    assert read(Client().post(path_of(mail.outbox[0], "/confirm/"))).status == 410

    join()
    stage.work()
    assert WaitingPlace.objects.get().email == EMAIL
    assert len(mail.outbox) == 2


def test_links_of_others_and_made_up_ones_do_nothing(stage: Stage) -> None:
    join()
    stage.work()
    confirm = path_of(mail.outbox[0], "/confirm/")

    as_leave = Client().post(confirm.replace("/confirm/", "/leave/"))
    made_up = Client().post("/waiting-list/leave/" + "x" * 300 + "/")

    assert (as_leave.status_code, made_up.status_code) == (410, 410)
    assert WaitingPlace.objects.get().left_at is None


def test_staff_tell_who_waits_with_a_reason(stage: Stage) -> None:
    join()
    stage.work()
    Client().post(path_of(mail.outbox[0], "/confirm/"))
    rule = UtmaRule.objects.get(state="TX")
    desk = at_the_desk()
    url = f"/admin/accounts/utmarule/{rule.pk}/act/tell-waiting/"
    assert desk.get(url).status_code == 404  # not open yet
    UtmaRule.objects.filter(pk=rule.pk).update(status="CONFIRMED")
    desk.post(url, {"reason": "Counsel confirmed."})
    stage.work()

    assert mail.outbox[-1].subject == "StockSprout opens accounts in Texas now"
    listed = desk.get("/admin/accounts/waitingplace/").content.decode()
    assert "TX" in listed
    assert EMAIL not in listed


def test_one_visitor_does_not_have_us_write_to_many(db: None, monkeypatch: Any) -> None:
    monkeypatch.setattr(where, "throttle", Throttle(0.02))

    statuses = [join(f"stranger{n}@elsewhere.example").status for n in range(3)]

    assert statuses == [200, 429, 429]
    assert WaitingPlace.objects.count() == 1


def test_the_api_says_where_and_takes_who_waits(stage: Stage) -> None:
    anybody = Caller(Client())

    told = {row["code"]: row for row in anybody.get("/api/states").body["states"]}
    joined = anybody.post("/api/waiting-list", {"email": EMAIL, "state": "TX"})
    wrong = anybody.post("/api/waiting-list", {"email": "nobody", "state": "ZZ"})
    stage.work()

    assert (told["CO"]["isOpen"], told["CO"]["controlAge"]) == (True, 21)
    assert (told["PR"]["isOpen"], told["PR"]["controlAge"]) == (False, None)
    assert sum(row["isOpen"] for row in told.values()) == OPEN
    assert (joined.status, joined.body) == (202, {"sentTo": EMAIL})
    assert wrong.problem() == (400, "invalid")
    assert len(mail.outbox) == 1
