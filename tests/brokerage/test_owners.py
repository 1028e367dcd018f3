"""The written table of whose bank account is the parent's."""

import pytest

from accounts.models import KycProfile
from brokerage.owners import compare_owners, index_owners

# first and last name on the form, what the bank has, whether it is the parent's
CASES = [
    ("Pat", "Sample", "Pat Sample", True),
    ("Pat", "Sample", "PAT SAMPLE", True),
    ("Pat", "Sample", "  pat   sample ", True),
    ("Pat", "Sample", "Pat Quincy Sample", True),
    ("Pat", "Sample", "Pat Q. Sample", True),
    ("Pat", "Sample", "Mr. Pat Sample", True),
    ("Pat", "Sample", "Pat Sample Jr.", True),
    ("Pat", "Sample", "Pat Sample, Jr.", True),
    ("Pat", "Sample", "Pat Sample III", True),
    ("Pat", "Sample Jr", "PAT SAMPLE", True),
    # another order
    ("Pat", "Sample", "SAMPLE PAT", True),
    ("Pat", "Sample", "SAMPLE, PAT Q", True),
    ("Pat", "Sample", "Sample Pat Q", True),
    ("Pat", "Sample", "SAMPLE JR, PAT", True),
    ("Pat", "Sample", "SAMPLE JR PAT", True),
    ("Pat", "Sample", "Sample Kim", False),
    ("Sam", "Lee", "Lee S Kim", False),
    ("Sam", "Lee", "LEE S", True),
    # letters
    ("José", "Muñoz", "JOSE MUNOZ", True),
    ("Jose", "Munoz", "José Muñoz", True),
    ("Søren", "Łukasz", "SOREN LUKASZ", True),
    ("Anna", "Groß", "ANNA GROSS", True),
    ("Sean", "O'Brien", "SEAN OBRIEN", True),
    ("Sean", "O’Brien", "Sean O Brien", True),
    ("Ｐａｔ", "Sample", "Pat Sample", True),
    # compound names
    ("Ana", "Smith-Jones", "ANA SMITH JONES", True),
    ("Ana", "Smith Jones", "Ana Smith-Jones", True),
    ("Ana", "de la Cruz", "ANA DELACRUZ", True),
    ("Ana", "Smith-Jones", "Smith Jones Ana", True),
    ("Ana", "Smith", "Ana Smith-Jones", False),
    ("Ana", "Smith-Jones", "Ana Jones", False),
    ("Mary Ann", "Sample", "Mary Ann Sample", True),
    ("Mary Ann", "Sample", "MARYANN SAMPLE", True),
    ("Mary Ann", "Sample", "Mary Sample", True),
    ("Jean-Luc", "Sample", "Jean Luc Sample", True),
    # initials and short forms
    ("Pat", "Sample", "P Sample", True),
    ("Pat", "Sample", "P. Q. Sample", True),
    ("Patricia", "Sample", "Pat Sample", True),
    ("Chris", "Sample", "Christopher Sample", True),
    ("Pat", "Sample", "K Sample", False),
    ("Paul", "Sample", "Paula Sample", False),
    ("Joseph", "Sample", "Josephine Sample", False),
    ("Jo", "Sample", "Joseph Sample", False),
    ("Christopher", "Sample", "Christine Sample", False),
    ("Bob", "Sample", "Robert Sample", False),
    # joint accounts
    ("Pat", "Sample", "Kim Sample & Pat Sample", True),
    ("Pat", "Sample", "PAT & KIM SAMPLE", True),
    ("Kim", "Sample", "PAT & KIM SAMPLE", True),
    ("Pat", "Sample", "Kim Other or Pat Sample", True),
    ("Pat", "Sample", "PAT SAMPLE/KIM SAMPLE", True),
    ("Pat", "Sample", "Kim Sample and Pat Other", False),
    ("Ann", "Orland", "Ann Orland", True),
    ("Andy", "Sandor", "ANDY SANDOR", True),
    # other people
    ("Pat", "Sample", "Kim Sample", False),
    ("Pat", "Sample", "Pat Other", False),
    ("Pat", "Sample", "Kim Pat Sample", False),
    ("Pat", "Sample", "Sample", False),
    ("Pat", "Sample", "Pat", False),
    ("Pat", "Sample", "Pat Sampler", False),
    ("Pat", "Sample", "P*** S*****", False),
    # nobody's own
    ("Pat", "Sample", "Pat Sample LLC", False),
    ("Pat", "Sample", "PAT SAMPLE DBA SAMPLE PLUMBING", False),
    ("Pat", "Sample", "Sample Plumbing, Inc.", False),
    ("Pat", "Sample", "Pat Sample Plumbing", False),
    ("Pat", "Sample", "The Pat Sample Living Trust", False),
    ("Pat", "Sample", "Estate of Pat Sample", False),
    ("Pat", "Sample", "Kim Other FBO Pat Sample", False),
    ("Kim", "Church", "Kim Church", True),
    ("Tod", "Sample", "TOD SAMPLE", True),
    ("Pat", "Sample", "Pat Sample Custodian for Sunny Sample UTMA", False),
]


def on_the_form(first: str, last: str) -> KycProfile:
    return KycProfile(first_name=first, last_name=last)


@pytest.mark.parametrize(("first", "last", "at_bank", "theirs"), CASES)
def test_table(first: str, last: str, at_bank: str, theirs: bool) -> None:
    outcome = compare_owners([at_bank], on_the_form(first, last))

    assert outcome == ("MATCHES" if theirs else "DIFFERS")


@pytest.mark.parametrize(
    ("at_bank", "outcome"),
    [
        ([], "UNKNOWN"),
        ([""], "UNKNOWN"),
        (["  ", "123", "-"], "UNKNOWN"),
        (["Kim Sample", "Pat Sample"], "MATCHES"),
        (["Kim Sample", ""], "DIFFERS"),
    ],
)
def test_any_owner_suffices_and_no_name_is_unknown(at_bank: list[str], outcome: str) -> None:
    assert compare_owners(at_bank, on_the_form("Pat", "Sample")) == outcome


def test_a_decision_is_about_exactly_these_names() -> None:
    pat, kim = on_the_form("Pat", "Sample"), on_the_form("Kim", "Sample")
    decided = index_owners(["Kim Other", "Lee Other"], pat)

    assert index_owners(["LEE  OTHER", "kim other"], pat) == decided
    assert index_owners(["Kim Other"], pat) != decided
    assert index_owners(["Kim Other", "Lee Other"], kim) != decided
