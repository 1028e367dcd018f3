"""Whether the people of one family are different people, and of ages that fit.

What is compared is the family's own; whether a stranger gave the same number is the desk's to know
(`brokerage.operations.people`), and nothing here tells of it.
"""

import hmac
import re
from collections.abc import Iterable
from datetime import date
from typing import Any, Protocol

from django.utils.translation import gettext as _

from accounts.models import Child, KycProfile, Parent, TrustedContact, birthday
from core.encryption import blind_index
from core.errors import Findings, Invalid, NotNow
from core.latin import NotLatin, to_plain

# A younger custodian may be a sister or an aunt, but most often a birthday is mistyped.
YOUNGEST_PARENT = 13
NUMBER = "accounts.child.ssn"


class Named(Protocol):
    @property
    def first_name(self) -> Any: ...
    @property
    def last_name(self) -> Any: ...


def index_number(ssn: str) -> str:
    """Return what a Social Security number is compared by."""
    return blind_index(ssn, context=NUMBER)


def is_same_name(one: Named, other: Named) -> bool:
    """Say whether two people are called the same, accents, case and signs aside."""
    return _fold(one) == _fold(other)


def check_custodian(
    *, known: KycProfile | None, ssn: str, born: date | None, children: Iterable[Child]
) -> None:
    """Refuse a custodian who is one of their own children, or not older than each of them.

    :param ssn: empty, as `born` None, where it is not understood or given yet
    :raises Invalid: with the fields `ssn` and `date_of_birth`
    """
    children, found = list(children), Findings()
    with found.noting():
        _check_not_childs_number(ssn, children)
    with found.noting():
        if born and (known is None or known.date_of_birth != born):
            _check_older(born, children)
    found.raise_all()


def _check_not_childs_number(ssn: str, children: list[Child]) -> None:
    child = _find_number(children, index_number(ssn)) if ssn else None
    if child is not None:
        message = _("This is the number you gave for %s. Give your own here.") % child.first_name
        raise Invalid(message, code="ssn_of_child", fields={"ssn": message})


def _check_older(born: date, children: list[Child]) -> None:
    older = next((child for child in children if child.date_of_birth <= born), None)
    if older is not None:
        message = _("By this day you are not older than %s. Check the year.") % older.first_name
        raise Invalid(message, code="younger_than_child", fields={"date_of_birth": message})


def check_child(
    *,
    custodian: KycProfile,
    child: Named,
    born: date | None,
    ssn: str,
    siblings: Iterable[Child],
    ages_confirmed: bool,
) -> None:
    """Refuse a child who is the custodian, another child of theirs, or not younger than they are.

    :param child: its names, empty where they are not understood yet; `born` None likewise
    :param ssn: empty where none is asked, or the one given before is kept
    :param siblings: the custodian's other children with the same kind of account
    :param ages_confirmed: the custodian says that they are so few years older
    :raises Invalid: with the fields `ssn`, `first_name`, `date_of_birth`, `ages_confirmed`
    :raises NotNow: the same child is there already
    """
    siblings, found = list(siblings), Findings()
    with found.noting():
        _check_number_is_new(ssn, custodian, siblings)
    with found.noting():
        if born:
            _check_is_another(child, born, custodian, siblings)
            _check_ages(custodian.date_of_birth, born, ages_confirmed)
    found.raise_all()


def _check_number_is_new(ssn: str, custodian: KycProfile, siblings: list[Child]) -> None:
    if ssn and hmac.compare_digest(index_number(ssn), _index_of(custodian)):
        message = _(
            "This is your own number. The account is the child's: give the child's number, from "
            "the child's Social Security card."
        )
        raise Invalid(message, code="ssn_of_custodian", fields={"ssn": message})
    twin = _find_number(siblings, index_number(ssn)) if ssn else None
    if twin is not None:
        message = _("You have added this child already. It is the number of %s.") % twin.first_name
        raise NotNow(message, code="child_known", fields={"ssn": message})


def _check_is_another(
    child: Named, born: date, custodian: KycProfile, siblings: list[Child]
) -> None:
    if any(is_same_name(child, one) and born == one.date_of_birth for one in siblings):
        message = _("You have added this child already, by this name and birthday.")
        raise NotNow(message, code="child_known", fields={"first_name": message})
    if is_same_name(child, custodian) and born == custodian.date_of_birth:
        message = _("These are your own name and birthday. Tell us about the child here.")
        raise Invalid(message, code="child_is_custodian", fields={"first_name": message})


def _check_ages(custodian: date, born: date, ages_confirmed: bool) -> None:
    if born <= custodian:
        message = _("By this birthday the child is not younger than you. Check the year.")
        raise Invalid(message, code="child_older", fields={"date_of_birth": message})
    if born < birthday(custodian, YOUNGEST_PARENT) and not ages_confirmed:
        message = (
            _(
                "By this birthday you are less than %d years older than the child. Check the year. "
                "If it is right, because you are not the parent, say so below."
            )
            % YOUNGEST_PARENT
        )
        raise Invalid(
            message,
            code="ages_unlikely",
            fields={
                "date_of_birth": message,
                "ages_confirmed": _("Tick this box if the birthday is right."),
            },
        )


def check_trusted(
    *,
    parent: Parent,
    custodian: KycProfile | None,
    answer: Any,
    children: Iterable[Child],
) -> None:
    """Refuse a trusted contact who is the customer or a child of theirs.

    Father and son may be called the same: who says what the person is to them is believed.

    :param answer: a `TrustedAnswer` that names somebody
    :raises Invalid: with the fields `trusted_phone`, `trusted_email`, `trusted_first_name`
    """
    fields: dict[str, str] = {}
    if custodian and answer.phone and answer.phone == custodian.phone:
        fields["trusted_phone"] = _(
            "This is your own number. We call this person when we can not reach you."
        )
    if answer.email and answer.email.casefold() == parent.user.email.casefold():
        fields["trusted_email"] = _(
            "This is your own e-mail. We write to this person when we can not reach you."
        )
    if custodian and not answer.relationship and is_same_name(answer, custodian):
        fields["trusted_first_name"] = _(
            "This is your own name. Name another person; if somebody else is called so, choose "
            "who they are to you."
        )
    elif answer.relationship in ("", "CHILD") and any(
        is_same_name(answer, child) for child in children
    ):
        fields["trusted_first_name"] = _(
            "This is the name of your child here. A trusted contact is 18 or older; if an older "
            "relative is called so, choose who they are to you."
        )
    if fields:
        message = next(iter(fields.values()))
        raise Invalid(message, code="trusted_not_another", fields=fields)


def check_own_phone(phone: str, contact: TrustedContact | None) -> None:
    """Refuse to take as the customer's the phone of whom they named as their trusted contact.

    :raises Invalid: with the field `phone`
    """
    if contact is not None and contact.is_named and contact.phone == phone:
        message = _("This is the number of your trusted contact. Give your own here.")
        raise Invalid(message, code="phone_of_trusted", fields={"phone": message})


def _index_of(custodian: KycProfile) -> str:
    return custodian.ssn_index or index_number(custodian.ssn)


def _find_number(children: Iterable[Child], index: str) -> Child | None:
    """Return the child whose number it is; all are compared, whichever it is."""
    found = [child for child in children if hmac.compare_digest(child.ssn_index, index)]
    return found[0] if found else None


def _fold(person: Named) -> str:
    name = f"{person.first_name} {person.last_name}"
    try:
        plain = to_plain(name)
    except NotLatin:
        plain = name  # nobody's of another script is written otherwise
    return re.sub(r"[\W\d_]+", "", plain.casefold())
