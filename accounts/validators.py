"""What a name, a number or an address must look like before anybody is asked about it.

Each `clean_…` returns the tidy value or raises Django's ValidationError with a plain sentence.
"""

import re
from collections.abc import Collection
from datetime import date
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.places import clean_city, clean_street, clean_zip
from accounts.typed import keep_digits, tidy_name, tidy_text

__all__ = [
    "clean_account_number", "clean_birth_date", "clean_city", "clean_name", "clean_phone",
    "clean_routing_number", "clean_signature", "clean_ssn", "clean_street", "clean_us_phone",
    "clean_zip", "format_us_phone",
]  # fmt: skip

# Accents that have no letter of their own stand after it.
NAME = re.compile(r"['’]?[^\W\d_](?:[^\W\d_]|[\u0300-\u036f .'’-])*")
SIGNATURE = re.compile(r"[^\W\d_](?:[^\W_]|[\u0300-\u036f .,'’&+()-])*")
# IRS: an ITIN's fourth and fifth digits are 50-65, 70-88, 90-92 or 94-99, an ATIN's 93.
TAX_OFFICES = re.compile(r"9[0-9]{2}(?:5[0-9]|6[0-5]|7[0-9]|8[0-8]|9[0-9])[0-9]{4}")
PRINTED = re.compile(r"98765432[0-9]")  # set aside for advertisements
EIN = re.compile(r"[0-9]{2}-[0-9]{7}")
NANP = re.compile(r"(?P<area>[2-9][0-9]{2})(?P<office>[2-9][0-9]{2})[0-9]{4}")
# Numbering plan: N11 and N9X, 37X and 96X are no area codes; those of services are nobody's own.
NO_AREA = re.compile(r"[2-9](?:11|9[0-9])|37[0-9]|96[0-9]")
SERVICES = re.compile(
    r"8(?:00|22|33|44|55|66|77|8[0-9])|900|700|710|5(?:00|2[1-9]|33|44|55|66|77|88)|6(?:00|22)"
)
FICTIONAL = re.compile(r"[2-9][0-9]{2}55501[0-9]{2}")
BANK_PREFIX = re.compile(r"0[1-9]|1[0-2]|2[1-9]|3[0-2]|6[1-9]|7[0-2]")


def clean_name(value: str, *, limit: int = 36) -> str:
    """Tidy a person's name; DriveWealth refuses one over 36 characters (K110)."""
    name = tidy_name(value)
    if not NAME.fullmatch(name):
        raise ValidationError(
            _(
                "Use the letters of the name as on an official document. Who has one name only "
                "writes FNU for the other, as US papers do."
            )
        )
    if len(name) > limit:
        raise ValidationError(_("The broker takes names of up to %d letters.") % limit)
    return name


def clean_signature(value: str, *, limit: int = 60) -> str:
    """Tidy what a giver signs with: a name, or “Grandma & Grandpa”."""
    name = tidy_text(value)
    if not SIGNATURE.fullmatch(name) or len(name) > limit:
        raise ValidationError(_("Use the letters of a name, up to %d of them.") % limit)
    return name


def clean_ssn(value: str) -> str:
    """Return the nine digits of a Social Security number.

    SSA: area not 000, 666 or 900-999, group not 00, serial not 0000, and none of those printed in
    advertisements. Numbers of the tax office (9xx) look alike.

    :raises ValidationError: ssn_shape, ssn_ein, ssn_itin or ssn_never_issued
    """
    from stdnum.us import ssn

    digits = keep_digits(value)
    if EIN.fullmatch(tidy_name(value)):
        raise ValidationError(
            _(
                "This looks like the number of a business (EIN). Enter a person's Social Security "
                "number, like 123-45-6789."
            ),
            code="ssn_ein",
        )
    if not re.fullmatch(r"[0-9]{9}", digits):
        raise ValidationError(
            _("A Social Security number has nine digits, like 123-45-6789."), code="ssn_shape"
        )
    if TAX_OFFICES.fullmatch(digits) and not PRINTED.fullmatch(digits):
        raise ValidationError(
            _(
                "This is a number of the tax office (ITIN or ATIN). The broker opens accounts only "
                "with a Social Security number: enter that one. Without one, no account can be "
                "opened here yet."
            ),
            code="ssn_itin",
        )
    if not ssn.is_valid(digits):
        raise ValidationError(
            _("No Social Security number looks like this. Check each digit."),
            code="ssn_never_issued",
        )
    return digits


def clean_us_phone(value: str, *, regions: Collection[str] = ("US",)) -> str:
    """Return the US number of a person in E.164, e.g. `+13035550123`.

    An area code newer than the library's tables is taken: a code by text proves the number, and who
    types it reads it again.

    `regions`: whose numbers are taken, US and territories where accounts are opened.

    The error's `code`: phone_invalid, phone_country, or phone_kind (a number of no person, such
    as a toll-free one). Nobody can tell a US mobile from a landline by its digits.
    """
    import phonenumbers

    number = _parse_phone(value)
    if number is None or not phonenumbers.is_possible_number(number):
        raise ValidationError(
            _("Enter a US phone number with its area code."), code="phone_invalid"
        )
    if number.extension:
        raise ValidationError(
            _("Enter the number without an extension: it must be your own."), code="phone_invalid"
        )
    if number.country_code != 1:
        raise ValidationError(
            _("Enter a US phone number. We can not take other countries' yet."),
            code="phone_country",
        )
    _check_in_use(str(number.national_number))
    if phonenumbers.is_valid_number(number):
        _check_personal(number, regions)
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def _check_in_use(digits: str) -> None:
    """Refuse what the numbering plan gives to nobody, in area codes known or new."""
    found = NANP.fullmatch(digits)
    if found is None or NO_AREA.fullmatch(found["area"]) or found["office"].endswith("11"):
        raise ValidationError(
            _("This is not a US phone number in use. Check the area code."), code="phone_invalid"
        )
    if SERVICES.fullmatch(found["area"]):
        raise ValidationError(
            _("Enter a number of your own, not a toll-free or service number."), code="phone_kind"
        )
    if FICTIONAL.fullmatch(digits) and not settings.PRACTICE_PHONES:
        raise ValidationError(
            _("Numbers with 555-01 are only used in films. Enter your own."), code="phone_invalid"
        )


def _check_personal(number: Any, regions: Collection[str]) -> None:
    import phonenumbers

    if phonenumbers.number_type(number) not in _list_personal_kinds():
        raise ValidationError(
            _("Enter a number of your own, not a toll-free or service number."), code="phone_kind"
        )
    region = phonenumbers.region_code_for_number(number)
    if region == "CA":
        raise ValidationError(
            _("This is a number from Canada. Enter a US phone number."), code="phone_country"
        )
    if region not in regions:
        raise ValidationError(
            _("Enter a US phone number. This one is from another country or territory."),
            code="phone_country",
        )


def _parse_phone(value: str) -> Any:
    import phonenumbers

    try:
        return phonenumbers.parse(tidy_text(value), "US")
    except phonenumbers.NumberParseException:
        return None


def clean_phone(value: str) -> str:
    """Return anybody's number in E.164; without a country's code it is a US one."""
    import phonenumbers

    number = _parse_phone(value)
    if number is None or number.extension or not _may_be_in_use(number):
        raise ValidationError(
            _("Enter a phone number with its area code, or with + and the country's code."),
            code="phone_invalid",
        )
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def _may_be_in_use(number: Any) -> bool:
    """Say whether a number is one, as far as tables of area codes know."""
    import phonenumbers

    if phonenumbers.is_valid_number(number):
        return True
    try:
        _check_in_use(str(number.national_number) if number.country_code == 1 else "")
    except ValidationError:
        return False
    return True


def format_us_phone(value: str) -> str:
    """Return a number as people in the US write it, e.g. `(303) 555-0123`; any other as it is."""
    import phonenumbers

    try:
        number = phonenumbers.parse(value, "US")
    except phonenumbers.NumberParseException:
        return value
    if number.country_code != 1:
        return value
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL))


def _list_personal_kinds() -> set[int]:
    from phonenumbers import PhoneNumberType

    return {
        PhoneNumberType.FIXED_LINE,
        PhoneNumberType.MOBILE,
        PhoneNumberType.FIXED_LINE_OR_MOBILE,
    }


def clean_birth_date(value: date, *, today: date) -> date:
    """Refuse a birthday that lies ahead or more than 120 years back."""
    if value > today:
        raise ValidationError(_("This day lies in the future."))
    if value.year < today.year - 120:
        raise ValidationError(_("Check the year."))
    return value


def clean_routing_number(value: str) -> str:
    """Return a nine-digit ABA routing number whose check digit is right.

    ABA: the first two digits are 01-12, 21-32 or 61-72; others are no bank's.
    """
    from stdnum.us import rtn

    digits = keep_digits(value)
    if not rtn.is_valid(digits) or not BANK_PREFIX.match(digits):
        raise ValidationError(
            _("This is not a routing number. It is the first nine digits on a check.")
        )
    return digits


def clean_account_number(value: str) -> str:
    """Return a bank account number of 4 to 17 digits (Nacha, entry detail record)."""
    digits = keep_digits(value)
    if not re.fullmatch(r"[0-9]{4,17}", digits):
        raise ValidationError(_("An account number has 4 to 17 digits."))
    return digits
