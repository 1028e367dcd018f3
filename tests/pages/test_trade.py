"""Buying and selling on the pages: filled in, read over, placed once, followed, canceled."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from brokerage.models import Order
from tests.cast import Family, halt
from tests.money.trading import FLAT, Desk
from tests.pages.reading import Browser, Page, read


@pytest.fixture
def desk(family: Family) -> Desk:
    """An account with $500 in it."""
    return Desk(family)


def url(family: Family) -> str:
    return f"/children/{family.child.pk}/orders/new/"


def sign_in(family: Family) -> Browser:
    browser = Browser()
    browser.client.force_login(family.parent.user)
    return browser


def fill(family: Family, browser: Browser, **answers: Any) -> Page:
    """Fill in the ticket and have it shown to be read over."""
    return browser.submit(browser.open(url(family)), **answers)


def own_orders() -> Any:
    return Order.objects.filter(purchase=None)


@pytest.mark.funded
def test_a_parent_buys_reads_it_over_and_follows_the_order(desk: Desk) -> None:
    family, browser = desk.family, sign_in(desk.family)
    child = browser.open(f"/children/{family.child.pk}/")
    assert url(family) in child.links

    review = fill(family, browser, symbol="KO", amount="$100")

    assert "Buy $100.00 of KO?" in review.text
    assert "The market is open: it goes out right away." in review.text
    assert not own_orders().exists()
    placed = browser.submit(review, confirm="1")
    order = own_orders().get()
    assert "Your order is placed." in placed.text
    assert placed.url == f"/orders/{order.pk}/"
    family.stage.work()
    page = browser.open(placed.url)
    assert "Filled" in page.text
    assert "Paid $100.00" in page.text
    assert "Settles Wed, Nov 25" in page.text
    assert "Cancel this order" not in page.text
    listed = browser.open(f"/children/{family.child.pk}/orders/")
    assert "Buy $100.00 of KO" in listed.text
    assert "a gift" in listed.text  # the order of the gift that was refused


@pytest.mark.slow
@pytest.mark.funded
def test_sell_all_fills_the_ticket_in(desk: Desk) -> None:
    family, browser = desk.family, sign_in(desk.family)
    held = desk.trade(amount="100.00", symbol="KO").quantity
    ticket = browser.open(url(family))
    (everything,) = [link for link in ticket.links if "quantity=" in link]

    review = browser.submit(browser.open(everything), to=url(family))
    browser.submit(review, confirm="1")
    family.stage.work()

    assert f"Sell {held.normalize():f} shares of KO?" in review.text
    sold = own_orders().get(side="SELL")
    assert (sold.status, sold.quantity) == ("FILLED", held)


@pytest.mark.funded
def test_two_clicks_on_one_review_are_one_order(desk: Desk) -> None:
    browser = sign_in(desk.family)
    review = fill(desk.family, browser, symbol="KO", amount="100")

    first = browser.submit(review, confirm="1")
    second = browser.submit(review, confirm="1")

    assert first.url == second.url
    assert own_orders().count() == 1


WRONG: list[tuple[dict[str, str], str, str]] = [
    ({"amount": "600"}, "amount", "$500.00 is free to spend"),
    ({"amount": "1e2"}, "amount", "Enter dollars and cents"),
    ({"amount": ""}, "amount", "Enter either dollars or a number of shares."),
    ({"amount": "", "quantity": "1", "side": "SELL"}, "quantity", "Only 0 shares of KO"),
    ({"amount": "", "quantity": "x"}, "quantity", "Enter a number of shares"),
    ({"amount": "", "quantity": "1", "kind": "LIMIT"}, "price", "Enter the price of one share"),
    ({"symbol": ""}, "symbol", "Choose a company."),
    ({"symbol": "NOPE"}, "symbol", "We do not know this company."),
    ({"side": "SHORT"}, "side", "Please choose one of these"),
]


@pytest.mark.slow
@pytest.mark.funded
def test_what_is_wrong_stands_at_its_field_and_nothing_is_lost(desk: Desk) -> None:
    for answers, field, said in WRONG:
        sent = {"symbol": "KO", "side": "BUY", "form_key": "0" * 32, "amount": "50"} | answers

        page = read(desk.family.client.post(url(desk.family), sent))

        assert page.status == 422, answers
        assert said in page.errors[field], answers
        shown = page.form_to("/orders/new/").values
        assert shown.get("amount", "") == sent["amount"], answers
    assert not own_orders().exists()


@pytest.mark.slow
@pytest.mark.funded
def test_an_order_that_waits_is_canceled_with_a_button(desk: Desk) -> None:
    browser = sign_in(desk.family)
    order = desk.trade(quantity="1", kind="LIMIT", price="20", time_in_force="GTC")
    page = browser.open(f"/orders/{order.pk}/")
    assert "at $20.00 a share or less" in page.text
    assert "Waits for its price since Tue, Nov 24" in page.text

    asked = browser.submit(page, to="/cancel/")
    assert "We have asked the broker to cancel it." in asked.text
    assert "Being canceled" in asked.text
    desk.pass_time(5)

    assert "Canceled" in browser.open(f"/orders/{order.pk}/").text
    again = read(desk.family.client.post(f"/orders/{order.pk}/cancel/", follow=True))
    assert "The order is canceled." in again.text


@pytest.mark.funded
def test_a_halt_is_said_on_the_page(desk: Desk) -> None:
    halt("halt-orders")

    page = sign_in(desk.family).open(url(desk.family))
    typed = {"symbol": "KO", "side": "BUY", "amount": "50", "form_key": "0" * 32, "confirm": "1"}
    sent = read(desk.family.client.post(url(desk.family), typed))

    assert "Buying and selling are paused." in page.text
    assert not [form for form in page.forms if form.action == url(desk.family)]
    assert "Read it over" not in page.text
    assert sent.status == 422
    assert "Buying and selling are paused." in sent.text
    assert sent.form_to("/orders/new/").values["amount"] == "50"
    assert not own_orders().exists()


def test_an_account_not_open_yet_shows_no_ticket(family: Family) -> None:
    family.account.move_to("FROZEN")

    page = read(family.client.get(url(family)))

    assert "The broker has frozen this account." in page.text
    assert "Read it over" not in page.text


@pytest.mark.funded
def test_a_symbol_from_a_link_is_offered_though_it_is_on_no_menu(desk: Desk) -> None:
    page = read(desk.family.client.get(url(desk.family), {"symbol": FLAT, "side": "BUY"}))

    assert page.form_to("/orders/new/").values["symbol"] == FLAT


@pytest.mark.funded
def test_strangers_and_visitors_see_and_cancel_nothing(
    desk: Desk, stranger: Family, anyone: Client
) -> None:
    order = desk.trade(quantity="1", kind="LIMIT", price="20", time_in_force="GTC")
    ticket = {"symbol": "KO", "side": "BUY", "amount": "5", "form_key": "0" * 32, "confirm": "1"}

    for path in (url(desk.family), f"/children/{desk.family.child.pk}/orders/"):
        assert stranger.client.get(path).status_code == 404
        assert "/account/login/" in anyone.get(path)["Location"]
    assert stranger.client.post(url(desk.family), ticket).status_code == 404
    assert stranger.client.get(f"/orders/{order.pk}/").status_code == 404
    assert stranger.client.post(f"/orders/{order.pk}/cancel/").status_code == 404
    assert "/account/login/" in anyone.post(f"/orders/{order.pk}/cancel/")["Location"]
    assert Order.objects.get(pk=order.pk).cancel_asked_at is None
    assert desk.family.account.cash_for_trade <= Decimal(500)


@pytest.mark.bought
def test_the_order_of_a_gift_has_no_cancel_button(family: Family) -> None:
    order = family.purchase().orders.get()

    page = read(family.client.get(f"/orders/{order.pk}/"))
    refused = read(family.client.post(f"/orders/{order.pk}/cancel/", follow=True))

    assert "Cancel this order" not in page.text
    assert "belongs to a gift" in refused.text
