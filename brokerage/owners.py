"""Whether a bank account is in the parent's own name.

The broker takes only accounts in its customer's name, and Nacha's WEB rule wants a debit's account
shown to be the payer's. Banks write names as they like; what has another plain reading (Daniel and
Danielle, a first name that may be a last one, J for John or Jane) is no proof: a person decides.
"""

import json
from collections.abc import Iterable
from dataclasses import replace

from accounts.models import KycProfile
from accounts.names import (
    NO_PERSON,
    PARTICLES,
    Person,
    Word,
    fold,
    read_generation,
    read_people,
)
from brokerage.models import BankAccount
from core.encryption import blind_index

Owner = BankAccount.Owner


def compare_owners(owner_names: Iterable[str], profile: KycProfile) -> BankAccount.Owner:
    """Compare all names a bank has for an account with the parent's legal name; any suffices."""
    names = [name for name in owner_names if fold(name)]
    if not names:
        return Owner.UNKNOWN
    given = fold(profile.first_name)
    family, generation = read_generation(fold(profile.last_name))
    if not given or not family:
        return Owner.DIFFERS
    if any(_is_theirs(name, given, family, generation) for name in names):
        return Owner.MATCHES
    return Owner.DIFFERS


def index_owners(owner_names: Iterable[str], profile: KycProfile) -> str:
    """Return what a decision about exactly these names and this parent's name is known by."""
    names = sorted({" ".join(fold(name)) for name in owner_names})
    legal = " ".join(fold(profile.full_name))
    return blind_index(json.dumps([legal, names]), context="brokerage.bank.owners")


def _is_theirs(text: str, given: list[str], family: list[str], generation: str) -> bool:
    """Say whether one of the people in a text as a bank has it is the parent."""
    people = read_people(text)
    own = [word for word in (*given, *family) if word in NO_PERSON]
    for person in people:
        if any(person.no_person.count(word) > own.count(word) for word in person.no_person):
            return False
    return any(
        _is_one(person, given, family)
        for person in _with_shared_name(people, family)
        if person.generation == generation
    )


def _with_shared_name(people: list[Person], family: list[str]) -> list[Person]:
    """Give “Pat” of “Pat & Kim Sample” and of “Sample, Kim & Pat” the family name they share.

    Not of “Sample Pat & Kim”: there Pat may be the family name.
    """
    if len(people) < 2:
        return people
    behind = bool(_before(people[-1].plain, family)) and not people[-1].family
    ahead = "".join(people[0].plain_family) == "".join(family)
    shared = tuple(Word(word, word) for word in family)
    return [
        replace(person, family=shared)
        if _is_given_alone(person)
        and ((behind and person is not people[-1]) or (ahead and person is not people[0]))
        else person
        for person in people
    ]


def _is_given_alone(person: Person) -> bool:
    """Say whether there is a first name and no more than initials behind it."""
    return not person.family and all(len(word) == 1 for word in person.plain[1:])


def _is_one(person: Person, given: list[str], family: list[str]) -> bool:
    if person.family:
        is_family = "".join(person.plain_family) == "".join(family)
        return is_family and _count_given(person.plain, given) > 0
    told = _before(person.plain, family)
    if told:
        return _count_given(told, given) > 0
    return _is_reversed(person.plain, given, family)


def _is_reversed(words: list[str], given: list[str], family: list[str]) -> bool:
    """Say whether it is LAST FIRST M, which ends in what is no family name.

    LAST FIRST alone has another plain reading: SCOTT JAMES may be Scott of the family James.
    """
    told = next(
        (words[n:] for n in range(1, len(words)) if "".join(words[:n]) == "".join(family)), []
    )
    return len(told) > 1 and len(told[-1]) == 1 and 0 < _count_given(told, given) < len(told)


def _before(words: list[str], family: list[str]) -> list[str]:
    """Return what stands before the family name; empty where the words do not end with it.

    Smith-Jones, Smith Jones and Smithjones are one name, and so are O'Brien and O Brien; Cruz and
    de la Cruz are two.
    """
    whole = "".join(family)
    told = next((words[:n] for n in range(1, len(words)) if "".join(words[n:]) == whole), [])
    is_longer = len(told) > 1 and told[-1] in PARTICLES
    return [] if is_longer else told


def _count_given(told: list[str], given: list[str]) -> int:
    """Return how many of a bank's first words are the parent's given name; 0 where none are.

    Equal, however they are spaced or hyphenated: no initial and no short form is one.
    """
    whole = "".join(given)
    return next((n for n in range(1, len(told) + 1) if "".join(told[:n]) == whole), 0)
