"""What people type in every writing: names, numbers, streets, days, dollars, addresses of mail."""

import re
from typing import Any

import pytest
from django.test import Client

from accounts.models import KycProfile
from core.dollars import read_dollars
from prefill.engine.tidy import tidy_name, tidy_street
from tests.cast import make_parent, sign_in
from tests.pages.answers import CHILD, KYC
from tests.pages.reading import read

ZERO_WIDTH, RIGHT_TO_LEFT, NO_BREAK, THIN = "\u200b", "\u202e", "\u00a0", "\u2009"


@pytest.fixture
def client(db: None) -> Client:
    return sign_in(make_parent("custodian@family.example"))


def fault(client: Client, **answers: Any) -> str:
    """Return what stands at the one field that was filled in; the form is never whole."""
    (name,) = answers
    whole = KYC | answers
    del whole["e_sign"]
    return read(client.post("/about-you/", whole)).errors.get(name, "")


TAKEN: dict[str, list[str]] = {
    "first_name": [
        "José", "Zoë", "J", "ANNE-MARIE", f"Pa{ZERO_WIDTH}t", f"{RIGHT_TO_LEFT}Pat", "Jean–Luc",
        "Mary Ann", f"Mary{NO_BREAK}Ann", "D’Andre", "Siân", "FNU",
    ],
    "last_name": [
        "O'Brien", "O’Brien", "O‘Brien", "O`Brien", "O´Brien", "de la Cruz", "van der Berg",
        "Smith-Jones", "Smith‐Jones", "Smith—Jones", "St. John", "Sample, Jr.", "Ng", "'t Hooft",
    ],
    "ssn": ["123 45 6789", "123–45–6789", "123.45.6789", "１２３-45-6789", f"123{NO_BREAK}45 6789"],
    "street1": [
        "12 Boxwood Lane", "45 Old Post Road", "1200 Post Office Road", "7 Box Elder Court",
        "RR 2 Box 14", "HC 68 Box 23", "9 Poboco Street", "3 Lockbox Hill Road", "123 SR 7",
        "88 Drawer Street", "5 Boxer Way", "10 Binney Street", "1 Apartado Lane", "12 Pobst Ave",
        "100 Camp Box Springs Blvd", "6 Mailbox Peak Road",
    ],
    "postal_code": ["80202", "80202-1234", "802021234", "80202 1234", "80202–1234", " 80202 "],
    "annual_income": ["90000", "90,000", "$90,000.00", "90k", "90 000", f"90{THIN}000",
        "USD 90,000"],
    "date_of_birth": [
        "1985-06-15", "06/15/1985", "6/15/85", "6-15-1985", "June 15, 1985", "15 June 1985",
        "Jun 15 1985", "06.15.1985", "1985/06/15", "06151985",
    ],
    "phone": [
        "(303) 555-0123", "303.555.0123", "+1 303 555 0123", "1-303-555-0123", "303–555–0123",
        "(729) 234-5678", "+1 748 234 5678",
    ],
    "trusted_email": ["pat+kids@example.com", " pat@example.com ", "pat@example.com.",
                      "Pat Sample <pat@example.com>", "mailto:pat@example.com",
                      "pat @ example.com"],
}  # fmt: skip
REFUSED: dict[str, list[tuple[str, str]]] = {
    "first_name": [("4", "letters of the name"), ("-", "FNU"), ("Pat 🎁", "letters of the name")],
    "ssn": [
        ("912-70-1234", "ITIN"), ("900-50-1234", "ITIN"), ("999-99-1234", "ITIN"),
        ("912-93-1234", "ATIN"), ("12-3456789", "business (EIN)"),
        ("078-05-1120", "No Social Security number"), ("219-09-9999", "No Social Security number"),
        ("457-55-5462", "No Social Security number"), ("987-65-4321", "No Social Security number"),
        ("000-12-3456", "No Social Security number"), ("666-12-3456", "No Social Security number"),
        ("123-00-4567", "No Social Security number"), ("123-45-0000", "No Social Security number"),
        ("12345678", "nine digits"), ("123-45-67890", "nine digits"), ("abc-de-fghi",
        "nine digits"),
    ],
    "street1": [
        (box, "P.O. box")
        for box in (
            "PO Box 12", "P.O. Box 12", "P O Box 12", "PO-Box 12", "POB 12", "P.O.B. 12", "POBOX12",
            "P.0. Box 12", "p o b 12", "Post Office Box 12", "Postal Box 12", "Post Box 12",
            "Box 12",
            "Box #12", "BOX 12A", "P.O. 12", "PO Drawer 4", "Drawer 4", "Lockbox 9", "Lock Box 9",
            "Caller 7", "PMB 100", "P.M.B. 100", "12 Main St PMB 4", "Mailbox 12",
            "General Delivery",
            "Caja Postal 12", "Apartado 12", "Apdo. 12", "Apartado Postal 4",
            "Apartado de Correos 4",
            "Casilla de Correo 12", "Boîte Postale 3", "P/O Box 12", "12 Main St, P.O. Box 7",
            f"P.{ZERO_WIDTH}O. Box 12", "Ｐ.Ｏ. Box 12",
        )
    ] + [("PSC 3 Box 4120", "home address in the US"), ("Unit 2050 Box 4190", "APO, FPO or DPO"),
         ("CMR 415 Box 12", "home address in the US")],
    "street2": [("POB 12", "P.O. box"), ("PMB 4", "P.O. box")],
    "city": [("APO", "home address in the US"), ("F.P.O.", "home address in the US")],
    "postal_code": [("2134", "first may be 0"), ("8020", "five digits"), ("80202-12",
        "five digits"),
                    ("K1A 0B1", "five digits")],
    "annual_income": [("90.000", "90,000 or 90.00"), ("lots", "whole dollars"), ("-5", "whole"),
                      ("1e5", "whole dollars"), ("9,00,000", "whole dollars"), ("90,00", "90.00")],
    "date_of_birth": [
        ("02/30/1985", "February 1985 has no day 30"), ("15/06/1985", "month first: 06/15/1985"),
        ("2099-01-01", "future"), ("1850-01-01", "Check the year"), ("soon", "like 06/15/1985"),
        ("13/13/1985", "like 06/15/1985"), ("Febtember 3, 1985", "like 06/15/1985"),
    ],
    "phone": [
        ("800-555-1234", "toll-free"), ("833 234 5678", "toll-free"), ("900-234-5678", "toll-free"),
        ("911", "area code"), ("311-234-5678", "area code"), ("303-411-2345", "area code"),
        ("303-123-4567", "area code"), ("375-234-5678", "area code"), ("416-234-5678", "Canada"),
        ("876-234-5678", "another country"), ("+44 20 7946 0018", "other countries"),
        ("303-555-0123 ext 4", "extension"),
    ],
    "trusted_email": [("pat@gm\u0430il.com", "not a letter"), ("pat", "e-mail address"),
                      ("@example.com", "e-mail address")],
}  # fmt: skip


@pytest.mark.daily(4)
@pytest.mark.parametrize("field", TAKEN)
def test_every_writing_is_taken(client: Client, field: str) -> None:
    assert {typed: fault(client, **{field: typed}) for typed in TAKEN[field]} == dict.fromkeys(
        TAKEN[field], ""
    )


@pytest.mark.daily(4)
@pytest.mark.parametrize("field", REFUSED)
def test_what_can_not_be_taken_is_refused_with_what_to_do(client: Client, field: str) -> None:
    told = {typed: fault(client, **{field: typed}) for typed, _said in REFUSED[field]}

    assert {t: told[t] for t, said in REFUSED[field] if said not in told[t]} == {}


def test_what_was_typed_is_kept_tidy(client: Client) -> None:
    typed = KYC | {
        "first_name": f" Anne{ZERO_WIDTH}‐Marie ", "last_name": "O‘Brien", "ssn": "123 45 6789",
        "postal_code": "802021234", "annual_income": "$90,000.50", "net_worth": "150k",
        "date_of_birth": "6/15/85", "street1": f"12{NO_BREAK}Post Road", "phone": "(729) 234–5678",
    }  # fmt: skip

    shown = read(client.post("/about-you/", typed, follow=True))  # once, in the broker's letters
    page = read(client.post("/about-you/", shown.form_to().fill(), follow=True))

    profile = KycProfile.objects.get()
    assert page.url == "/home/", page.errors
    assert (profile.first_name, profile.last_name, profile.ssn) == (
        "Anne-Marie", "O’Brien", "123456789",
    )  # fmt: skip
    assert (profile.street1, profile.postal_code) == ("12 Post Road", "80202-1234")
    assert (profile.annual_income, profile.net_worth) == (90001, 150000)
    assert str(profile.date_of_birth) == "1985-06-15"
    assert profile.phone == "+17292345678"


def test_films_numbers_are_refused_where_money_is_real(client: Client, settings: Any) -> None:
    settings.PRACTICE_PHONES = False

    assert "only used in films" in fault(client, phone="303-555-0123")
    assert fault(client, phone="303-555-0200") == ""


def test_a_child_has_the_same_rules(client: Client) -> None:
    client.post("/about-you/", KYC)
    wrong = CHILD | {"ssn": "912-70-1234", "date_of_birth": "2/30/2019", "last_name": "7"}
    del wrong["agree"]

    errors = read(client.post("/children/new/", wrong)).errors

    assert "ITIN" in errors["ssn"]
    assert "February 2019 has no day 30" in errors["date_of_birth"]
    assert "letters of the name" in errors["last_name"]


def test_an_envelope_in_capitals_is_written_as_people_do() -> None:
    streets = {
        "123 SR 7": "123 SR 7", "1 NE 5TH ST": "1 NE 5th St", "US-1 SOUTH": "US-1 South",
        "12 O'HARA AVE": "12 O'Hara Ave", "9 MCKINLEY BLVD SW": "9 McKinley Blvd SW",
        "7 KING'S WAY": "7 King's Way", "42 23RD AVE APT 4B": "42 23rd Ave Apt 4B",
        "5 MARTIN LUTHER KING JR BLVD": "5 Martin Luther King Jr Blvd", "8 CR 300": "8 CR 300",
        "3 N.E. 1ST ST": "3 N.E. 1st St", "RR 2 BOX 14": "RR 2 Box 14",
        "12 WINSTON-SALEM ROAD": "12 Winston-Salem Road", "4 1/2 ELM ST": "4 1/2 Elm St",
    }  # fmt: skip
    assert {street: tidy_street(street) for street in streets} == streets
    assert tidy_street("12 Main St") == "12 Main St"
    assert tidy_name("MCDONALD") == "McDonald"


def test_dollars_are_read_alike_everywhere() -> None:
    assert read_dollars("$1,250.50") == read_dollars("1 250.50") == read_dollars("1250.5 dollars")
    for text in ("1e3", "NaN", "1_000", "", "$", "--5", "1,2,3", "0x10", "90k", "½"):
        assert read_dollars(text) is None, text


# WCAG 1.3.5: what browsers and password managers fill in by themselves.
OWN = {
    "/about-you/": {
        "first_name": "given-name", "last_name": "family-name", "date_of_birth": "bday",
        "phone": "tel", "street1": "address-line1", "street2": "address-line2",
        "city": "address-level2", "state": "address-level1", "postal_code": "postal-code",
        "employer": "organization", "ssn": "off",
    },
    "/start/phone/": {"phone_number": "tel-national", "date_of_birth": "bday"},
    "/account/login/": {"login": "email", "password": "current-password"},
    "/account/signup/": {"email": "email", "password1": "new-password"},
}  # fmt: skip


@pytest.mark.parametrize("path", OWN)
def test_browsers_know_what_is_asked_for(client: Client, path: str) -> None:
    html = (client if "account/" not in path else Client()).get(path).content.decode()
    tags = [tag for tag in re.findall(r"<(?:input|select)[^>]*>", html) if "autocomplete=" in tag]
    told = {re.findall(r'name="([^"]*)"', t)[0]: re.findall(r'autocomplete="([^"]*)"', t)[0]
            for t in tags}  # fmt: skip

    assert {name: told.get(name) for name in OWN[path]} == OWN[path]
