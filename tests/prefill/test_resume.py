"""Going on with the form on another device."""

import re
from collections.abc import Callable

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.test import Client

from accounts.models import Parent
from core.models import AuditEntry
from prefill.models import ResumeLink
from tests.cast import PASSWORD, make_known, make_parent, sign_in
from tests.pages.reading import Browser, read
from tests.stage import Stage


@pytest.fixture
def parent(stage: Stage) -> Parent:
    return make_parent("newcomer@family.example")


def make_link(parent: Parent, client: Client | None = None) -> str:
    page = read((client or sign_in(parent)).post("/start/elsewhere/"))
    found = re.search(r'value="[^"]*(/r/[\w-]+/)"', page.html)
    assert found, page.text
    return found[1]


def test_a_link_goes_on_elsewhere_once(parent: Parent) -> None:
    link, phone, other = make_link(parent), Browser(), Browser()

    preview = phone.open(link)
    opened = other.open(link)
    arrived = phone.submit(preview, link)
    late = other.submit(opened, link)

    assert "n•••@family.example" in preview.text
    assert "newcomer" not in preview.html
    assert arrived.url == "/start/phone/"
    assert late.status == 410
    assert "This link no longer works" in late.text
    assert "/account/login/?next=/start/" in late.links
    verbs = AuditEntry.objects.filter(verb__startswith="resume_link").order_by("id")
    assert [row.verb for row in verbs] == ["resume_link.made", "resume_link.used"]
    session = phone.client.session
    assert 0 < session.get_expiry_age() <= 12 * 3600
    assert link.split("/")[2] not in ResumeLink.objects.get().digest


def change_password(client: Client) -> None:
    new = "another horse battery"
    form = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert client.post("/account/password/change/", form).status_code == 302


ENDS: dict[str, Callable[[Client], object]] = {
    "a new password": change_password,
    "a new password from elsewhere": lambda _client: change_password(sign_in(Parent.objects.get())),
    "signed out": lambda client: client.post("/account/logout/"),
    "all sessions ended": lambda _client: Session.objects.all().delete(),
}


@pytest.mark.parametrize("end", ENDS)
def test_the_end_of_the_session_it_was_made_in_is_its_own(parent: Parent, end: str) -> None:
    client, phone = sign_in(parent), Browser()
    link = make_link(parent, client)
    opened = phone.open(link)

    ENDS[end](client)

    assert phone.submit(opened, link).status == 410
    assert phone.open(link).status == 410
    assert "_auth_user_id" not in phone.client.session
    assert ResumeLink.objects.get().used_at is None


@pytest.mark.parametrize("why", ["expired", "replaced", "unknown"])
def test_a_link_that_is_over_says_so_kindly(stage: Stage, parent: Parent, why: str) -> None:
    link, visitor = make_link(parent), Browser()
    if why == "expired":
        stage.advance(601)
    elif why == "replaced":
        make_link(parent)
    else:
        link = "/r/nothing-at-all/"

    page = visitor.open(link)

    assert page.status == 410
    assert "sign in and go on" in page.text
    assert Client().post(link).status_code == 410


def test_who_has_a_second_factor_signs_in_as_ever(parent: Parent) -> None:
    Authenticator.objects.create(user=parent.user, type=Authenticator.Type.TOTP, data={})
    link, phone = make_link(parent), Browser()

    page = phone.submit(phone.open(link), link)

    assert page.url == "/account/login/"
    assert "second step" in page.text
    assert "_auth_user_id" not in phone.client.session
    assert ResumeLink.objects.get().used_at is None


def test_somebody_else_who_is_signed_in_is_not_signed_in_as_another(parent: Parent) -> None:
    link, stranger = make_link(parent), sign_in(make_parent("stranger@elsewhere.example"))

    page = read(stranger.get(link))
    sent = read(stranger.post(link))

    assert "Somebody else is signed in here" in page.text
    assert "Somebody else is signed in here" in sent.text
    assert ResumeLink.objects.get().used_at is None


def test_a_few_links_an_hour_are_enough(stage: Stage, parent: Parent) -> None:
    for _n in range(5):
        make_link(parent)

    page = read(sign_in(parent).post("/start/elsewhere/"))
    stage.advance(3601)

    assert page.status == 429
    assert "Please try again in 60 minutes." in page.text
    assert make_link(parent)


def test_a_former_user_is_not_signed_in(parent: Parent) -> None:
    link, phone = make_link(parent), Browser()
    opened = phone.open(link)
    parent.user.is_active = False
    parent.user.save()

    assert phone.submit(opened, link).status == 410
    assert "_auth_user_id" not in phone.client.session


def test_once_the_form_is_in_there_is_nothing_to_go_on_with(parent: Parent) -> None:
    make_known(parent)

    assert read(sign_in(parent).get("/start/elsewhere/", follow=True)).url == "/home/"
