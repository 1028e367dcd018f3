"""The home page: what is next, what waits, and the children; in few queries however many."""

from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Child
from brokerage.models import Holding
from tests.cast import Family, make_child, make_known, make_parent, sign_in
from tests.pages.reading import read
from tests.stage import Stage


def test_a_new_parent_sees_where_to_begin(db: None) -> None:
    page = read(sign_in(make_parent("newcomer@family.example")).get("/home/"))

    assert "Getting ready" in page.text
    assert {"/start/", "/banks/"} <= set(page.links)
    assert "Needs you" not in page.text
    assert "Children" not in page.text


def test_a_known_parent_without_children_is_led_to_add_one(stage: Stage) -> None:
    parent = make_parent("custodian@family.example")
    make_known(parent)
    stage.work()

    page = read(sign_in(parent).get("/home/"))

    assert "Hello, Pat" in page.text
    assert "No child yet" in page.text
    assert "/children/new/" in page.links


def test_what_needs_correcting_is_said_first(stage: Stage) -> None:
    parent = make_parent("custodian@family.example")
    make_known(parent, last_name="DOB_NOT_MATCH")
    stage.work()

    page = read(sign_in(parent).get("/home/"))

    assert "Something needs correcting" in page.text
    assert "Correct your answers" in page.text


def test_a_waiting_gift_is_shown_with_its_giver(family: Family) -> None:
    gift = family.give()

    page = read(family.client.get("/home/"))

    assert "$50.00 of The Walt Disney Company for Sunny From Grandma, Mon, Nov 16" in page.text
    assert "1 gift waits for you" in page.text
    assert f"/gifts/{gift.pk}/" in page.links
    assert "Getting ready" not in page.text


@pytest.mark.bought
def test_a_bought_gift_is_in_the_childs_value(family: Family) -> None:

    page = read(family.client.get("/home/"))

    portfolio = family.client.get(f"/api/portfolio/{family.child.pk}").json()
    assert f"${portfolio['totalValue']}" in page.text
    assert "$50.00 of The Walt" not in page.text


def test_a_strangers_children_and_gifts_are_not_shown(family: Family, stranger: Family) -> None:
    gift = stranger.give()

    page = read(family.client.get("/home/"))

    assert f"/gifts/{gift.pk}/" not in page.html
    assert str(stranger.child.pk) not in page.html


@pytest.mark.bought
def test_five_children_with_gifts_and_shares_cost_no_more_queries_than_one(family: Family) -> None:
    urls = ("/home/", "/api/children", "/api/gifts")
    family.give()
    for_one = {url: count_queries(family.client, url) for url in urls}

    for n in range(4):
        sibling = of(
            family, make_child(family.parent, ssn=f"34567891{n}", born=date(2020, 1, 1 + n))
        )
        family.stage.work()
        sibling.give()
        sibling.approve(sibling.give())
    let_the_money_arrive(family)

    for_five = {url: count_queries(family.client, url) for url in urls}
    assert Holding.objects.count() == 5
    assert for_five == for_one
    assert max(for_one.values()) <= 32


@pytest.mark.slow
@pytest.mark.bought
def test_the_childs_page_costs_the_same_with_more_gifts_and_shares(family: Family) -> None:
    urls = (f"/children/{family.child.pk}/", f"/api/portfolio/{family.child.pk}")
    family.give()
    before = {url: count_queries(family.client, url) for url in urls}

    for symbol in ("KO", "NKE", "MAT"):
        family.give()
        family.approve(family.give("25.00", symbol))
    let_the_money_arrive(family)

    assert Holding.objects.count() == 4
    assert {url: count_queries(family.client, url) for url in urls} == before


def count_queries(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


def let_the_money_arrive(family: Family) -> None:
    family.stage.work()
    family.stage.settle_ach()
    family.stage.work()


def of(family: Family, child: Child) -> Family:
    return Family(family.stage, family.parent, child, family.bank, family.client)
