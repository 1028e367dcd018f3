"""Thirty gifts from a script: few mails, other givers unhindered, one decision for all."""

from collections import Counter
from datetime import timedelta
from threading import Thread
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.db import connection
from django.test import Client

from brokerage.models import Case, Instrument
from core.models import AuditEntry
from core.retention import forget
from gifting.models import Contributor, Gift, GiverAddress
from tests.api.calling import Caller
from tests.cast import Family
from tests.pages.reading import Page, read
from tests.pages.test_give import offer

PARENT = "custodian@family.example"


def send(family: Family, network: str = "203.0.113.7", **changes: Any) -> Page:
    """Send the form from somewhere in the internet."""
    client = Client(REMOTE_ADDR=network)
    return read(client.post(f"/g/{family.child.gift_code}/", offer(**changes), follow=True))


def mails() -> Counter[str]:
    return Counter(message.to[0] for message in mail.outbox)


def confirm(email: str) -> Page:
    """Follow the link in the first mail to an address, and press the button."""
    letter = next(message for message in mail.outbox if message.to == [email])
    path = next(word for word in letter.body.split() if "/c/" in word)
    path = path[path.index("/c/") :]
    return read(Client().post(path, follow=True))


def test_thirty_gifts_of_one_script_are_two_mails_and_one_row(family: Family) -> None:
    family.stage.work()  # the letter of the account that has just opened
    mail.outbox.clear()
    pages = [send(family, giver_email="script@bot.example") for _n in range(30)]
    family.stage.work()

    assert Counter(page.status for page in pages) == {200: 20, 422: 10}
    assert "You can send the next one in about an hour" in pages[-1].text
    assert mails() == {PARENT: 1, "script@bot.example": 1}
    home = read(family.client.get("/home/"))
    assert "20 gifts like this from Grandma for Sunny" in home.text
    assert home.text.count("Look and decide") == 1


@pytest.mark.slow
def test_another_giver_of_the_same_child_is_not_hindered(family: Family) -> None:
    for _n in range(30):
        send(family, giver_email="script@bot.example")

    page = send(family, "198.51.100.4", giver_email="aunt@family.example", giver_name="Aunt")

    assert page.status == 200
    assert Gift.objects.filter(contributor__name="Aunt").count() == 1


@pytest.mark.slow
def test_spoofed_addresses_from_one_network_are_held_by_the_network(family: Family) -> None:
    pages = [send(family, giver_email=f"victim{n}@else.example") for n in range(40)]
    elsewhere = send(family, "198.51.100.4", giver_email="aunt@family.example")
    family.stage.work()

    assert Counter(page.status for page in pages) == {200: 30, 422: 10}
    assert elsewhere.status == 200
    assert max(mails().values()) == 1
    home = read(family.client.get("/home/"))
    assert "30 gifts like this" in home.text
    assert "from one internet connection" in home.text


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:203.0.113.7", "203.0.113.7", True),
        ("203.0.113.7", "203.0.113.8", False),
    ],
)
def test_a_home_is_one_network(one: str, other: str, same: bool, family: Family) -> None:
    send(family, one, giver_email="a@family.example")
    send(family, other, giver_email="b@family.example")

    assert (len(set(Gift.objects.values_list("sender_index", flat=True))) == 1) is same


def test_the_address_of_a_giver_is_kept_by_its_hash_alone(family: Family) -> None:
    send(family)

    gift = Gift.objects.get()
    assert len(gift.sender_index) == 64
    assert "203.0.113" not in str(vars(gift))


def test_the_next_hour_is_open_again(family: Family) -> None:
    for _n in range(21):
        send(family)
    family.stage.advance(3601)

    assert send(family).status == 200


@pytest.mark.slow
def test_a_form_sent_again_takes_nothing_of_the_allowance(family: Family) -> None:
    typed = offer()
    for _n in range(40):
        page = read(Client().post(f"/g/{family.child.gift_code}/", typed, follow=True))
        assert page.status == 200

    assert Gift.objects.count() == 1
    assert send(family).status == 200


@pytest.mark.slow
def test_the_parent_hears_at_once_and_then_of_all_that_came_meanwhile(family: Family) -> None:
    for n in range(8):
        send(family, f"198.51.100.{n}", giver_email=f"g{n}@family.example")
        family.stage.work()
    at_once = [m for m in mail.outbox if m.to == [PARENT]]
    family.stage.advance(3700)
    family.stage.work()
    later = [m for m in mail.outbox if m.to == [PARENT]][1:]
    family.stage.advance(4 * 3600)
    family.stage.work()

    assert len(at_once) == 1
    (digest,) = later
    assert digest.subject == "7 more gifts wait for you"
    assert "and 1 more" in digest.body
    assert mails()[PARENT] == 2


def test_what_is_decided_meanwhile_is_not_told_as_waiting(family: Family) -> None:
    for name in "ab":
        send(family, giver_email=f"{name}@family.example")
        family.stage.work()
    for gift in Gift.objects.all():
        family.client.post(f"/gifts/{gift.pk}/decline/")

    family.stage.advance(3700)
    family.stage.work()

    assert mails()[PARENT] == 1


def test_an_unconfirmed_giver_gets_one_mail_a_day_with_the_rest_in_it(family: Family) -> None:
    for _n in range(5):
        send(family, giver_email="grandma@family.example")
        family.stage.work()
    first_day = mails()["grandma@family.example"]
    family.stage.advance(86_500)
    family.stage.work()
    family.stage.advance(86_500)
    family.stage.work()

    assert first_day == 1
    assert mails()["grandma@family.example"] == 2
    assert "3 more of the gifts" in mail.outbox[-1].body


def test_an_unconfirmed_giver_gets_one_mail_a_day_whatever_there_is_to_tell(
    family: Family,
) -> None:
    for _n in range(3):
        send(family, giver_email="grandma@family.example")
    family.stage.work()
    declined, waits, _other = Gift.objects.order_by("given_at")
    family.client.post(f"/gifts/{declined.pk}/decline/")
    send(family, giver_email="grandma@family.example", amount="77")
    family.stage.work()
    same_day = mails()["grandma@family.example"]

    family.stage.advance(86_500)
    family.stage.work()
    family.stage.advance(86_500)
    family.stage.work()

    letter = mail.outbox[-1]
    assert (same_day, mails()["grandma@family.example"]) == (1, 2)
    assert letter.subject == "News of your gifts"
    assert "was not taken; no money has moved" in letter.body
    assert "$77.00 of" in letter.body
    assert letter.body.count("waits for the family") == 1  # the others were told of at first
    assert f"/t/{declined.token}/" in letter.body
    assert f"/t/{waits.token}/" not in letter.body
    assert "/c/" in letter.body  # still asked whether the address is theirs


def test_addresses_of_givers_are_forgotten_once_nobody_gives_by_them(family: Family) -> None:
    send(family, giver_email="grandma@family.example")
    send(family, giver_email="typed@wrong.example")
    family.stage.work()
    confirm("grandma@family.example")

    family.stage.advance(89 * 86_400)
    forget(family.stage.now())
    after_a_season = GiverAddress.objects.count()
    family.stage.advance(2 * 86_400)
    forget(family.stage.now())
    left = list(GiverAddress.objects.values_list("confirmed_at", flat=True))
    forget(family.stage.now() + timedelta(days=3 * 366))

    assert after_a_season == 2
    assert len(left) == 1
    assert left[0] is not None
    assert not GiverAddress.objects.exists()
    assert Contributor.objects.count() == 2  # the gifts' own


def test_who_confirms_is_written_to_about_each_gift(family: Family) -> None:
    send(family, giver_email="Grandma@Family.example")
    family.stage.work()
    page = confirm("Grandma@family.example")  # the part after the @ has no capitals

    for _n in range(2):
        send(family, giver_email="grandma@family.example")
        family.stage.work()

    assert "We know now that this address is yours" in page.text
    assert sum(n for to, n in mails().items() if to.lower() == "grandma@family.example") == 3
    assert "/c/" not in mail.outbox[-1].body
    assert AuditEntry.objects.filter(verb="giver.confirmed").count() == 1


def test_opening_the_link_alone_confirms_nothing(family: Family) -> None:
    send(family)
    family.stage.work()
    giver = GiverAddress.objects.get()

    page = read(Client().get(f"/c/{giver.token}/"))

    giver.refresh_from_db()
    assert giver.confirmed_at is None
    assert "Is this your e-mail address?" in page.text
    assert Client().get("/c/nobody/").status_code == 404
    assert Client().post("/c/nobody/").status_code == 404
    assert Client().post("/c/a%00b/").status_code == 400
    giver.refresh_from_db()
    assert giver.confirmed_at is None


def test_a_full_link_is_still_open_to_confirmed_givers(family: Family, settings: Any) -> None:
    settings.GIFTS_WAITING_AT_LINK = 3
    send(family, giver_email="grandma@family.example")
    family.stage.work()
    confirm("grandma@family.example")
    for n in range(3):
        send(family, f"198.51.100.{n}", giver_email=f"g{n}@else.example")

    unknown = send(family, "198.51.100.9", giver_email="new@else.example")
    grandma = send(family, "198.51.100.10", giver_email="grandma@family.example")

    assert unknown.status == 422
    assert "ask the family for another link" in unknown.text
    assert grandma.status == 200


def test_all_of_one_sender_are_declined_after_one_question(family: Family) -> None:
    for _n in range(12):
        send(family, giver_email="script@bot.example")
    send(family, "198.51.100.4", giver_email="aunt@family.example", giver_name="Aunt")
    family.stage.work()
    mail.outbox.clear()
    url = next(link for link in read(family.client.get("/home/")).links if "/alike/" in link)
    asked = read(family.client.get(url))
    family.stage.advance(5)
    send(family, giver_email="script@bot.example")

    page = read(family.client.post(url, asked.form_to().fill(), follow=True))
    family.stage.work()

    assert "Decline all 12 of these?" in asked.text
    assert "12 gifts are declined. No money has moved." in page.text
    statuses = Counter(Gift.objects.values_list("contributor__name", "status"))
    assert statuses == {
        ("Grandma", "DECLINED"): 12,
        ("Grandma", "PENDING"): 1,
        ("Aunt", "PENDING"): 1,
    }
    assert "script@bot.example" not in mails()
    assert AuditEntry.objects.filter(verb="gift.declined").count() == 12
    again = read(family.client.post(url, asked.form_to().fill(), follow=True))
    assert "0 gifts are declined" in again.text


def test_a_nuisance_is_turned_away_and_looked_at(family: Family) -> None:
    for _n in range(5):
        send(family, giver_email="script@bot.example")
    url = next(link for link in read(family.client.get("/home/")).links if "/alike/" in link)
    form = read(family.client.get(url)).form_to()

    family.client.post(url, form.fill(report="on"))
    refused = send(family, "198.51.100.77", giver_email="Script@bot.example")
    other = send(family, giver_email="aunt@family.example")

    assert Case.objects.get(kind="NUISANCE").parent == family.parent
    assert refused.status == 422
    assert "takes no gifts from this e-mail address" in refused.text
    assert other.status == 200


def test_the_sender_of_one_gift_is_reported_from_its_page(family: Family) -> None:
    send(family, giver_email="script@bot.example")
    gift = Gift.objects.get()
    url = next(
        link for link in read(family.client.get(f"/gifts/{gift.pk}/")).links if "report" in link
    )
    page = read(family.client.get(url))

    told = read(family.client.post(url, page.form_to("").fill(), follow=True))
    refused = send(family, giver_email="script@bot.example")

    assert "Decline this gift?" in page.text
    assert page.form_to("").values["report"] == "on"
    assert "1 gift is declined." in told.text
    assert "takes no gifts from this e-mail address" in refused.text
    assert Case.objects.get(kind="NUISANCE").parent == family.parent


def test_a_stranger_declines_nothing(family: Family, stranger: Family) -> None:
    for _n in range(5):
        send(family)
    gift = Gift.objects.first()
    assert gift is not None
    url = f"/gifts/{gift.pk}/alike/email/"
    until = (family.stage.now() + timedelta(days=1)).isoformat()

    assert stranger.client.get(url).status_code == 404
    assert stranger.client.post(url, {"until": until}).status_code == 404
    assert family.client.get(f"/gifts/{gift.pk}/alike/nonsense/").status_code == 404
    body = {"same": "email", "until": until}
    answer = Caller(stranger.client).post(f"/api/gifts/{gift.pk}/decline-alike", body)
    assert answer.problem() == (404, "not_found")
    assert not Gift.objects.exclude(status="PENDING").exists()


def test_by_the_api_one_sender_is_declined_too(family: Family) -> None:
    for _n in range(5):
        send(family)
    gift, app = Gift.objects.latest("given_at"), Caller(family.client)

    answer = app.post(
        f"/api/gifts/{gift.pk}/decline-alike",
        {"same": "email", "until": family.stage.now().isoformat()},
    )

    assert answer.body == {"declined": 5}


@pytest.mark.parametrize("body", [{}, {"reason": ""}, {"reason": "Too much, dear"}])
def test_one_gift_is_declined_by_the_api(body: dict[str, str], family: Family) -> None:
    gift = family.give()

    answer = Caller(family.client).post(f"/api/gifts/{gift.pk}/decline", body)

    gift.refresh_from_db()
    assert answer.body["gift"]["status"] == "declined"
    assert (gift.status, gift.reason) == ("DECLINED", body.get("reason", ""))
    again = Caller(family.client).post(f"/api/gifts/{gift.pk}/decline", body)
    assert again.problem() == (409, "already_done")


def test_forty_posts_at_the_same_moment_count_exactly(live_family: Family) -> None:
    family = live_family
    statuses: list[int] = []
    share = Instrument.objects.get(symbol="DIS").pk

    def script() -> None:
        for _n in range(10):
            typed = {
                "form_key": uuid4(),
                "instrument": share,
                "quick": "50",
                "giver_name": "Script",
                "giver_email": "script@bot.example",
                "confirm": "1",
            }
            url = f"/g/{family.child.gift_code}/"
            statuses.append(Client(REMOTE_ADDR="203.0.113.7").post(url, typed).status_code)
        connection.close()

    scripts = [Thread(target=script) for _n in range(4)]
    for one in scripts:
        one.start()
    for one in scripts:
        one.join()

    assert Counter(statuses) == {302: 20, 422: 20}
    assert Gift.objects.count() == Contributor.objects.count() == 20
