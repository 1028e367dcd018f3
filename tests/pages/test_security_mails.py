"""Whoever's sign-in changes, or is used anew, hears of it; nobody is locked out by others."""

import re
import smtplib
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings as site
from django.core import mail
from django.core.cache import cache
from django.core.mail import EmailMessage
from django.test import Client

from accounts import attempts, security
from accounts.models import User
from accounts.security_models import KnownBrowser, SecurityNote
from core import clock, sweeps
from core.models import AuditEntry
from core.waiting import in_words
from tests.cast import PASSWORD, make_parent, make_user
from tests.desk.staff import code_of
from tests.pages.reading import Page, read

EMAIL = "owner@family.example"
HOME, AWAY, ATTACKER = "203.0.113.5", "198.51.100.7", "192.0.2.66"
NEW_PASSWORD = "another long password"


@pytest.fixture
def owner(db: None) -> User:
    return make_parent(EMAIL).user


def sign_in(client: Client, password: str = PASSWORD, *, at: str = HOME, **headers: Any) -> Page:
    sent = {"login": EMAIL, "password": password}
    return read(client.post("/account/login/", sent, follow=True, REMOTE_ADDR=at, headers=headers))


def known_client(*, at: str = HOME) -> Client:
    """Return a browser the owner has signed in with, signed out again."""
    client = Client()
    sign_in(client, at=at)
    client.post("/account/logout/")
    return client


def letters() -> list[EmailMessage]:
    """Have what is due sent; return what was."""
    mail.outbox.clear()
    security.sweep(clock.now())
    return list(mail.outbox)


def the_letter(subject: str) -> str:
    (letter,) = [one for one in letters() if subject in one.subject]
    assert letter.to == [EMAIL]
    body = str(letter.body)
    assert f"{site.SITE_URL}/account/password/reset/" in body
    assert site.SUPPORT_EMAIL in body
    return body


# --- mails ----------------------------------------------------------------------------------------


def test_a_changed_password_is_told_with_what_to_do(owner: User) -> None:
    client = Client()
    sign_in(client)
    form = read(client.get("/account/password/change/")).form_to()

    client.post(
        "/account/password/change/",
        form.fill(oldpassword=PASSWORD, password1=NEW_PASSWORD, password2=NEW_PASSWORD),
        REMOTE_ADDR=HOME,
    )
    body = the_letter("Your password was changed")

    assert HOME in body
    (link,) = re.findall(r"http\S+/account/password/reset/", body)
    assert read(Client().get(link.removeprefix(site.SITE_URL))).status == 200
    assert AuditEntry.objects.filter(verb="security.noted").count() == 1
    assert letters() == []  # once


def test_a_password_chosen_by_mail_is_told(owner: User) -> None:
    client = Client()
    client.post("/account/password/reset/", {"email": EMAIL})
    (link,) = re.findall(r"http\S+/account/password/reset/key/\S+", str(mail.outbox[-1].body))
    page = read(client.get(link.removeprefix(site.SITE_URL), follow=True))
    sent = page.form_to().fill(password1=NEW_PASSWORD, password2=NEW_PASSWORD)
    client.post(page.url, sent)

    the_letter("Your password was chosen anew")
    owner.refresh_from_db()
    assert owner.check_password(NEW_PASSWORD)


def test_every_change_of_addresses_is_told_to_the_one_in_use(owner: User) -> None:
    client = Client()
    sign_in(client)

    client.post("/account/email/", {"action_add": "", "email": "second@family.example"})
    assert "second@family.example" in the_letter("An e-mail address was added")
    EmailAddress.objects.filter(email="second@family.example").update(verified=True)
    client.post("/account/email/", {"action_primary": "", "email": "second@family.example"})
    body = the_letter("Your e-mail address was changed")
    assert f"from {EMAIL} to second@family.example" in body

    client.post("/account/email/", {"action_remove": "", "email": EMAIL})
    (letter,) = letters()
    assert letter.to == ["second@family.example"]
    assert EMAIL in str(letter.body)


def test_the_second_step_is_told_when_it_goes_on_and_off(
    owner: User, django_capture_on_commit_callbacks: Any
) -> None:
    client = Client()
    sign_in(client)
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    page = read(client.get("/account/2fa/totp/activate/"))
    secret = page.html.split('<code class="secret">')[1].split("<")[0].strip()
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/account/2fa/totp/activate/", {"code": code_of(secret)})
    told = {one.subject for one in letters()}
    client.post("/account/2fa/totp/deactivate/", {})
    off = {one.subject for one in letters()}

    assert "The second step at sign-in was turned on" in told
    assert "The second step at sign-in was turned off" in off
    assert not Authenticator.objects.filter(user=owner, type="totp").exists()


def test_a_sign_in_by_a_browser_not_seen_before_is_told(owner: User) -> None:
    first = known_client()
    assert letters() == []  # the first browser is nobody's intruder
    sign_in(first, at=AWAY)
    assert letters() == []  # the same one elsewhere

    sign_in(Client(), at=ATTACKER, user_agent="Strange/1.0")
    body = the_letter("A new sign-in to your account")

    assert ATTACKER in body
    assert "Strange/1.0" in body


def test_a_sign_in_by_an_app_and_by_staff_is_told_too(owner: User) -> None:
    known_client()
    User.objects.filter(pk=owner.pk).update(is_staff=True)
    answer = Client().post(
        "/_allauth/app/v1/auth/login",
        {"email": EMAIL, "password": PASSWORD},
        content_type="application/json",
        REMOTE_ADDR=AWAY,
        headers={"user-agent": "App/2.0"},
    )

    assert answer.status_code == 200
    assert "App/2.0" in the_letter("A new sign-in to your account")


def test_signing_up_is_no_new_sign_in(db: None) -> None:
    client = Client()
    client.post("/account/signup/", {"email": "new@family.example", "password1": PASSWORD})
    (link,) = re.findall(r"http\S+/account/confirm-email/\S+", str(mail.outbox[-1].body))
    client.post(link.removeprefix(site.SITE_URL))

    assert client.get("/home/").status_code == 200
    assert letters() == []


def test_a_mail_server_that_is_away_neither_fails_the_change_nor_loses_the_mail(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Client()
    sign_in(client)

    def refuse(_self: EmailMessage, *_args: Any, **_kwargs: Any) -> int:
        raise smtplib.SMTPServerDisconnected

    with monkeypatch.context() as patch:
        patch.setattr(EmailMessage, "send", refuse)
        form = read(client.get("/account/password/change/")).form_to()
        sent = form.fill(oldpassword=PASSWORD, password1=NEW_PASSWORD, password2=NEW_PASSWORD)
        assert client.post("/account/password/change/", sent).status_code == 302
        security.sweep(clock.now())
    SecurityNote.objects.update(next_step_at=clock.now())

    the_letter("Your password was changed")


def test_the_sweep_of_the_site_sends_them(owner: User) -> None:
    known_client()
    sign_in(Client(), at=AWAY, user_agent="Other/1")
    mail.outbox.clear()

    sweeps.sweep_all(clock.now())

    assert [one.subject for one in mail.outbox] == ["A new sign-in to your account"]


# --- wrong passwords ------------------------------------------------------------------------------


def guess(times: int, *, at: str, client: Client | None = None) -> Page:
    page = None
    for number in range(times):
        page = sign_in(client or Client(), f"wrong password {number}", at=at)
    assert page is not None
    return page


@pytest.fixture(autouse=True)
def _no_counts(db: None) -> None:
    cache.clear()


def test_wrong_passwords_end_with_a_wait_that_is_told(owner: User) -> None:
    page = guess(6, at=ATTACKER)
    answer = Client().post(
        "/account/login/", {"login": EMAIL, "password": PASSWORD}, REMOTE_ADDR=ATTACKER
    )

    assert "in 5 minutes" in page.text
    assert "choose a new password" in page.text
    assert 240 < int(answer.headers["Retry-After"]) <= 300
    assert "_auth_user_id" not in answer.wsgi_request.session


def test_somebody_elses_tries_do_not_lock_the_owner_out(owner: User) -> None:
    known = known_client()
    guess(8, at=ATTACKER)

    elsewhere, at_home, same = Client(), Client(), known
    assert sign_in(elsewhere, at=AWAY).url == "/home/"  # an address of one's own
    assert sign_in(at_home, at=HOME).url == "/home/"
    assert sign_in(same, at=ATTACKER).url == "/home/"  # the known browser, even beside the guesser


@pytest.mark.slow
def test_guessing_from_many_addresses_is_stopped_but_not_for_known_browsers(owner: User) -> None:
    known = known_client()
    for number in range(attempts.STRANGERS[0] // 4 + 2):
        page = guess(4, at=f"192.0.2.{number + 1}")

    stranger = sign_in(Client(), at="198.51.100.99")
    mine = sign_in(known, at="198.51.100.98")

    assert "too many wrong tries" in page.text
    assert "too many wrong tries" in stranger.text
    assert mine.url == "/home/"


@pytest.mark.slow
def test_a_new_password_by_mail_opens_the_door_at_once(owner: User) -> None:
    for number in range(attempts.STRANGERS[0] // 4 + 2):
        guess(4, at=f"192.0.2.{number + 1}")
    client = Client()
    client.post("/account/password/reset/", {"email": EMAIL}, REMOTE_ADDR=AWAY)
    (link,) = re.findall(r"http\S+/account/password/reset/key/\S+", str(mail.outbox[-1].body))
    page = read(client.get(link.removeprefix(site.SITE_URL), follow=True))
    sent = page.form_to().fill(password1=NEW_PASSWORD, password2=NEW_PASSWORD)
    client.post(page.url, sent, REMOTE_ADDR=AWAY)

    assert sign_in(client, NEW_PASSWORD, at=AWAY).url == "/home/"


def test_a_known_browser_does_not_guess_for_ever(owner: User) -> None:
    known = known_client()

    page = guess(attempts.KNOWN[0] + 1, at=HOME, client=known)

    assert "too many wrong tries" in page.text


def test_a_made_up_cookie_is_no_known_browser(owner: User) -> None:
    known_client()
    for number in range(attempts.KNOWN[0] + 2):
        client = Client()
        client.cookies["known"] = f"made-up-{number}"
        page = sign_in(client, "wrong", at=HOME)

    assert "too many wrong tries" in page.text


def test_right_passwords_are_not_counted(owner: User) -> None:
    for _number in range(attempts.KNOWN[0] + 3):
        assert sign_in(Client(), at=HOME).url == "/home/"


def test_the_app_is_told_when_to_try_again(owner: User) -> None:
    for _number in range(6):
        answer = Client().post(
            "/_allauth/app/v1/auth/login",
            {"email": EMAIL, "password": "wrong"},
            content_type="application/json",
            REMOTE_ADDR=ATTACKER,
        )

    assert answer.status_code == 400
    assert int(answer.headers["Retry-After"]) > 200
    assert "in 5 minutes" in answer.json()["errors"][0]["message"]


def test_an_unknown_address_is_treated_alike(owner: User) -> None:
    texts = []
    for login in (EMAIL, "nobody@family.example"):
        for _number in range(6):
            answer = Client().post(
                "/account/login/", {"login": login, "password": "wrong"}, REMOTE_ADDR=ATTACKER
            )
        texts.append(read(answer).text.replace(login, ""))

    assert texts[0] == texts[1]


# --- every other limit ----------------------------------------------------------------------------


def test_a_page_that_is_asked_for_too_often_says_when_to_come_back(db: None, settings: Any) -> None:
    make_user(EMAIL)
    for _number in range(6):
        answer = Client().post("/account/password/reset/", {"email": EMAIL}, REMOTE_ADDR=HOME)
    page = read(answer)

    assert page.status == 429
    assert 30 < int(answer.headers["Retry-After"]) <= 60
    assert re.search(r"try again in (\d+ seconds|1 minute)\.", page.text)


def test_apps_are_told_in_a_header_too(db: None, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"login": "2/m/ip"}
    for _number in range(3):
        answer = Client().post(
            "/_allauth/app/v1/auth/login",
            {"email": EMAIL, "password": "x"},
            content_type="application/json",
        )

    body = answer.json()
    assert answer.status_code == 429
    assert 30 < int(answer.headers["Retry-After"]) <= 60
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (body["status"], body["code"]) == (429, "throttled")
    assert body["retryAfterSeconds"] == int(answer.headers["Retry-After"])
    assert re.search(r"try again in (\d+ seconds|1 minute)\.", body["detail"])


# --- addresses as they are typed ------------------------------------------------------------------

TYPED = [
    "  Owner@Family.example ",
    "mailto:owner@family.example",
    "owner@family.example.",
    "Pat Sample <owner@family.example>",
    "ｏwner@family．example",
    "owner\u200b@family.example",
]


@pytest.mark.parametrize("typed", TYPED)
def test_an_address_is_read_as_it_is_typed_wherever_one_signs_in(owner: User, typed: str) -> None:
    by_page = Client().post("/account/login/", {"login": typed, "password": PASSWORD})
    by_app = Client().post(
        "/_allauth/app/v1/auth/login",
        {"email": typed, "password": PASSWORD},
        content_type="application/json",
    )
    mail.outbox.clear()
    Client().post("/account/password/reset/", {"email": typed})
    Client().post(
        "/_allauth/app/v1/auth/password/request", {"email": typed}, content_type="application/json"
    )

    assert by_page.status_code == 302
    assert by_app.status_code == 200
    assert [letter.to for letter in mail.outbox] == [[EMAIL], [EMAIL]]


def test_an_address_is_tidied_where_one_signs_up_or_adds_another(owner: User) -> None:
    new = {"password1": PASSWORD, "email": "mailto: New@Family.example."}
    Client().post("/account/signup/", new)
    client = Client()
    client.force_login(owner)

    client.post("/account/email/", {"action_add": "", "email": " second@family.example. "})

    assert User.objects.filter(email="New@family.example".lower()).exists()
    assert EmailAddress.objects.filter(user=owner, email="second@family.example").exists()


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.2, "in 1 second"), (1, "in 1 second"), (59.2, "in 1 minute"), (40, "in 40 seconds"),
        (61, "in 2 minutes"), (240, "in 4 minutes"), (241, "in 5 minutes"),
        (7140, "in 119 minutes"), (7201, "in 3 hours"), (86_400, "in 24 hours"),
    ],
)  # fmt: skip
def test_the_wait_in_words_is_never_too_short(seconds: float, said: str) -> None:
    assert in_words(seconds) == said


def test_what_is_known_of_browsers_names_nobody(owner: User) -> None:
    client = known_client()
    row = KnownBrowser.objects.get(user=owner)
    cookie = client.cookies["known"]

    kept = f"{row.token_hash} {row.traces} {row.address}"
    assert HOME not in kept
    assert cookie.value not in kept
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
