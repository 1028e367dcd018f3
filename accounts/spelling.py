"""How the broker will write what people call themselves and where they live.

People write their names with every letter there is and keep them so here; a broker's system has an
alphabet of its own. What it is, its folder knows (`settings.BROKER_ALPHABET`); this room refuses
what has no spelling in it, asking for one, and shows the others before they are sent.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any, Protocol, cast

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts import validators


class Unspellable(ValueError):
    """A text has no spelling in the broker's alphabet.

    `why`: letters (those in `letters`), long, empty or shape.
    """

    def __init__(self, why: str, letters: str = "") -> None:
        super().__init__(why)
        self.why, self.letters = why, letters


class Alphabet(Protocol):
    """What a broker's system takes; each raises `Unspellable`."""

    def spell_name(self, text: str) -> str: ...
    def spell_street(self, text: str) -> str: ...
    def spell_city(self, text: str) -> str: ...
    def spell_zip(self, text: str) -> str: ...


@dataclass(frozen=True)
class Respelling:
    """One answer that the broker gets in other letters than it was written in."""

    field: str
    written: str
    sent: str


@cache
def get_alphabet() -> Alphabet:
    """Return the configured broker's alphabet."""
    return cast(Alphabet, import_module(settings.BROKER_ALPHABET))


def clean_name(value: str) -> str:
    """Tidy a name the broker is told; it keeps its letters here.

    :raises ValidationError: no name, or none the broker can write
    """
    name = validators.clean_name(value)
    _check(get_alphabet().spell_name, name, letters=_name_in_latin)
    return name


def clean_street(value: str) -> str:
    """Tidy a line of the address the broker is told.

    :raises ValidationError: no residence, or nothing the broker can write
    """
    line = validators.clean_street(value)
    _check(get_alphabet().spell_street, line, letters=_address_in_latin)
    return line


def clean_city(value: str) -> str:
    """Tidy the city the broker is told.

    :raises ValidationError: nothing the broker can write
    """
    city = validators.clean_city(value)
    _check(get_alphabet().spell_city, city, letters=_address_in_latin)
    return city


def list_respellings(values: Mapping[str, Any]) -> list[Respelling]:
    """Return which of these values the broker gets otherwise, in the order of the fields.

    :param values: by the names of our fields; a name with `trusted_` before it is the contact's
    """
    spell = get_alphabet()
    speller: dict[str, Callable[[str], str]] = {
        "first_name": spell.spell_name,
        "last_name": spell.spell_name,
        "street1": spell.spell_street,
        "street2": spell.spell_street,
        "city": spell.spell_city,
        "postal_code": spell.spell_zip,
    }
    found = []
    for field, value in values.items():
        one = speller.get(field.removeprefix("trusted_"))
        if one is None or not value:
            continue
        try:
            sent = one(str(value))
        except Unspellable:
            continue  # the field's own check says so
        if sent != value:
            found.append(Respelling(field, str(value), sent))
    return found


def spell_full_name(first_name: str, last_name: str) -> str:
    """Return a name as the broker writes it; empty where it writes it as it is, or not at all."""
    spell = get_alphabet().spell_name
    try:
        sent = f"{spell(first_name)} {spell(last_name)}"
    except Unspellable:
        return ""
    return "" if sent == f"{first_name} {last_name}" else sent


def version_of(respellings: Iterable[Respelling]) -> str:
    """Return what a list of respellings is known by once somebody has seen it."""
    text = "\0".join(f"{one.field}={one.sent}" for one in respellings)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _check(spell: Callable[[str], str], text: str, *, letters: Callable[[str], str]) -> None:
    if not text:
        return
    try:
        spell(text)
    except Unspellable as error:
        raise ValidationError(_explain(error, letters), code=f"spelling_{error.why}") from error


def _explain(error: Unspellable, letters: Callable[[str], str]) -> str:
    if error.why == "letters":
        return letters(error.letters)
    if error.why == "long":
        return _("Written in the broker's letters this is too long. Shorten it.")
    return _("Nothing the broker can write is left of this. Use the letters A to Z.")


def _name_in_latin(strange: str) -> str:
    return (
        _(
            "The broker can write names only in the letters A to Z, so it can not take “%s”. Spell "
            "this name as it stands on a US document, like the Social Security card."
        )
        % strange
    )


def _address_in_latin(strange: str) -> str:
    return (
        _("The broker can not take “%s” here. Write it in the letters A to Z, as on your mail.")
        % strange
    )
