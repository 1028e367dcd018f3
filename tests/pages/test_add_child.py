"""Adding a child: who may be one, under which state's law, and only once."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from accounts.models import Child, Consent, Parent
from brokerage.models import BrokerAccount
from tests.cast import halt, make_known, make_parent, sign_in
from tests.pages.answers import CHILD, without
from tests.pages.reading import Page, read
from tests.stage import Stage

URL = "/children/new/"


@pytest.fixture
def parent(stage: Stage) -> Parent:
    parent = make_parent("custodian@family.example")
    make_known(parent)
    return parent


@pytest.fixture
def client(parent: Parent) -> Client:
    return sign_in(parent)


def send(client: Client, **changes: Any) -> Page:
    return read(client.post(URL, CHILD | changes, follow=True))


def test_a_child_is_added_and_gets_an_account(stage: Stage, client: Client, parent: Parent) -> None:
    page = send(client)
    stage.work()

    child = Child.objects.get(parent=parent)
    assert page.url == f"/children/{child.pk}/"
    assert "Sunny is added. The account opens in a moment." in page.text
    assert (child.ssn, child.control_age) == ("234567891", 21)
    assert Consent.objects.filter(parent=parent, kind="UTMA").count() == 1
    assert BrokerAccount.objects.get(child=child).status == "OPEN"
    assert "takes over the account at 21, on April 1, 2040" in page.text


@pytest.mark.parametrize("name", list(CHILD))
def test_a_missing_answer_is_named_and_nothing_is_saved(client: Client, name: str) -> None:
    page = read(client.post(URL, without(CHILD, name)))

    assert page.status == 422
    assert list(page.errors) == [name]
    assert not Child.objects.exists()


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("governing_state", "NY", "Please choose one of these"),  # waits for counsel
        ("governing_state", "PR", "Please choose one of these"),  # has no UTMA
        ("date_of_birth", "2026-11-17", "future"),  # tomorrow
        ("date_of_birth", "2008-11-16", "an account of their own"),  # 18 today
        ("date_of_birth", "1990-01-01", "an account of their own"),
        ("ssn", "900-56-7891", "ITIN"),
        ("first_name", "<script>", "letters of the name"),
        ("last_name", "S" * 37, "36"),
    ],
)
def test_an_answer_that_can_not_be_is_refused_at_its_field(
    client: Client, name: str, value: str, said: str
) -> None:
    page = send(client, **{name: value})

    assert page.status == 422
    assert said in page.errors[name]
    assert not Child.objects.exists()


def test_a_child_one_day_short_of_18_is_taken(client: Client) -> None:
    send(client, date_of_birth="2008-11-17")

    assert Child.objects.exists()


def test_a_child_born_today_is_taken(client: Client) -> None:
    send(client, date_of_birth="2026-11-16")

    assert Child.objects.exists()


@pytest.mark.parametrize(("state", "takes_over_on"), [("VA", "2042-03-01"), ("LA", "2046-03-01")])
def test_who_is_born_on_a_leap_day_takes_over_on_the_first_of_march(
    client: Client, state: str, takes_over_on: str
) -> None:
    page = send(client, date_of_birth="2024-02-29", governing_state=state)

    assert Child.objects.get().control_on == date.fromisoformat(takes_over_on)
    assert f"on March 1, {takes_over_on[:4]}" in page.text


def test_only_states_confirmed_by_counsel_are_on_offer(client: Client) -> None:
    form = read(client.get(URL)).form_to()

    offered = form.options["governing_state"]
    assert offered["Colorado: control at 21"] == "CO"
    assert offered["Virginia: control at 18"] == "VA"
    assert offered["Louisiana: control at 22"] == "LA"
    assert not {"NY", "CA", "TX", "PR", "GU"} & set(offered.values())


def test_the_same_child_twice_is_refused(client: Client) -> None:
    send(client)
    page = send(client, first_name="Sunnyboy", ssn="234 56 7891")

    assert page.status == 422
    assert "You have added this child already." in page.errors["ssn"]
    assert Child.objects.count() == 1


def test_two_parents_may_each_add_the_same_child(client: Client) -> None:
    other = make_parent("other@family.example")
    make_known(other)

    send(client)
    send(sign_in(other))

    assert Child.objects.count() == 2


def test_a_parent_who_is_not_known_yet_is_led_to_the_form(db: None) -> None:
    client = sign_in(make_parent("newcomer@family.example"))

    page = read(client.get(URL, follow=True))

    assert page.url == "/about-you/"
    assert "First tell us about yourself" in page.text


def test_a_parent_who_is_not_known_yet_adds_nobody(db: None) -> None:
    page = send(sign_in(make_parent("newcomer@family.example")))

    assert page.status == 422
    assert "First tell us about yourself" in page.text
    assert not Child.objects.exists()


def test_nobody_is_added_while_new_accounts_are_halted(client: Client) -> None:
    halt("halt-accounts")

    page = send(client)

    assert "New accounts are paused" in page.text
    assert not Child.objects.exists()


def test_the_childs_number_is_shown_on_no_page(client: Client) -> None:
    refused = send(client, agree="", governing_state="NY")
    added = send(client)
    home = read(client.get("/home/"))

    for page in (refused, added, home):
        assert "234-56-7891" not in page.html
        assert "234567891" not in page.html
