"""A child's gift links: several, named, paused, limited, made anew and closed."""

from datetime import timedelta
from decimal import Decimal
from threading import Barrier, Thread
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client

from accounts.models import Child
from brokerage.models import Instrument
from core.errors import DomainError
from core.models import AuditEntry
from gifting.models import Gift, GiftLink
from gifting.operations import GiftOffer, add_link, give
from gifting.operations.links import LinkTerms
from tests.api.calling import Caller
from tests.cast import Family
from tests.pages.reading import Page, read
from tests.pages.test_give import offer


def see(code: str) -> Page:
    return read(Client().get(f"/g/{code}/"))


def send(code: str, **changes: Any) -> Page:
    return read(Client().post(f"/g/{code}/", offer(**changes), follow=True))


def main_link(family: Family) -> GiftLink:
    read(family.client.get(f"/children/{family.child.pk}/links/"))
    return GiftLink.objects.get(child=family.child, is_main=True, status="OPEN")


def make_link(family: Family, **terms: Any) -> GiftLink:
    name = terms.pop("name", "Party card")
    return add_link(
        child=family.child,
        terms=LinkTerms(name, **terms),
        by=family.parent,
        at=family.stage.now(),
    )


def press(family: Family, link: GiftLink, name: str) -> Page:
    return read(family.client.post(f"/links/gifts/{link.pk}/{name}/", follow=True))


def test_a_link_made_anew_stops_the_printed_one_kindly(family: Family) -> None:
    link, old = main_link(family), family.child.gift_code
    earlier = family.give()
    asked = read(family.client.get(f"/links/gifts/{link.pk}/replace/"))

    page = press(family, link, "replace")

    new = Child.objects.get(pk=family.child.pk).gift_code
    assert "every printed card of it stop at once" in asked.text
    assert new != old
    assert f"/g/{new}/" in page.html
    assert "<svg" in page.html
    closed = see(old)
    assert closed.status == 410
    assert "This link was changed. Please ask Sunny's family for the new one." in closed.text
    assert closed.forms == []
    assert send(old).status == 410
    assert send(new).status == 200
    assert Gift.objects.count() == 2
    assert read(family.client.get(f"/gifts/{earlier.pk}/")).status == 200
    assert AuditEntry.objects.filter(verb="gift_link.replaced").count() == 1
    assert f"/g/{new}/" in read(family.client.get(f"/children/{family.child.pk}/")).html


def test_made_anew_twice_by_two_clicks_is_once(family: Family) -> None:
    link = main_link(family)

    press(family, link, "replace")
    second = press(family, link, "replace")

    assert "already closed" in second.text
    assert GiftLink.objects.filter(child=family.child).count() == 2


def test_a_paused_link_rests_and_opens_again(family: Family) -> None:
    link = main_link(family)

    press(family, link, "pause")
    resting = see(link.code)
    refused = send(link.code)
    press(family, link, "resume")

    assert resting.status == refused.status == 409
    assert "Sunny's family takes no gifts by this link at the moment." in resting.text
    assert "Keep the link, and look in again later." in resting.text
    assert send(link.code).status == 200
    assert Gift.objects.count() == 1


def test_a_named_link_gives_to_the_same_child_and_closes_alone(family: Family) -> None:
    url = f"/children/{family.child.pk}/links/"
    form = read(family.client.get(url)).form_to(url)
    page = read(family.client.post(url, form.fill(name="Party card"), follow=True))
    party = GiftLink.objects.get(name="Party card")

    send(party.code)
    asked = read(family.client.get(f"/links/gifts/{party.pk}/close/"))
    press(family, party, "close")

    assert "Party card" in page.text
    assert Gift.objects.get().link == party
    assert Gift.objects.get().child == family.child
    assert "is not used any more" in asked.text
    assert "This link is not used any more." in see(party.code).text
    assert see(family.child.gift_code).status == 200
    listed = read(family.client.get(url))
    assert "Party card" in listed.text
    assert "Closed" in listed.text


def test_the_first_link_is_made_anew_and_not_closed(family: Family) -> None:
    link = main_link(family)

    page = press(family, link, "close")

    assert "can be paused or made anew, but not closed" in page.text
    assert see(link.code).status == 200


def test_a_link_ends_with_its_last_day_in_new_york(family: Family) -> None:
    link = make_link(family, open_until=family.stage.now().date() + timedelta(days=1))

    before = see(link.code)
    family.stage.advance(2 * 86_400)
    after = see(link.code)

    assert before.status == 200
    assert after.status == 410
    assert "This link was open until Tue, Nov 17." in after.text


def test_a_day_that_is_over_is_refused(family: Family) -> None:
    url = f"/children/{family.child.pk}/links/"

    page = read(family.client.post(url, {"name": "Party", "open_until": "2026-11-15"}))

    assert page.status == 422
    assert "still to come" in page.errors["open_until"]


def test_a_name_is_used_once_while_its_link_is_open(family: Family) -> None:
    first = make_link(family)
    url = f"/children/{family.child.pk}/links/"

    refused = read(family.client.post(url, {"name": " Party   card "}))
    press(family, first, "close")
    again = read(family.client.post(url, {"name": "Party card"}, follow=True))

    assert "link of this name" in refused.errors["name"]
    assert again.status == 200


def test_a_link_for_a_few_gifts_takes_no_more(family: Family) -> None:
    link = make_link(family, most_gifts=2)

    pages = [send(link.code) for _n in range(3)]

    assert [page.status for page in pages] == [200, 200, 410]
    assert "All gifts this link was made for have been given." in pages[2].text
    assert Gift.objects.count() == 2


def test_guests_at_the_same_moment_do_not_pass_the_number(live_family: Family) -> None:
    family, share = live_family, Instrument.objects.get(symbol="DIS")
    results: list[str] = []
    link = make_link(family, most_gifts=3)
    together = Barrier(8)

    def guest(number: int) -> None:
        sent = GiftOffer(share, Decimal(5), "Guest", f"guest{number}@party.example", "", uuid4())
        together.wait()
        try:
            give(child=family.child, link=link, offer=sent, at=family.stage.now())
            results.append("given")
        except DomainError as refusal:
            results.append(refusal.code)
        finally:
            connection.close()

    guests = [Thread(target=guest, args=[number]) for number in range(8)]
    for one in guests:
        one.start()
    for one in guests:
        one.join()

    assert sorted(results) == ["given"] * 3 + ["link_closed"] * 5
    assert Gift.objects.filter(link=link).count() == 3


@pytest.mark.parametrize("name", ["", "replace/", "pause/", "resume/", "close/"])
def test_a_strangers_links_are_nobodys(name: str, family: Family, stranger: Family) -> None:
    link = make_link(stranger)

    url = f"/links/gifts/{link.pk}/{name}"

    assert family.client.get(url, follow=True).status_code == 404
    if name:
        assert family.client.post(url).status_code == 404
    link.refresh_from_db()
    assert link.status == "OPEN"


def test_the_list_of_a_strangers_child_is_nobodys(family: Family, stranger: Family) -> None:
    url = f"/children/{stranger.child.pk}/links/"

    assert family.client.get(url).status_code == 404
    assert family.client.post(url, {"name": "Mine"}).status_code == 404
    assert Client().get(url).status_code == 302


class TestByTheApi:
    def test_a_link_is_made_listed_paused_made_anew_and_closed(self, family: Family) -> None:
        app, url = Caller(family.client), f"/api/children/{family.child.pk}/gift-links"

        made = app.post(url, {"name": "Grandma", "mostGifts": 5})
        link = made.body["giftLink"]
        paused = app.post(f"/api/gift-links/{link['id']}/pause", {})
        resumed = app.post(f"/api/gift-links/{link['id']}/resume", {})
        anew = app.post(f"/api/gift-links/{link['id']}/replace", {})
        closed = app.post(f"/api/gift-links/{anew.body['giftLink']['id']}/close", {})
        listed = app.get(url)

        assert made.status == 201
        assert (link["status"], link["mostGifts"], link["isFirst"]) == ("open", 5, False)
        assert paused.body["giftLink"]["status"] == "paused"
        assert resumed.body["giftLink"]["status"] == "open"
        assert anew.body["giftLink"]["url"] != link["url"]
        assert closed.body["giftLink"]["status"] == "closed"
        rows = [(row["name"], row["status"]) for row in listed.body["giftLinks"]]
        assert rows == [("", "open"), ("Grandma", "closed"), ("Grandma", "closed")]

    def test_what_can_not_be_is_refused_at_its_field(self, family: Family) -> None:
        app, url = Caller(family.client), f"/api/children/{family.child.pk}/gift-links"
        bodies = {
            "name": {"name": ""},
            "mostGifts": {"name": "A", "mostGifts": 0},
            "openUntil": {"name": "A", "openUntil": "2020-01-01"},
        }

        for field, body in bodies.items():
            answer = app.post(url, body)
            assert answer.problem()[0] == 400
            assert list(answer.fields) == [field]
        assert not GiftLink.objects.filter(name="A").exists()

    def test_a_strangers_link_is_nobodys(self, family: Family, stranger: Family) -> None:
        link, app = make_link(stranger), Caller(family.client)

        for name in ("replace", "pause", "resume", "close"):
            assert app.post(f"/api/gift-links/{link.pk}/{name}", {}).problem() == (404, "not_found")
        url = f"/api/children/{stranger.child.pk}/gift-links"
        assert app.get(url).problem() == (404, "not_found")
