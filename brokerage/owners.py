"""Whether a bank account is in the parent's own name.

The broker takes only accounts in its customer's name, and Nacha's WEB rule wants a debit's account
shown to be the payer's. Banks write names as they like; what is not clear counts as another's, and
a person decides.
"""

import json
import re
import unicodedata
from collections.abc import Iterable

from accounts.models import KycProfile
from brokerage.models import BankAccount
from core.encryption import blind_index

Owner = BankAccount.Owner
# Letters that no decomposition takes to the plain ones a bank writes.
PLAIN = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"}
)
NO_SPACE = re.compile(r"[.'’‘ʼ`´]")
BETWEEN_PEOPLE = re.compile(r"\s*(?:[&+;/]|\band\b|\bor\b)\s*")
TITLES = {"mr", "mrs", "ms", "miss", "mx", "dr", "prof", "rev"}
SUFFIXES = {"jr", "sr", "ii", "iii", "iv", "v", "md", "phd", "esq", "dds", "cpa"}
# Companies, and whoever holds for another: not the parent's own account, whatever name is in it.
NO_PERSON = {
    "llc", "llp", "lp", "pllc", "inc", "corp", "corporation", "company", "co", "ltd", "dba", "pc",
    "services", "enterprises", "holdings", "group", "partners", "associates", "consulting",
    "foundation", "church", "association", "club", "trust", "trustee", "ttee", "estate", "estates",
    "custodian", "cust", "utma", "ugma", "minor", "guardian", "fbo", "itf", "pod", "tod", "poa",
    "payee", "beneficiary",
}  # fmt: skip
# What makes another person's given name of one: Paul, Paula; Joseph, Josephine.
OTHER_GENDER = {"a", "e", "ia", "na", "ina", "ine", "ette", "etta", "elle", "ella"}


def compare_owners(owner_names: Iterable[str], profile: KycProfile) -> BankAccount.Owner:
    """Compare all names a bank has for an account with the parent's legal name; any suffices."""
    names = [name for name in owner_names if _fold(name)]
    if not names:
        return Owner.UNKNOWN
    given, family = _fold(profile.first_name), _without_suffixes(_fold(profile.last_name))
    if any(_is_theirs(name, given, family) for name in names):
        return Owner.MATCHES
    return Owner.DIFFERS


def index_owners(owner_names: Iterable[str], profile: KycProfile) -> str:
    """Return what a decision about exactly these names and this parent's name is known by."""
    names = sorted({" ".join(_fold(name)) for name in owner_names})
    legal = " ".join(_fold(profile.full_name))
    return blind_index(json.dumps([legal, names]), context="brokerage.bank.owners")


def _fold(text: str) -> list[str]:
    """Return the words of a name without case, accents and punctuation."""
    plain = unicodedata.normalize("NFKD", text.casefold()).translate(PLAIN)
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return re.findall(r"[^\W\d_]+", NO_SPACE.sub("", plain))


def _without_suffixes(words: list[str]) -> list[str]:
    """Drop Jr, III and the like behind a name that is whole without them."""
    kept = list(words)
    while len(kept) > 1 and kept[-1] in SUFFIXES:
        kept.pop()
    return kept


def _is_theirs(text: str, given: list[str], family: list[str]) -> bool:
    """Say whether one of the people in a text as a bank has it is the parent."""
    holds_for_another = NO_PERSON.difference(given, family).intersection(_fold(text))
    if holds_for_another or not given or not family:
        return False
    people = BETWEEN_PEOPLE.split(unicodedata.normalize("NFKC", text.casefold()))
    return any(_is_one(person, given, family) for person in _with_shared_name(people, family))


def _with_shared_name(people: list[str], family: list[str]) -> list[str]:
    """Give “Pat” of “Pat & Kim Sample” the family name it shares; who has one keeps it."""
    shared = " ".join(family)
    has_it = [_ends_with(_without_suffixes(_fold(one)), family) for one in people]
    if len(people) < 2 or not any(has_it):
        return people
    return [
        f"{one} {shared}" if not has and len(_fold(one)) == 1 else one
        for one, has in zip(people, has_it, strict=True)
    ]


def _is_one(person: str, given: list[str], family: list[str]) -> bool:
    before, comma, after = person.partition(",")
    if comma and not set(_fold(after)) <= SUFFIXES:  # LAST, FIRST
        last, first = _without_suffixes(_fold(before)), _without_suffixes(_fold(after))
        return "".join(last) == "".join(family) and _same_given(first, given)
    words = _fold(person)
    if words and words[0] in TITLES:
        words = words[1:]
    words = _without_suffixes(words)
    rest = _ends_with(words, family)
    if rest and _same_given(rest, given):
        return True
    return _is_reversed(words, given, family)


def _is_reversed(words: list[str], given: list[str], family: list[str]) -> bool:
    """Say whether it is LAST FIRST [MIDDLE]; an initial counts only where nothing follows it."""
    rest = _behind(words, family)
    while rest and rest[0] in SUFFIXES and len(rest) > 1:
        rest = rest[1:]  # SAMPLE JR PAT
    if not rest or (len(rest[0]) == 1 and len(rest) > 1 and len(given[0]) > 1):
        return False
    return _same_given(rest, given)


def _ends_with(words: list[str], family: list[str]) -> list[str]:
    """Return what stands before the family name; empty where the words do not end with it.

    Smith-Jones, Smith Jones and Smithjones are one name, and so are O'Brien and O Brien.
    """
    whole = "".join(family)
    return next((words[:n] for n in range(1, len(words)) if "".join(words[n:]) == whole), [])


def _behind(words: list[str], family: list[str]) -> list[str]:
    """Return what stands behind the family name; empty where the words do not begin with it."""
    whole = "".join(family)
    return next((words[n:] for n in range(1, len(words)) if "".join(words[:n]) == whole), [])


def _same_given(told: list[str], given: list[str]) -> bool:
    """Say whether a bank's given names are the parent's: equal, an initial, or a short form."""
    if not told:
        return False
    whole = "".join(given)
    if any("".join(told[:n]) == whole for n in range(1, len(told) + 1)):
        return True
    short, long = sorted((told[0], given[0]), key=len)
    if not long.startswith(short):
        return False
    return (
        len(short) == 1
        or (len(short) > 2 and long[len(short) :] not in OTHER_GENDER)
        or short == long
    )
