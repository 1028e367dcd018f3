"""All that is wrong with what a parent tells of people, found at once.

Each check takes the answers that are good by themselves, by our names: a page and a call ask it
before all of them are, so that a person hears everything in one round; the operation asks it again
of the whole, where it counts. What is missing is compared with nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from accounts import family, rules
from accounts.models import Child, KycProfile, Parent
from accounts.queries import get_trusted_contact, list_children
from core.errors import Findings


@dataclass(frozen=True)
class _Named:
    first_name: str
    last_name: str


def _names(given: Mapping[str, Any]) -> _Named:
    """Return the whole name; half of one is like nobody's."""
    first, last = given.get("first_name"), given.get("last_name")
    return _Named(first, last) if first and last else _Named("", "")


def check_custodian_answers(
    parent: Parent, given: Mapping[str, Any], *, trusted: Any, today: date
) -> None:
    """Refuse a custodian of whom something can not be, or is another person's of the family.

    :param trusted: the `TrustedAnswer`; None where the form did not ask
    :raises DomainError: with the fields
    """
    known = KycProfile.objects.filter(parent=parent).first()
    ssn = given.get("ssn") or (known.ssn if known else "")
    born, phone = given.get("date_of_birth"), given.get("phone") or ""
    children, found = list(list_children(parent)), Findings()
    with found.noting():
        if born:
            rules.check_can_be_custodian(born, today=today)
    with found.noting():
        family.check_custodian(known=known, ssn=ssn, born=born, children=children)
    with found.noting():
        if phone and trusted is None:
            family.check_own_phone(phone, get_trusted_contact(parent))
    with found.noting():
        if trusted is not None and trusted.is_named:
            names = _names(given)
            told = KycProfile(first_name=names.first_name, last_name=names.last_name, phone=phone)
            family.check_trusted(parent=parent, custodian=told, answer=trusted, children=children)
    found.raise_all()


def check_trusted_answer(parent: Parent, trusted: Any) -> None:
    """Refuse to name as trusted the customer or a child of theirs.

    :raises Invalid: with the fields
    """
    family.check_trusted(
        parent=parent,
        custodian=KycProfile.objects.filter(parent=parent).first(),
        answer=trusted,
        children=list_children(parent),
    )


def check_new_child(
    parent: Parent, given: Mapping[str, Any], *, custodian: KycProfile, today: date
) -> None:
    """Refuse a child there can be no account for, or who is another person of the family.

    :raises DomainError: with the fields
    """
    kind = given.get("account_kind") or Child.AccountKind.CUSTODIAL
    found, born = Findings(), given.get("date_of_birth")
    with found.noting():
        if kind == Child.AccountKind.TEEN:
            if born:
                rules.check_can_be_teen(born, today=today)
        else:
            _check_law(given.get("governing_state") or "", born, today)
    with found.noting():
        family.check_child(
            custodian=custodian,
            child=_names(given),
            born=born,
            ssn=given.get("ssn") or "",
            siblings=list_children(parent).filter(account_kind=kind),
            ages_confirmed=bool(given.get("ages_confirmed")) or found.is_about("date_of_birth"),
        )
    found.raise_all()


def _check_law(state: str, born: date | None, today: date) -> None:
    """Look at the state, and at the age by its law, or by every state's."""
    found, rule = Findings(), None
    with found.noting():
        if state:
            rule = rules.get_open_utma_rule(state, today=today)
    with found.noting():
        if born:
            rules.check_can_be_child(born, rule, today=today)
    found.raise_all()


def check_corrected_child(child: Child, given: Mapping[str, Any], *, today: date) -> None:
    """Refuse a correction that makes another person of a child, or one too old.

    :raises DomainError: with the fields
    """
    found, born = Findings(), given.get("date_of_birth")
    with found.noting():
        if born and child.utma_rule:
            rules.check_can_be_child(born, child.utma_rule, today=today)
    siblings = list_children(child.parent).exclude(pk=child.pk)
    with found.noting():
        family.check_child(
            custodian=child.parent.profile,
            child=_names(given),
            born=born,
            ssn=given.get("ssn") or "",
            siblings=siblings.filter(account_kind=child.account_kind),
            ages_confirmed=bool(given.get("ages_confirmed"))
            or born == child.date_of_birth
            or found.is_about("date_of_birth"),
        )
    found.raise_all()
