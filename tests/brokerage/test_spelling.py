"""Names and addresses in the broker's letters: what is made of each, what has no spelling."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.spelling import Unspellable
from brokerage.drivewealth import spelling

# As the broker's guide writes them.
NAME = re.compile(r"[A-Za-z][A-Za-z -]*")
STREET = re.compile(r"[A-Za-z0-9\-., ]+")
CITY = re.compile(r"[A-Za-z\- ]+")


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("O'Brien", "OBrien"),
        ("O’Brien", "OBrien"),
        ("D‘Arcy", "DArcy"),
        ("OʼNeil", "ONeil"),
        ("O´Neil", "ONeil"),
        ("O`Neil", "ONeil"),
        ("ʻAulani", "Aulani"),
        ("'t Hooft", "t Hooft"),
        ("José", "Jose"),
        ("Jose\u0301", "Jose"),
        ("Muñoz", "Munoz"),
        ("Łukasz", "Lukasz"),
        ("Øst", "Ost"),
        ("Straße", "Strasse"),
        ("STRAẞE", "STRASSE"),
        ("Æsir", "Aesir"),
        ("ÆSIR", "AESIR"),
        ("Þórður", "Thordur"),
        ("Guðrún", "Gudrun"),
        ("Nguyễn Thị Ánh", "Nguyen Thi Anh"),
        ("Đặng", "Dang"),
        ("Dvořák", "Dvorak"),
        ("İbrahim Işık", "Ibrahim Isik"),
        ("Məmmədov", "Memmedov"),
        ("Ħal", "Hal"),
        ("Ĳsbrand", "IJsbrand"),
        ("Gal·la", "Galla"),
        ("ﬁona", "fiona"),
        ("Mary–Jane", "Mary-Jane"),
        ("Anne‑Marie", "Anne-Marie"),
        ("St. John", "St John"),
        ("J.R.", "J R"),
        ("Smith Jr.", "Smith Jr"),
        ("Pat\u200b Ann", "Pat Ann"),
        ("Ana  María", "Ana Maria"),
    ],
)
def test_a_name_is_written_in_plain_letters(written: str, sent: str) -> None:
    assert spelling.spell_name(written) == sent


@pytest.mark.parametrize(
    ("name", "letters"),
    [("王", "王"), ("Юлия", "Юлия"), ("Ann 王小", "王小"), ("Κώστας", "Κωστας"), ("Ann 2", "2")],
)
def test_a_name_of_another_script_is_not_guessed_at(name: str, letters: str) -> None:
    with pytest.raises(Unspellable) as refused:
        spelling.spell_name(name)

    assert refused.value.why == "letters"
    assert set(refused.value.letters) <= set(name) | set(letters)


@pytest.mark.parametrize(("name", "why"), [("’", "empty"), ("-", "empty"), ("ß" * 19, "long")])
def test_what_leaves_no_name_or_one_too_long_is_refused(name: str, why: str) -> None:
    with pytest.raises(Unspellable) as refused:
        spelling.spell_name(name)

    assert refused.value.why == why


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("12½ Elm St. #4B", "12 1-2 Elm St. Unit 4B"),
        ("12 1/2 Elm St", "12 1-2 Elm St"),
        ("12¾ Elm St", "12 3-4 Elm St"),
        ("100 O'Hara Lane 4", "100 OHara Lane 4"),
        ("#4B", "Unit 4B"),
        ("Apt #4B", "Apt 4B"),
        ("Ste. # 200", "Ste 200"),
        ("4 & 5 Main", "4 and 5 Main"),
        ("5 Main St (rear)", "5 Main St rear"),
        ("Calle Ñuñez 5", "Calle Nunez 5"),
        ("39.2 Rd", "39.2 Rd"),
        ("12-34 Main; Floor 2", "12-34 Main, Floor 2"),
        ("", ""),
    ],
)
def test_a_street_is_written_in_plain_signs(written: str, sent: str) -> None:
    assert spelling.spell_street(written) == sent


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("St. Louis", "St Louis"),
        ("Coeur d'Alene", "Coeur dAlene"),
        ("O’Fallon", "OFallon"),
        ("Cañon City", "Canon City"),
        ("Winston–Salem", "Winston-Salem"),
        ("Lee's Summit", "Lees Summit"),
    ],
)
def test_a_city_is_written_in_plain_letters(written: str, sent: str) -> None:
    assert spelling.spell_city(written) == sent


@pytest.mark.parametrize("code", ["80202", "80202-1234", "802021234", " 80202 "])
def test_a_zip_is_its_first_five_digits(code: str) -> None:
    assert spelling.spell_zip(code) == "80202"


@given(st.text(max_size=40))
def test_whatever_is_spelt_the_broker_takes(text: str) -> None:
    for spell, shape in (
        (spelling.spell_name, NAME),
        (spelling.spell_street, STREET),
        (spelling.spell_city, CITY),
    ):
        try:
            sent = spell(text)
        except Unspellable:
            continue
        assert not sent or shape.fullmatch(sent)
        assert not sent or spell(sent) == sent  # what is sent stays as it is


@pytest.mark.parametrize(
    ("written", "told", "same"),
    [
        ("O'Brien", "OBRIEN", True),
        ("José María", "jose maria", True),
        ("Mary-Jane", "Mary Jane", True),
        ("José", "Josefa", False),
        ("Pat", "王", False),
    ],
)
def test_an_answer_is_compared_in_the_brokers_letters(written: str, told: str, same: bool) -> None:
    assert spelling.is_same_name(written, told) is same
