"""Every page of a parent: closed to visitors, to strangers and to other tenants' parents."""

import pytest
from django.test import Client

from accounts.operations import create_parent
from core import clock
from tenants.models import Tenant
from tests.cast import Family, make_user
from tests.pages.reading import read


@pytest.fixture
def outsider(db: None) -> Client:
    """A parent of another tenant."""
    tenant = Tenant.objects.create(slug="elsewhere", name="Elsewhere")
    parent = create_parent(user=make_user("outsider@far.example"), tenant=tenant, at=clock.now())
    client = Client()
    client.force_login(parent.user)
    return client


def addresses(family: Family) -> list[str]:
    gift = family.give()
    return [
        f"/children/{family.child.pk}/",
        f"/gifts/{gift.pk}/",
        f"/gifts/{gift.pk}/approve/",
        f"/gifts/{gift.pk}/decline/",
        f"/banks/{family.bank.pk}/remove/",
    ]


def test_nobody_elses_rows_are_found(family: Family, stranger: Family, outsider: Client) -> None:
    for client in (stranger.client, outsider):
        for url in addresses(family):
            answer = client.post(url) if url.count("/") > 3 else client.get(url)
            assert answer.status_code == 404, url
            assert family.child.first_name not in read(answer).text


@pytest.mark.parametrize(
    "url",
    [
        "/home/",
        "/about-you/",
        "/about-you/trusted-contact/",
        "/children/new/",
        "/banks/",
        "/banks/new/",
        "/start/",
    ],
)
def test_a_visitor_is_asked_to_sign_in(db: None, url: str) -> None:
    for answer in (Client().get(url), Client().post(url)):
        assert answer.status_code == 302
        assert answer.headers["Location"] == f"/account/login/?next={url}"


def test_a_visitor_is_asked_to_sign_in_before_any_row_is_looked_for(family: Family) -> None:
    for url in [*addresses(family), "/children/7e3c4b1a-5d2f-4c60-9b1e-2a8f0c6d9e11/"]:
        for answer in (Client().get(url), Client().post(url)):
            assert answer.status_code == 302
            assert answer.headers["Location"].startswith("/account/login/")


def test_a_parent_who_is_signed_in_is_led_home_from_the_front_page(family: Family) -> None:
    assert read(family.client.get("/", follow=True)).url == "/home/"
    assert "Give a child a share of something." in read(Client().get("/")).text
