"""About you: the form, what it refuses, and the broker's check."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import Consent, KycProfile, Parent
from brokerage.models import BrokerUser
from tests.cast import halt, make_known, make_parent, sign_in
from tests.pages.answers import KYC, without
from tests.pages.reading import Page, read
from tests.stage import Stage

URL = "/about-you/"
REQUIRED = [name for name in KYC if name not in {"street2", "position"}]


@pytest.fixture
def parent(db: None) -> Parent:
    return make_parent("custodian@family.example")


@pytest.fixture
def client(parent: Parent) -> Client:
    return sign_in(parent)


def send(client: Client, **changes: Any) -> Page:
    return read(client.post(URL, KYC | changes, follow=True))


def test_the_answers_are_saved_with_both_consents(client: Client, parent: Parent) -> None:
    page = send(client)

    profile = KycProfile.objects.get(parent=parent)
    assert page.url == "/home/"
    assert (profile.ssn, profile.ssn_last4, profile.phone) == ("123456789", "6789", "+13035550123")
    assert {c.kind for c in Consent.objects.filter(parent=parent)} == {"E_SIGN", "BROKER"}
    assert all(c.ip_address == "127.0.0.1" and c.text for c in Consent.objects.all())


@pytest.mark.daily(6)
@pytest.mark.parametrize("name", REQUIRED)
def test_a_missing_answer_is_named_and_nothing_is_saved(client: Client, name: str) -> None:
    page = read(client.post(URL, without(KYC, name)))

    assert page.status == 422
    assert list(page.errors) == [name]
    assert not KycProfile.objects.exists()
    assert not Consent.objects.exists()


@pytest.mark.daily(10)
@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("first_name", "R2D2", "letters of the name"),
        ("first_name", "<b>Pat</b>", "letters of the name"),
        ("last_name", "-", "letters of the name"),
        ("last_name", "S" * 37, "36"),
        ("postal_code", "8020", "five digits"),
        ("postal_code", "8020A", "five digits"),
        ("postal_code", "80202-12", "five digits"),
        ("state", "XX", "Please choose one of these"),
        ("ssn", "000-12-3456", "Check each digit"),
        ("ssn", "666-12-3456", "Check each digit"),
        ("ssn", "900-12-3456", "Check each digit"),
        ("ssn", "999-12-3456", "Check each digit"),
        ("ssn", "123-00-6789", "Check each digit"),
        ("ssn", "123-45-0000", "Check each digit"),
        ("ssn", "12345678", "nine digits"),
        ("ssn", "1234567890", "nine digits"),
        ("ssn", "١٢٣٤٥٦٧٨٩", "nine digits"),
        ("phone", "555", "US phone number"),
        ("phone", "+44 20 7946 0018", "US phone number"),
        ("phone", "+1 123 555 0123", "area code"),
        ("date_of_birth", "2999-01-01", "future"),
        ("date_of_birth", "1850-01-01", "Check the year"),
        ("date_of_birth", "1985-02-30", "has no day 30"),
        ("street1", "P.O. Box 12", "P.O. box"),
        ("street1", "po box 12", "P.O. box"),
        ("street1", "Post Office Box 12", "P.O. box"),
        ("street1", "1 Sample Street, PO Box 12", "P.O. box"),
        ("street2", "P.O. Box 12", "P.O. box"),
        ("annual_income", "-1", "whole dollars"),
        ("annual_income", "1e5", "whole dollars"),
        ("annual_income", "NaN", "whole dollars"),
        ("annual_income", "99999999999999999999", "whole dollars"),
        ("liquid_net_worth", "150001", "more than everything you own"),
        ("employment_status", "PIRATE", "Please choose one of these"),
    ],
)
def test_an_answer_that_can_not_be_is_refused_at_its_field(
    client: Client, name: str, value: str, said: str
) -> None:
    page = send(client, **{name: value})

    assert page.status == 422
    assert said in page.errors[name]
    assert not KycProfile.objects.exists()


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("first_name", "  María   José ", "María José"),
        ("last_name", "O’Neil-Smith Jr.", "O’Neil-Smith Jr."),
        ("postal_code", "80202-1234", "80202-1234"),
        ("ssn", "123 45 6789", "123456789"),
        ("phone", "303.555.0123", "+13035550123"),
        ("street1", "12 Boxwood  Post Road", "12 Boxwood Post Road"),
        ("liquid_net_worth", "150000", 150000),
    ],
)
def test_an_unusual_answer_that_can_be_is_taken(
    client: Client, name: str, value: str, kept: Any
) -> None:
    page = send(client, **{name: value})
    if "That is right, send it" in page.text:  # the broker writes it otherwise
        page = send(client, **page.form_to().values)

    assert page.url == "/home/", page.errors
    assert getattr(KycProfile.objects.get(), name) == kept


def test_who_is_one_day_short_of_18_is_refused(stage: Stage, client: Client) -> None:
    page = send(client, date_of_birth="2008-11-17")

    assert "at least 18" in page.errors["date_of_birth"]
    assert not KycProfile.objects.exists()


def test_who_is_18_today_is_taken(stage: Stage, client: Client) -> None:
    send(client, date_of_birth="2008-11-16")

    assert KycProfile.objects.exists()


def test_who_does_not_work_needs_no_employer(client: Client) -> None:
    send(client, employment_status="RETIRED", employer="Old Works", industry="")

    assert KycProfile.objects.get().employer == ""


def test_the_broker_finds_the_number_wrong_and_the_corrected_one_right(
    stage: Stage, client: Client, parent: Parent
) -> None:
    make_known(parent, last_name="SSN_NOT_MATCH")  # the broker's magic word for this error
    stage.work()

    told = read(client.get(URL))
    corrected = send(client, ssn="123-45-6780")
    stage.work()

    assert "Check your Social Security number, digit by digit." in told.text
    assert corrected.url == "/home/"
    assert BrokerUser.objects.get(parent=parent).status == "APPROVED"
    assert "You are confirmed" in read(client.get(URL)).text


def test_a_correction_may_leave_the_number_as_it_is(
    stage: Stage, client: Client, parent: Parent
) -> None:
    make_known(parent, last_name="NAME_NOT_MATCH")
    stage.work()

    send(client, ssn="")
    stage.work()

    assert KycProfile.objects.get().ssn == "123456789"
    assert BrokerUser.objects.get(parent=parent).status == "APPROVED"


def test_answers_sent_again_once_approved_change_nothing(
    stage: Stage, client: Client, parent: Parent
) -> None:
    make_known(parent)
    stage.work()

    page = send(client, first_name="Somebody", ssn="321-54-9876")

    profile = KycProfile.objects.get(parent=parent)
    assert "nothing was changed" in page.text
    assert (profile.first_name, profile.ssn) == ("Pat", "123456789")
    assert Consent.objects.count() == 2


def test_answers_sent_twice_at_once_are_taken_once(client: Client) -> None:
    send(client)
    page = send(client, first_name="Somebody")

    assert "nothing was changed" in page.text
    assert KycProfile.objects.get().first_name == "Pat"


def test_the_number_is_shown_on_no_page(stage: Stage, client: Client, parent: Parent) -> None:
    pages = [send(client, postal_code="wrong"), send(client, date_of_birth="2999-01-01")]
    make_known(parent, last_name="SSN_NOT_MATCH")
    stage.work()
    pages += [read(client.get(URL)), send(client, phone="wrong", ssn="123-45-6789")]

    for page in pages:
        assert "123-45-6789" not in page.html
        assert "123456789" not in page.html


def test_a_refused_form_asks_for_the_number_again_and_keeps_the_rest(client: Client) -> None:
    page = send(client, postal_code="wrong")

    form = page.form_to()
    assert form.values["ssn"] == ""
    assert form.values["street1"] == KYC["street1"]
    assert "once more" in page.text


def test_nobody_is_known_while_new_accounts_are_halted(client: Client) -> None:
    halt("halt-accounts")

    page = send(client)

    assert "New accounts are paused" in page.text
    assert not KycProfile.objects.exists()
