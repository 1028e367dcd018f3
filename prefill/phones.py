"""Which phone numbers a code may be texted to, and what is asked of one."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from accounts.validators import clean_us_phone
from core.encryption import blind_index
from core.errors import Invalid
from prefill.agreements import Instructions
from prefill.gateway import InstructionsGiven

TEXTED = frozenset({"US"})  # Spinwheel knows people of the US only


def clean_phone(value: str, *, country: str, countries: Collection[str]) -> str:
    """Return a person's number in E.164.

    :param country: of a number without `+` and country code (ISO 3166-1 alpha-2)
    :param countries: where the tenant's customers are
    :raises Invalid: phone_invalid, phone_country or phone_kind, with the field `phone_number`
    """
    if country not in TEXTED.intersection(countries):
        message = _("We can not send texts to numbers of this country.")
        raise Invalid(message, code="phone_country", fields={"country_code": message})
    try:
        return clean_us_phone(value)
    except ValidationError as error:
        message = " ".join(error.messages)
        code = error.code or "phone_invalid"
        raise Invalid(message, code=code, fields={"phone_number": message}) from None


def index_phone(phone: str) -> str:
    """Return the keyed hash by which a number is counted and found again."""
    return blind_index(phone, context="prefill.phone")


@dataclass(frozen=True)
class Ask:
    """What a person asked for, checked."""

    phone: str = field(repr=False)
    date_of_birth: date = field(repr=False)
    instructions: Instructions
    ip_address: str | None
    by: models.Model | str
    at: datetime

    @property
    def phone_index(self) -> str:
        return index_phone(self.phone)

    @property
    def given(self) -> InstructionsGiven:
        return InstructionsGiven(self.at)
