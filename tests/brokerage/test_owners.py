"""The written table of whose bank account is the parent's."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from accounts.models import KycProfile
from accounts.names import (
    CREDENTIALS,
    GENERATIONS,
    NO_PERSON,
    PARTICLES,
    TENANCIES,
    TITLES,
    split_name,
)
from brokerage.owners import compare_owners, index_owners

KNOWN = {*CREDENTIALS, *GENERATIONS, *NO_PERSON, *PARTICLES, *TENANCIES, *TITLES, "and", "or"}

# first and last name on the form, what the bank has, whether it is the parent's
CASES = [
    ("Pat", "Sample", "Pat Sample", True),
    ("Pat", "Sample", "PAT SAMPLE", True),
    ("Pat", "Sample", "  pat   sample ", True),
    ("Pat", "Sample", "Pat Quincy Sample", True),
    ("Pat", "Sample", "Pat Q. Sample", True),
    ("Pat", "Sample", "Mr. Pat Sample", True),
    ("Pat", "Sample", "Pat Sample Jr.", False),
    ("Pat", "Sample", "Pat Sample, Jr.", False),
    ("Pat", "Sample", "Pat Sample III", False),
    ("Pat", "Sample Jr", "PAT SAMPLE", False),
    # another order
    ("Pat", "Sample", "SAMPLE PAT", False),
    ("Pat", "Sample", "SAMPLE, PAT Q", True),
    ("Pat", "Sample", "Sample Pat Q", True),
    ("Pat", "Sample", "SAMPLE JR, PAT", False),
    ("Pat", "Sample", "SAMPLE JR PAT", False),
    ("Pat", "Sample", "Sample Kim", False),
    ("Sam", "Lee", "Lee S Kim", False),
    ("Sam", "Lee", "LEE S", False),
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
    ("Ana", "Smith-Jones", "Smith Jones Ana", False),
    ("Ana", "Smith", "Ana Smith-Jones", False),
    ("Ana", "Smith-Jones", "Ana Jones", False),
    ("Mary Ann", "Sample", "Mary Ann Sample", True),
    ("Mary Ann", "Sample", "MARYANN SAMPLE", True),
    ("Mary Ann", "Sample", "Mary Sample", False),
    ("Jean-Luc", "Sample", "Jean Luc Sample", True),
    # initials and short forms
    ("Pat", "Sample", "P Sample", False),
    ("Pat", "Sample", "P. Q. Sample", False),
    ("Patricia", "Sample", "Pat Sample", False),
    ("Chris", "Sample", "Christopher Sample", False),
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
    # a name that begins like another
    ("Daniel", "Sample", "Danielle Sample", False),
    ("Danielle", "Sample", "Daniel Sample", False),
    ("Jean", "Sample", "Jeanne Sample", False),
    ("Jeanne", "Sample", "Jean Sample", False),
    ("Jean", "Sample", "Jean-Luc Sample", False),
    ("Maria", "Sample", "Marian Sample", False),
    ("Marian", "Sample", "Maria Sample", False),
    ("Chris", "Sample", "Christine Sample", False),
    ("Christine", "Sample", "Chris Sample", False),
    ("Alex", "Sample", "Alexandra Sample", False),
    ("Ann", "Sample", "Anna Sample", False),
    ("Ann", "Sample", "Annie Sample", False),
    ("Gabriel", "Sample", "Gabrielle Sample", False),
    ("Sam", "Sample", "Samantha Sample", False),
    ("Rob", "Sample", "Robin Sample", False),
    ("Will", "Sample", "Willa Sample", False),
    ("Mary Ann", "Sample", "Mary Beth Sample", False),
    ("Mary Ann", "Sample", "MARY ANN BETH SAMPLE", True),
    ("J", "Sample", "John Sample", False),
    ("J", "Sample", "J Edgar Sample", True),
    ("John", "Sample", "J & M SAMPLE", False),
    # what may be read in the other order
    ("Scott", "James", "JAMES SCOTT", False),
    ("Scott", "James", "JAMES, SCOTT", True),
    ("Scott", "James", "SCOTT, JAMES", False),
    ("Scott", "James", "James Scott & Kim Scott", False),
    ("Scott", "James", "SCOTT AND KIM JAMES", True),
    ("Kim", "James", "SCOTT AND KIM JAMES", True),
    ("Thomas", "Kelly", "KELLY THOMAS", False),
    ("Thomas", "Kelly", "KELLY THOMAS R", True),
    ("Jordan", "Taylor", "TAYLOR JORDAN MD", False),
    # more of a family name than the parent's
    ("Ana", "Cruz", "Ana de la Cruz", False),
    ("Ana", "de la Cruz", "Ana de la Cruz", True),
    ("Ana", "de la Cruz", "DE LA CRUZ, ANA", True),
    ("Ana", "de la Cruz", "Ana Cruz", False),
    ("Jan", "Berg", "Jan van den Berg", False),
    ("Jan", "van den Berg", "JAN VANDENBERG", True),
    ("Van", "Berg", "Van Berg", True),
    ("Sean", "Brien", "Sean O Brien", False),
    ("Sean", "McDonald", "SEAN MC DONALD", True),
    ("Ana", "Jones", "Ana Smith-Jones", False),
    ("Ana", "Garcia Lopez", "Ana Garcia Lopez", True),
    ("Ana", "Garcia Lopez", "GARCIA LOPEZ, ANA MARIA", True),
    # generations and what else follows or precedes a name
    ("Pat", "Sample III", "Pat Sample Jr", False),
    ("Pat", "Sample Jr", "Pat Sample Sr.", False),
    ("Pat", "Sample Jr", "SAMPLE JR, PAT", True),
    ("Pat", "Sample Jr", "Pat Sample, Jr., CPA", True),
    ("Pat", "Sample", "Pat Sample 3rd", False),
    ("Pat", "Sample III", "Pat Sample 3rd", True),
    ("Pat", "Sample II", "PAT SAMPLE 3RD", False),
    ("Pat", "Sample", "Dr. Pat Sample, MD", True),
    ("Pat", "Sample", "PAT SAMPLE ESQ", True),
    ("Pat", "Sample", "SAMPLE, PAT Q, MR", True),
    ("Kim", "Do", "KIM DO", True),
    ("Rev", "Sample", "Rev Sample", True),
    # joint accounts
    ("John", "Doe", "JOHN AND MARY DOE", True),
    ("Mary", "Doe", "JOHN AND MARY DOE", True),
    ("John", "Doe", "JOHN Q AND MARY DOE", True),
    ("John", "Doe", "DOE JOHN & MARY", False),
    ("Mary", "Doe", "DOE JOHN & MARY", False),
    ("John", "Doe", "DOE, JOHN & MARY", True),
    ("Mary", "Doe", "DOE, JOHN & MARY", True),
    ("John", "Doe", "MR & MRS JOHN DOE", True),
    ("Mary", "Doe", "MR & MRS JOHN DOE", False),
    ("John", "Doe", "JOHN SMITH & MARY DOE", False),
    ("John", "Doe", "JOHN & MARY VAN DOE", False),
    ("John", "Doe", "JOHN SMITH, KIM BROWN, MARY DOE", False),
    ("John", "Doe", "JOHN DOE & MARY DOE JTWROS", True),
    ("Mary", "Doe", "JOHN DOE OR MARY DOE JT TEN", True),
    ("Kim", "Church", "KIM CHURCH AND PAT CHURCH", True),
    # nobody's own, wherever it is said
    *(
        ("Pat", "Sample", line, False)
        for line in (
            "PAT SAMPLE TTEE", "PAT SAMPLE, TRUSTEE", "PAT SAMPLE & KIM SAMPLE TTEES",
            "PAT SAMPLE UTMA NY", "PAT SAMPLE CUST KIM SAMPLE UGMA/CO", "PAT SAMPLE FBO KIM SAMPLE",
            "PAT SAMPLE POD KIM SAMPLE", "PAT SAMPLE ITF KIM SAMPLE", "PAT SAMPLE LIVING TRUST",
            "PAT SAMPLE INC", "PAT SAMPLE & CO", "PAT SAMPLE REVOCABLE TR, KIM SAMPLE TTEE",
            "SAMPLE FAMILY TRUST, PAT SAMPLE", "PAT SAMPLE MEMORIAL FUND FOR KIM SAMPLE",
            "PAT SAMPLE IRA", "PAT SAMPLE, POA FOR KIM SAMPLE", "PAT SAMPLE AND SAMPLE FOUNDATION",
            "PAT SAMPLE, AGENT, OTHER",
        )
    ),
    ("Tod", "Sample", "TOD SAMPLE TOD KIM SAMPLE", False),
    ("Ira", "Glass", "IRA GLASS", True),
    # letters of their own, and of other scripts
    ("Đặng", "Nguyễn", "DANG NGUYEN", True),
    ("Łucja", "Świątek", "LUCJA SWIATEK", True),
    ("Þór", "Ægisson", "THOR AEGISSON", True),
    ("Siân", "Ap‑Rhys", "SIAN AP RHYS", True),
    ("Олена", "Шевченко", "ОЛЕНА ШЕВЧЕНКО", True),
    ("Олена", "Шевченко", "OLENA SHEVCHENKO", False),
]  # fmt: skip


def on_the_form(first: str, last: str) -> KycProfile:
    return KycProfile(first_name=first, last_name=last)


LETTERS = st.text("abcdefghijklmnoprstuwyz", min_size=2, max_size=9)
NAMES = LETTERS.filter(lambda word: word not in KNOWN)


@given(first=NAMES, other=NAMES, last=NAMES)
def test_only_the_very_same_first_name_is_one(first: str, other: str, last: str) -> None:
    assume(first != other and other + last != first + last)

    lines = [f"{other} {last}", f"{last}, {other}", f"{other[0]} {last}", f"{other} & kim {last}"]
    assume(first != "kim")
    for line in lines:
        assert compare_owners([line.upper()], on_the_form(first, last)) == "DIFFERS"


@given(first=NAMES, ending=NAMES, last=NAMES)
def test_a_name_that_begins_like_another_is_another(first: str, ending: str, last: str) -> None:
    long = first + ending

    assert compare_owners([f"{long} {last}"], on_the_form(first, last)) == "DIFFERS"
    assert compare_owners([f"{first} {last}"], on_the_form(long, last)) == "DIFFERS"


@given(first=NAMES, last=NAMES)
def test_the_other_order_is_no_proof(first: str, last: str) -> None:
    assume(first != last)

    assert compare_owners([f"{last} {first}".upper()], on_the_form(first, last)) == "DIFFERS"
    assert compare_owners([f"{last}, {first}"], on_the_form(first, last)) == "MATCHES"


@given(
    first=NAMES, last=NAMES, middle=NAMES, title=st.sampled_from(["", "Mr. ", "DR "]),
    end=st.sampled_from(["", " MD", " PhD", ", CPA", ", Esq"]),
)  # fmt: skip
def test_titles_middle_names_and_credentials_do_not_count(
    first: str, last: str, middle: str, title: str, end: str
) -> None:
    for line in (f"{title}{first} {middle} {last}{end}", f"{last}, {first} {middle}{end}"):
        assert compare_owners([line.title()], on_the_form(first, last)) == "MATCHES"


@given(first=NAMES, last=NAMES, end=st.sampled_from([" Jr", ", Jr.", " Sr.", " II", " III", " IV"]))
def test_father_and_son_are_two(first: str, last: str, end: str) -> None:
    senior, junior = on_the_form(first, last), on_the_form(first, f"{last}{end}")

    assert compare_owners([f"{first} {last}{end}"], senior) == "DIFFERS"
    assert compare_owners([f"{first} {last}"], junior) == "DIFFERS"
    assert compare_owners([f"{first} {last}{end}"], junior) == "MATCHES"


@given(first=NAMES, last=NAMES, word=st.sampled_from(sorted(NO_PERSON)), place=st.integers(1, 2))
def test_who_holds_for_another_is_never_the_owner(
    first: str, last: str, word: str, place: int
) -> None:
    words = [first, last]
    words.insert(place, word)

    assert compare_owners([" ".join(words)], on_the_form(first, last)) == "DIFFERS"


@given(st.text(max_size=60), NAMES, NAMES)
def test_no_text_of_a_bank_makes_it_fail(text: str, first: str, last: str) -> None:
    assert compare_owners([text], on_the_form(first, last)) in {"UNKNOWN", "DIFFERS"}
    split_name(text)


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
