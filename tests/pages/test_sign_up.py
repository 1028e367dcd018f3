"""Signing up and in: e-mail and password, the link in the mail, and who is kept out."""

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client

from accounts.models import Parent, User
from tests.cast import PASSWORD, make_parent
from tests.pages.reading import Browser, Page, read

EMAIL = "newcomer@family.example"


def sign_up(browser: Browser, email: str = EMAIL, password: str = PASSWORD) -> Page:
    return browser.submit(browser.open("/account/signup/"), email=email, password1=password)


def sign_in(browser: Browser, email: str = EMAIL, password: str = PASSWORD) -> Page:
    return browser.submit(browser.open("/account/login/"), login=email, password=password)


def confirm(browser: Browser) -> Page:
    (link,) = re.findall(r"http\S+", str(mail.outbox[-1].body))
    return browser.submit(browser.open(link), to="/account/confirm-email/")


def test_who_signs_up_and_confirms_is_a_parent_and_signed_in(db: None) -> None:
    browser = Browser()

    sign_up(browser)
    home = confirm(browser)

    assert home.url == "/home/"
    assert Parent.objects.filter(user__email=EMAIL).count() == 1


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("short", "at least 10 characters"),
        ("password123", "too common"),
        ("newcomer@family", "too similar to the email"),
        ("", "fill this in"),
    ],
)
def test_a_weak_password_is_refused_and_nobody_is_made(db: None, password: str, said: str) -> None:
    page = sign_up(Browser(), password=password)

    assert said in page.errors["password1"]
    assert not User.objects.exists()
    assert mail.outbox == []


def test_a_taken_address_gets_the_same_answer_as_a_new_one(db: None) -> None:
    make_parent("taken@family.example")

    for_taken = sign_up(Browser(), "taken@family.example", "another fine password")
    for_new = sign_up(Browser(), "fresh@family.example", "another fine password")

    assert (for_taken.url, for_taken.status) == (for_new.url, for_new.status)
    assert for_taken.text == for_new.text.replace("fresh@", "taken@")
    to_taken = next(m for m in mail.outbox if m.to == ["taken@family.example"])
    assert to_taken.subject == "You already have an account"


def test_a_taken_address_in_other_letters_is_the_same_address(db: None) -> None:
    make_parent("taken@family.example")

    sign_up(Browser(), "Taken@Family.Example", "another fine password")

    assert User.objects.count() == 1
    assert not Client().login(email="taken@family.example", password="another fine password")


def test_who_has_not_confirmed_cannot_enter(db: None) -> None:
    browser = Browser()
    sign_up(browser)

    after_sign_in = sign_in(browser)
    home = browser.open("/home/")

    assert "Look in your mail" in after_sign_in.text
    assert home.url == "/account/login/"


def test_opening_the_link_confirms_nothing_before_the_button_is_pressed(db: None) -> None:
    browser = Browser()
    sign_up(browser)
    (link,) = re.findall(r"http\S+", str(mail.outbox[-1].body))

    Browser().open(link)  # as a mail program's link checker does

    assert not EmailAddress.objects.get(email=EMAIL).verified
    assert browser.open("/home/").url == "/account/login/"


def test_a_mistyped_link_confirms_nothing(db: None) -> None:
    page = Browser().open("/account/confirm-email/MQ:1xxxxx:forged/")

    assert "expired or was used before" in page.text


@pytest.mark.parametrize("email", ["custodian@family.example", "nobody@family.example"])
def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(db: None, email: str) -> None:
    make_parent("custodian@family.example")

    page = sign_in(Browser(), email, "wrong password here")

    assert "The email address and/or password you specified are not correct." in page.text


def test_five_wrong_passwords_lock_even_the_right_one_out(db: None) -> None:
    make_parent(EMAIL)
    browser = Browser()

    for _try in range(5):
        sign_in(browser, password="wrong password here")
    page = sign_in(browser)

    assert "There were too many wrong tries. Please try again in 5 minutes" in page.text
    assert browser.open("/home/").url == "/account/login/"


def test_a_lock_out_is_of_one_address_alone(db: None) -> None:
    make_parent(EMAIL)
    make_parent("other@family.example")
    for _try in range(5):
        sign_in(Browser(), password="wrong password here")

    page = sign_in(Browser(), "other@family.example")

    assert page.url == "/home/"


def test_too_many_sign_ups_from_one_place_are_stopped(db: None) -> None:
    answers = [_sign_up_quickly(f"visitor{n}@family.example") for n in range(21)]

    assert [answer.status_code for answer in answers[:20]] == [302] * 20
    assert answers[20].status_code == 429
    assert "There were too many tries" in read(answers[20]).text


def _sign_up_quickly(email: str) -> Any:
    return Client().post("/account/signup/", {"email": email, "password1": PASSWORD})


def test_signing_out_takes_a_post(db: None) -> None:
    client = Client()
    client.force_login(make_parent(EMAIL).user)

    client.get("/account/logout/")
    still_in = client.get("/home/").status_code
    client.post("/account/logout/")

    assert still_in == 200
    assert client.get("/home/").status_code == 302


def test_pages_before_the_sign_in_have_our_name_and_say_it_is_practice(db: None) -> None:
    pages = [Browser().open(address) for address in ("/account/login/", "/account/signup/")]

    for page in pages:
        assert "StockSprout" in page.text
        assert "testserver" not in page.text
        assert "Practice mode" in page.text
