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
from core.errors import Invalid, NotNow
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
    *, known: KycProfile | None, ssn: str, born: date, children: Iterable[Child]
) -> None:
    """Refuse a custodian who is one of their own children, or not older than each of them.

    :raises Invalid: with the field `ssn` or `date_of_birth`
    """
    children = list(children)
    child = _find_number(children, index_number(ssn))
    if child is not None:
        message = _("This is the number you gave for %s. Give your own here.") % child.first_name
        raise Invalid(message, code="ssn_of_child", fields={"ssn": message})
    older = next((child for child in children if child.date_of_birth <= born), None)
    if older is not None and (known is None or known.date_of_birth != born):
        message = _("By this day you are not older than %s. Check the year.") % older.first_name
        raise Invalid(message, code="younger_than_child", fields={"date_of_birth": message})


def check_child(
    *,
    custodian: KycProfile,
    child: Named,
    born: date,
    ssn: str,
    siblings: Iterable[Child],
    ages_confirmed: bool,
) -> None:
    """Refuse a child who is the custodian, another child of theirs, or not younger than they are.

    :param ssn: empty where none is asked, or the one given before is kept
    :param siblings: the custodian's other children with the same kind of account
    :param ages_confirmed: the custodian says that they are so few years older
    :raises Invalid: with the field `ssn`, `first_name`, `date_of_birth` or `ages_confirmed`
    :raises NotNow: the same child is there already
    """
    if ssn and hmac.compare_digest(index_number(ssn), _index_of(custodian)):
        message = _(
            "This is your own number. The account is the child's: give the child's number, from "
            "the child's Social Security card."
        )
        raise Invalid(message, code="ssn_of_custodian", fields={"ssn": message})
    siblings = list(siblings)
    twin = _find_number(siblings, index_number(ssn)) if ssn else None
    if twin is not None:
        message = _("You have added this child already. It is the number of %s.") % twin.first_name
        raise NotNow(message, code="child_known", fields={"ssn": message})
    if any(is_same_name(child, one) and born == one.date_of_birth for one in siblings):
        message = _("You have added this child already, by this name and birthday.")
        raise NotNow(message, code="child_known", fields={"first_name": message})
    if is_same_name(child, custodian) and born == custodian.date_of_birth:
        message = _("These are your own name and birthday. Tell us about the child here.")
        raise Invalid(message, code="child_is_custodian", fields={"first_name": message})
    _check_ages(custodian.date_of_birth, born, ages_confirmed)


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
    :raises Invalid: with the field `trusted_phone`, `trusted_email` or `trusted_first_name`
    """
    message, field = "", ""
    if custodian and answer.phone and answer.phone == custodian.phone:
        message = _("This is your own number. We call this person when we can not reach you.")
        field = "trusted_phone"
    elif answer.email and answer.email.casefold() == parent.user.email.casefold():
        message = _("This is your own e-mail. We write to this person when we can not reach you.")
        field = "trusted_email"
    elif custodian and not answer.relationship and is_same_name(answer, custodian):
        message = _(
            "This is your own name. Name another person; if somebody else is called so, choose "
            "who they are to you."
        )
        field = "trusted_first_name"
    elif answer.relationship in ("", "CHILD") and any(
        is_same_name(answer, child) for child in children
    ):
        message = _(
            "This is the name of your child here. A trusted contact is 18 or older; if an older "
            "relative is called so, choose who they are to you."
        )
        field = "trusted_first_name"
    if message:
        raise Invalid(message, code="trusted_not_another", fields={field: message})


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
