"""The gift link: what a giver may send, and what becomes of it."""

from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.test import Client

from accounts.models import Child
from brokerage.models import Instrument
from brokerage.operations import sync_instruments
from gifting.models import Contributor, Gift
from tests.cast import halt, make_child, make_known, make_parent
from tests.pages.reading import Page, read
from tests.stage import Stage


@pytest.fixture
def child(stage: Stage) -> Child:
    """A child whose gift link is open; its account is still being opened."""
    sync_instruments(at=stage.now())
    parent = make_parent("custodian@family.example")
    make_known(parent)
    return make_child(parent)


def offer(**changes: Any) -> dict[str, Any]:
    typed = {
        "form_key": uuid4(),
        "instrument": Instrument.objects.get(symbol="DIS").pk,
        "quick": "50",
        "amount": "",
        "giver_name": "Grandma",
        "giver_email": "grandma@family.example",
        "message": "For you",
        "confirm": "1",
    }
    return typed | changes


def look_over(child: Child, client: Client, **changes: Any) -> Page:
    """Fill in the form and have everything shown once more."""
    path = f"/g/{child.gift_code}/"
    form = read(client.get(path)).form_to()
    typed = {key: value for key, value in offer().items() if key not in ("confirm", "form_key")}
    return read(client.post(path, form.fill(**typed | changes)))


def send(child: Child, typed: dict[str, Any]) -> Page:
    """Send the form as somebody without a session."""
    return read(Client().post(f"/g/{child.gift_code}/", typed, follow=True))


def test_a_gift_waits_for_the_parent(child: Child) -> None:
    page = send(child, offer())

    gift = Gift.objects.get(child=child)
    assert page.url == f"/t/{gift.token}/"
    assert (gift.status, str(gift.amount), gift.instrument.symbol) == ("PENDING", "50.00", "DIS")
    assert (gift.contributor.name, gift.message) == ("Grandma", "For you")


@pytest.mark.slow
def test_the_parent_and_the_giver_are_each_written_to_once(stage: Stage, child: Child) -> None:
    send(child, offer())
    stage.work()
    stage.work()

    assert sorted((m.to[0], m.subject) for m in mail.outbox) == [
        (
            "custodian@family.example",
            "Grandma gives Sunny $50.00 of The Walt Disney Company",
        ),
        ("custodian@family.example", "Sunny's account is open"),
        ("grandma@family.example", "Your gift for Sunny is on its way"),
    ]


@pytest.mark.daily(4)
@pytest.mark.parametrize(
    ("quick", "amount", "sum_given"),
    [
        ("", "1", "1.00"),
        ("", "1.00", "1.00"),
        ("", "25.5", "25.50"),
        ("", "10000", "10000.00"),
        ("", " 12.34 ", "12.34"),
        ("", "$25", "25.00"),
        ("", "1,000.00", "1000.00"),
        ("25", "", "25.00"),
        ("250", "", "250.00"),
        ("50", "12.34", "12.34"),  # what is typed counts
    ],
)
def test_an_amount_of_dollars_and_cents_is_taken(
    child: Child, quick: str, amount: str, sum_given: str
) -> None:
    page = send(child, offer(quick=quick, amount=amount))

    assert page.status == 200, page.errors
    assert str(Gift.objects.get().amount) == sum_given


@pytest.mark.daily(6)
@pytest.mark.parametrize(
    ("quick", "amount", "said"),
    [
        ("", "", "Choose an amount, or type one."),
        ("", "0", "between $1 and $10,000"),
        ("", "0.99", "between $1 and $10,000"),
        ("", "10000.01", "between $1 and $10,000"),
        ("", "999999999999999999", "between $1 and $10,000"),
        ("", "12.345", "12,345 or 12.34"),
        ("", "1e3", "dollars and cents"),
        ("", "1e30", "dollars and cents"),
        ("", "1E+2", "dollars and cents"),
        ("", "9" * 40, "dollars and cents"),
        ("", "1_000", "dollars and cents"),
        ("", "٢٥", "dollars and cents"),
        ("", "1,00", "Do you mean 1.00"),
        ("", "NaN", "dollars and cents"),
        ("", "Infinity", "dollars and cents"),
        ("", "-5", "dollars and cents"),
        ("", "abc", "dollars and cents"),
        ("", "0x20", "dollars and cents"),
        ("50", "abc", "dollars and cents"),
    ],
)
def test_an_amount_that_can_not_be_is_refused_at_its_field(
    child: Child, quick: str, amount: str, said: str
) -> None:
    page = send(child, offer(quick=quick, amount=amount))

    assert page.status == 422
    assert said in page.errors["amount"]
    assert not Gift.objects.exists()


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("giver_name", "", "fill this in"),
        ("giver_name", "<b>Grandma</b>", "letters of a name"),
        ("giver_name", "G" * 61, "60 characters"),
        ("giver_email", "", "fill this in"),
        ("giver_email", "grandma", "e-mail address"),
        ("giver_email", "a@b.example\nBcc: c@d.example", "e-mail address"),
        ("message", "m" * 501, "500 characters"),
        ("instrument", "", "Choose a company."),
        ("instrument", "7e3c4b1a-5d2f-4c60-9b1e-2a8f0c6d9e11", "not on offer"),
        ("instrument", "DIS", "not a valid"),
        ("quick", "26", "Please choose one of these"),
    ],
)
def test_an_answer_that_can_not_be_is_refused_at_its_field(
    child: Child, name: str, value: str, said: str
) -> None:
    page = send(child, offer(**{name: value}))

    assert page.status == 422
    assert said in page.errors[name]
    assert not Gift.objects.exists()
    assert not Contributor.objects.exists()


@pytest.mark.parametrize(
    ("symbol", "changes"),
    [
        ("VOO", {"on_menu": True}),  # a fund
        ("KO", {"status": "HALTED"}),
        ("KO", {"status": "CLOSE_ONLY"}),
        ("KO", {"status": "INACTIVE"}),
    ],
)
def test_what_is_not_on_offer_is_neither_shown_nor_taken(
    child: Child, symbol: str, changes: dict[str, Any]
) -> None:
    Instrument.objects.filter(symbol=symbol).update(**changes)
    instrument = Instrument.objects.get(symbol=symbol)

    page = send(child, offer(instrument=instrument.pk))

    assert "not on offer" in page.errors["instrument"]
    assert instrument.name not in page.text
    assert not Gift.objects.exists()


def test_a_share_halted_while_the_form_was_open_is_refused(child: Child) -> None:
    typed = offer()
    Instrument.objects.filter(symbol="DIS").update(status="HALTED")

    page = send(child, typed)

    assert "not on offer" in page.errors["instrument"]
    assert not Gift.objects.exists()


def test_one_form_sent_twice_is_one_gift(stage: Stage, child: Child) -> None:
    typed = offer()

    first, second = send(child, typed), send(child, typed)
    stage.work()

    assert first.url == second.url
    assert Gift.objects.count() == Contributor.objects.count() == 1
    of_the_gift = [m.to[0] for m in mail.outbox if "account is open" not in m.subject]
    assert sorted(of_the_gift) == ["custodian@family.example", "grandma@family.example"]


def test_a_form_shown_twice_can_be_two_gifts(child: Child) -> None:
    keys = {read(Client().get(f"/g/{child.gift_code}/")).form_to().values["form_key"] for _ in "12"}

    for key in keys:
        send(child, offer(form_key=key))

    assert Gift.objects.count() == 2


@pytest.mark.parametrize(
    ("code", "status"),
    [("wrong", 404), ("x" * 500, 404), ("..", 404), ("%00", 400), ("a%00b", 400)],
)
def test_a_wrong_code_leads_nowhere(child: Child, code: str, status: int) -> None:
    url = f"/g/{code}/"

    assert Client().get(url).status_code == status
    assert Client().post(url, offer()).status_code == status
    assert not Gift.objects.exists()


def test_the_link_of_a_grown_up_child_is_closed(stage: Stage, child: Child) -> None:
    Child.objects.filter(pk=child.pk).update(control_age=7)
    url = f"/g/{child.gift_code}/"

    shown, sent = read(Client().get(url)), send(child, offer())

    assert (shown.status, sent.status) == (410, 410)
    assert "Sunny is grown up: this gift link is closed." in shown.text
    assert shown.forms == []
    assert not Gift.objects.exists()


def test_what_a_giver_writes_is_shown_as_text(child: Child) -> None:
    page = send(child, offer(message="<script>alert(1)</script>\n<b>bold</b> & more"))

    assert (
        "&lt;script&gt;alert(1)&lt;/script&gt;<br>&lt;b&gt;bold&lt;/b&gt; &amp; more" in page.html
    )
    assert page.inline == []


def test_what_a_giver_writes_is_plain_text_in_the_mail(stage: Stage, child: Child) -> None:
    send(child, offer(giver_name="Tom O'Neil", message="<b>bold</b> & more"))
    stage.work()

    letter = next(m for m in mail.outbox if m.to == ["custodian@family.example"])
    assert letter.subject.startswith("Tom O'Neil gives Sunny")
    assert "“<b>bold</b> & more”" in letter.body
    assert letter.content_subtype == "plain"


def test_a_refused_form_keeps_what_was_typed(child: Child) -> None:
    page = send(child, offer(quick="", amount="0.50"))

    form = page.form_to()
    assert form.values["amount"] == "0.50"
    assert form.values["giver_name"] == "Grandma"
    assert form.values["instrument"] == str(Instrument.objects.get(symbol="DIS").pk)


def test_no_gift_is_taken_while_gifts_are_halted(child: Child) -> None:
    halt("halt-gifts")

    page = send(child, offer())

    assert page.status == 422
    assert "New gifts are paused" in page.text
    assert not Gift.objects.exists()


def test_a_gift_without_the_token_of_a_form_we_showed_is_refused(child: Child) -> None:
    client = Client(enforce_csrf_checks=True)

    assert client.post(f"/g/{child.gift_code}/", offer()).status_code == 403
    assert not Gift.objects.exists()


# --- looking it over ----------------------------------------------------------------------------


def test_nothing_is_sent_before_it_was_looked_over(child: Child) -> None:
    client = Client()

    shown = look_over(child, client, amount="$75.00", message="Grow!")
    before = Gift.objects.count()
    sent = read(client.post(shown.url, shown.form_to().fill(confirm="1"), follow=True))

    gift = Gift.objects.get()
    assert before == 0
    for fact in ("$75.00", "The Walt Disney Company", "Grandma", "grandma@family.example", "Grow!"):
        assert fact in shown.text
    assert "You typed $75.00, so that counts, and not the $50 you picked." in shown.text
    assert sent.url == f"/t/{gift.token}/"
    assert (str(gift.amount), gift.message) == ("75.00", "Grow!")


def test_changing_something_keeps_everything(child: Child) -> None:
    client = Client()
    shown = look_over(child, client, message="Grow!", amount="33")

    form = read(client.post(shown.url, shown.form_to().fill(change="1"))).form_to()
    again = read(client.post(shown.url, form.fill(amount="34")))
    read(client.post(shown.url, again.form_to().fill(confirm="1"), follow=True))

    typed = {name: form.values[name] for name in ("amount", "giver_name", "giver_email", "message")}
    assert typed == {
        "amount": "33", "giver_name": "Grandma", "giver_email": "grandma@family.example",
        "message": "Grow!",
    }  # fmt: skip
    assert form.values["instrument"] == str(Instrument.objects.get(symbol="DIS").pk)
    assert str(Gift.objects.get().amount) == "34.00"


def test_going_back_and_sending_again_makes_no_second_gift(child: Child) -> None:
    client = Client()
    shown = look_over(child, client)
    confirmed, unconfirmed = shown.form_to().fill(confirm="1"), shown.form_to().fill()

    read(client.post(shown.url, confirmed, follow=True))
    pages = [read(client.post(shown.url, form, follow=True)) for form in (confirmed, unconfirmed)]

    gift = Gift.objects.get()
    assert {page.url for page in pages} == {f"/t/{gift.token}/"}
    assert all("You have sent this gift already" in page.text for page in pages)


def test_the_same_gift_from_a_fresh_form_is_asked_about(child: Child) -> None:
    client = Client()
    first = look_over(child, client)
    client.post(first.url, first.form_to().fill(confirm="1"))

    again = look_over(child, client)
    elsewhere = look_over(child, Client())
    other = look_over(child, client, amount="51")
    client.post(again.url, again.form_to().fill(confirm="1"))

    assert "You sent this same gift on" in again.text
    assert f"/t/{Gift.objects.earliest('given_at').token}/" in again.links
    assert "You sent this same gift" not in elsewhere.text + other.text
    assert Gift.objects.count() == 2  # it was meant


def test_what_can_not_be_given_is_said_before_the_look_over(child: Child) -> None:
    page = look_over(child, Client(), amount="1000000")

    assert page.status == 422
    assert page.errors["amount"]
    assert page.title.startswith("Error: ")
    assert "Is everything right?" not in page.text
