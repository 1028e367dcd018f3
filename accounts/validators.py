"""What a name, a number or an address must look like before anybody is asked about it.

Each `clean_…` returns the tidy value or raises Django's ValidationError with a plain sentence.
"""

import re
import unicodedata
from datetime import date

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

NAME = re.compile(r"[^\W\d_](?:[^\W\d_]|[ .'’-])*")
SIGNATURE = re.compile(r"[^\W\d_](?:[^\W_]|[ .,'’&+()-])*")
BANK_PREFIX = re.compile(r"0[1-9]|1[0-2]|2[1-9]|3[0-2]|6[1-9]|7[0-2]")


def clean_name(value: str, *, limit: int = 36) -> str:
    """Tidy a person's name; DriveWealth refuses one over 36 characters (K110)."""
    name = unicodedata.normalize("NFC", " ".join(value.split()))
    if not NAME.fullmatch(name):
        raise ValidationError(_("Use the letters of the name as on an official document."))
    if len(name) > limit:
        raise ValidationError(_("The broker takes names of up to %d letters.") % limit)
    return name


def clean_signature(value: str, *, limit: int = 60) -> str:
    """Tidy what a giver signs with: a name, or “Grandma & Grandpa”."""
    name = unicodedata.normalize("NFC", " ".join(value.split()))
    if not SIGNATURE.fullmatch(name) or len(name) > limit:
        raise ValidationError(_("Use the letters of a name, up to %d of them.") % limit)
    return name


def clean_ssn(value: str) -> str:
    """Return the nine digits of a Social Security number.

    SSA: area not 000, 666 or 900-999, group not 00, serial not 0000.
    """
    digits = re.sub(r"[\s-]", "", value)
    if not re.fullmatch(r"[0-9]{9}", digits):
        raise ValidationError(_("A Social Security number has nine digits, like 123-45-6789."))
    area, group, serial = digits[:3], digits[3:5], digits[5:]
    if area in {"000", "666"} or area[0] == "9" or group == "00" or serial == "0000":
        raise ValidationError(_("No Social Security number looks like this. Check each digit."))
    return digits


def clean_us_phone(value: str) -> str:
    """Return the US number of a person in E.164, e.g. `+13035550123`.

    The error's `code`: phone_invalid, phone_country, or phone_kind (a number of no person, such
    as a toll-free one). Nobody can tell a US mobile from a landline by its digits.
    """
    import phonenumbers

    try:
        number = phonenumbers.parse(value, "US")
    except phonenumbers.NumberParseException:
        number = None
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
    if not phonenumbers.is_valid_number(number):
        raise ValidationError(
            _("This is not a US phone number in use. Check the area code."), code="phone_invalid"
        )
    if phonenumbers.number_type(number) not in _list_personal_kinds():
        raise ValidationError(
            _("Enter a number of your own, not a toll-free or service number."), code="phone_kind"
        )
    if phonenumbers.region_code_for_number(number) != "US":
        raise ValidationError(
            _("Enter a US phone number. This one is from another country or territory."),
            code="phone_country",
        )
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def clean_phone(value: str) -> str:
    """Return anybody's number in E.164; without a country's code it is a US one."""
    import phonenumbers

    try:
        number = phonenumbers.parse(value, "US")
    except phonenumbers.NumberParseException:
        number = None
    if number is None or number.extension or not phonenumbers.is_valid_number(number):
        raise ValidationError(
            _("Enter a phone number with its area code, or with + and the country's code."),
            code="phone_invalid",
        )
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


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


def clean_zip(value: str) -> str:
    """Return a ZIP or ZIP+4 code."""
    code = value.strip()
    if not re.fullmatch(r"[0-9]{5}(-[0-9]{4})?", code):
        raise ValidationError(_("A ZIP code has five digits, like 80202."))
    return code


def clean_street(value: str) -> str:
    """Return a street line; a P.O. box is no residence (31 CFR 1023.220)."""
    line = " ".join(value.split())
    if re.search(r"(?i)\b(p\.?\s*o\.?|post\s+office)\s*box\b", line):
        raise ValidationError(_("Enter where you live. The law does not let us take a P.O. box."))
    return line


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

    digits = re.sub(r"[\s-]", "", value)
    if not rtn.is_valid(digits) or not BANK_PREFIX.match(digits):
        raise ValidationError(
            _("This is not a routing number. It is the first nine digits on a check.")
        )
    return digits


def clean_account_number(value: str) -> str:
    """Return a bank account number of 4 to 17 digits (Nacha, entry detail record)."""
    digits = re.sub(r"[\s-]", "", value)
    if not re.fullmatch(r"[0-9]{4,17}", digits):
        raise ValidationError(_("An account number has 4 to 17 digits."))
    return digits
