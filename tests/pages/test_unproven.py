"""Whoever proves an address has the account: nobody waits in it with a password of their own."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client

from accounts import sweeps
from accounts.models import Parent, User
from core import clock
from core.models import AuditEntry
from tests.cast import PASSWORD, make_parent
from tests.desk.staff import code_of, give_app
from tests.pages.reading import Browser, Page

EMAIL = "owner@family.example"
MINE, THEIRS = PASSWORD, "the password of an attacker"
APP = "/_allauth/app/v1/auth"


def sign_up(browser: Browser, password: str) -> Page:
    return browser.submit(browser.open("/account/signup/"), email=EMAIL, password1=password)


def sign_in(password: str, browser: Browser | None = None) -> Page:
    browser = browser or Browser()
    return browser.submit(browser.open("/account/login/"), login=EMAIL, password=password)


def link() -> str:
    """Return the link of the newest mail that has one to confirm by."""
    found = [re.findall(r"http\S+/confirm-email/\S+", str(one.body)) for one in mail.outbox]
    return str([links[0] for links in found if links][-1])


def confirm(browser: Browser) -> Page:
    return browser.submit(browser.open(link()), to="/account/confirm-email/")


def is_in(page: Page) -> bool:
    return page.url == "/home/"


def test_the_owner_who_opens_a_strangers_sign_up_chooses_the_password(db: None) -> None:
    stranger, owner = Browser(), Browser()
    sign_up(stranger, THEIRS)

    choosing = confirm(owner)
    assert "password" in choosing.url
    owner.submit(choosing, password1=MINE, password2=MINE)

    assert not is_in(sign_in(THEIRS))
    assert not is_in(sign_in(THEIRS, stranger))
    assert is_in(sign_in(MINE))
    assert Parent.objects.filter(user__email=EMAIL).count() == 1


def test_before_a_password_is_chosen_nobody_gets_in(db: None) -> None:
    stranger = Browser()
    sign_up(stranger, THEIRS)
    confirm(Browser())

    assert not is_in(sign_in(THEIRS))
    assert not is_in(stranger.open("/home/"))
    assert AuditEntry.objects.filter(verb="password.dropped").count() == 1


def test_the_owners_own_sign_up_takes_the_place_of_a_strangers(db: None) -> None:
    sign_up(Browser(), THEIRS)
    owner = Browser()
    sign_up(owner, MINE)

    assert is_in(confirm(owner))
    assert not is_in(sign_in(THEIRS))
    assert is_in(sign_in(MINE))


def test_a_stranger_who_signs_up_in_between_has_the_owner_choose_again(db: None) -> None:
    owner = Browser()
    sign_up(owner, MINE)
    opened = link()
    sign_up(Browser(), THEIRS)

    choosing = owner.submit(owner.open(opened), to="/account/confirm-email/")

    assert "password" in choosing.url
    assert not is_in(sign_in(THEIRS))


def test_an_apps_sign_up_is_one_like_any_other(db: None) -> None:
    app = Client()
    sent = {"email": EMAIL, "password": THEIRS}
    app.post(f"{APP}/signup", sent, "application/json")
    owner = Client()
    answer = owner.post(f"{APP}/signup", {"email": EMAIL, "password": MINE}, "application/json")
    token = {"X-Session-Token": answer.json()["meta"]["session_token"]}
    key = link().rstrip("/").rpartition("/")[2]

    proven = owner.post(f"{APP}/email/verify", {"key": key}, "application/json", headers=token)

    assert proven.status_code == 200, proven.json()
    assert not is_in(sign_in(THEIRS))
    assert is_in(sign_in(MINE))


def test_a_proven_account_is_nobodys_to_sign_up(db: None) -> None:
    owner = Browser()
    sign_up(owner, MINE)
    confirm(owner)

    page = sign_up(Browser(), THEIRS)

    assert page.url == "/account/confirm-email/"  # what everybody is answered
    assert is_in(sign_in(MINE))
    assert not is_in(sign_in(THEIRS))


def test_a_password_nobody_proved_an_address_for_lapses(db: None) -> None:
    sign_up(Browser(), THEIRS)
    user = User.objects.get()

    sweeps.sweep(clock.now() + timedelta(days=2))
    user.refresh_from_db()
    assert user.has_usable_password()

    sweeps.sweep(clock.now() + timedelta(days=4))
    user.refresh_from_db()
    assert not user.has_usable_password()

    owner = Browser()
    sign_up(owner, MINE)
    assert is_in(confirm(owner))


@pytest.mark.parametrize("has_app", [False, True])
def test_a_session_on_the_web_ends_after_half_a_day_with_or_without_a_second_step(
    db: None, has_app: bool
) -> None:
    user = make_parent(EMAIL).user
    secret = give_app(user) if has_app else ""
    client = Client()
    client.post("/account/login/", {"login": EMAIL, "password": PASSWORD})
    if has_app:
        client.post("/account/2fa/authenticate/", {"code": code_of(secret)})

    assert client.get("/home/").status_code == 200
    left = timedelta(seconds=client.session.get_expiry_age())
    assert timedelta(hours=11) < left <= timedelta(hours=12)
    assert isinstance(client.session.get("_session_expiry"), str)  # a moment: use prolongs nothing
