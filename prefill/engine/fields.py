"""The fields a form can be filled with, and what a value of each must look like.

Every `clean` returns the tidy value, ready for JSON, or raises Django's ValidationError with a
plain sentence. What vendors send goes through the same checks as what people type.
"""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.utils.translation import gettext as _

from accounts import validators
from accounts.choices import EmploymentStatus
from accounts.places import read_state
from accounts.typed import tidy_text
from core.dollars import read_dollars
from core.emails import tidy_email

LONGEST = 200
MOST_ADDRESSES = 10
MOST_MONEY = Decimal("1000000000000")
CENT = Decimal("0.01")
DIGITS4 = re.compile(r"[0-9]{4}")
KINDS = ("home", "former", "mailing", "other")
COUNTRIES = {"US": "US", "USA": "US", "UNITED STATES": "US", "UNITED STATES OF AMERICA": "US"}

Clean = Callable[[Any, date], Any]


def _text(value: Any, *, limit: int = LONGEST) -> str:
    """Return one line of printable text."""
    if not isinstance(value, str):
        raise ValidationError(_("This must be text."))
    tidy = tidy_text(value)
    if not tidy:
        raise ValidationError(_("This is empty."))
    if len(tidy) > limit or not tidy.isprintable():
        raise ValidationError(_("Use up to %d printable characters.") % limit)
    return tidy


def clean_name(value: Any, _today: date) -> str:
    return validators.clean_name(_text(value))


def clean_email(value: Any, _today: date) -> str:
    """Return an e-mail address, its domain in lower case."""
    address = tidy_email(_text(value, limit=254))
    EmailValidator(_("Enter an e-mail address, like pat@example.com."))(address)
    return address


def clean_phone(value: Any, _today: date) -> str:
    """Return a valid number in E.164; one without a country is read as a US number."""
    return validators.clean_phone(_text(value, limit=30))


def clean_birthday(value: Any, today: date) -> str:
    """Return a day as YYYY-MM-DD."""
    text = value.isoformat() if type(value) is date else _text(value, limit=10)
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or day.isoformat() != text:
        raise ValidationError(_("Enter a day, like 1985-06-15."))
    return validators.clean_birth_date(day, today=today).isoformat()


def clean_last4(value: Any, _today: date) -> str:
    """Return the last four digits of an SSN; SSA gives out no serial 0000."""
    text = _text(value, limit=4)
    if not DIGITS4.fullmatch(text) or text == "0000":
        raise ValidationError(_("Enter the last four digits."))
    return text


def clean_money(value: Any, _today: date) -> str:
    """Return an amount of dollars with two decimals, as text."""
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise ValidationError(_("Enter an amount, like 1200.50."))
    amount = read_dollars(value, rough=True) if isinstance(value, str) else Decimal(str(value))
    if amount is None or not amount.is_finite() or not 0 <= amount < MOST_MONEY:
        raise ValidationError(_("Enter an amount, like 1200.50."))
    return str(abs(amount).quantize(CENT))


def clean_line(value: Any, _today: date) -> str:
    return _text(value, limit=100)


def clean_employment(value: Any, _today: date) -> str:
    text = _text(value, limit=40).upper().replace("-", "_").replace(" ", "_")
    if text not in EmploymentStatus.values:
        choices = ", ".join(EmploymentStatus.values).lower()
        raise ValidationError(_("Choose one of: %s.") % choices)
    return text


def clean_region(value: Any) -> str:
    """Return a state's two letters, also from its name."""
    code = read_state(_text(value, limit=40))
    if not code:
        raise ValidationError(_("Enter a state of the US, like CO."))
    return code


def clean_address(value: Any, today: date) -> dict[str, str]:
    """Return a whole US address: street1, street2, city, region, postal_code, country, kind."""
    if not isinstance(value, dict):
        raise ValidationError(_("An address is an object."))
    country = COUNTRIES.get(str(value.get("country") or "US").strip().upper())
    if country is None:
        raise ValidationError(_("Only addresses in the US can be used."))
    kind = value.get("kind") or "home"
    if kind not in KINDS:
        raise ValidationError(_("An address is one of: %s.") % ", ".join(KINDS))
    street2 = value.get("street2")
    return {
        "street1": validators.clean_street(clean_line(value.get("street1"), today)),
        "street2": validators.clean_street(clean_line(street2, today)) if street2 else "",
        "city": validators.clean_city(_text(value.get("city"), limit=60)),
        "region": clean_region(value.get("region")),
        "postal_code": validators.clean_zip(_text(value.get("postal_code"), limit=15)),
        "country": country,
        "kind": kind,
    }


def clean_addresses(value: Any, today: date) -> list[dict[str, str]]:
    """Return the whole list, the one they live at first."""
    if not isinstance(value, list) or not 0 < len(value) <= MOST_ADDRESSES:
        raise ValidationError(_("Send a list of one to %d addresses.") % MOST_ADDRESSES)
    return [clean_address(one, today) for one in value]


SCHEMA: dict[str, Clean] = {
    "personal_info.first_name": clean_name,
    "personal_info.middle_name": clean_name,
    "personal_info.last_name": clean_name,
    "personal_info.email": clean_email,
    "personal_info.phone_number": clean_phone,
    "personal_info.date_of_birth": clean_birthday,
    "personal_info.ssn_last4": clean_last4,
    "addresses": clean_addresses,
    "employment.employer_name": clean_line,
    "employment.income": clean_money,
    "employment.employment_type": clean_employment,
    "financial_info.total_assets": clean_money,
    "financial_info.total_liabilities": clean_money,
}
# Read from the linked banks each time (`engine.accounts`), so that nothing outlives a bank.
ACCOUNT_LISTS = ("financial_info.bank_accounts", "financial_info.credit_accounts")
PATHS = (*SCHEMA, *ACCOUNT_LISTS)


def clean(path: str, value: Any, *, today: date) -> Any:
    """Return the tidy value of a field.

    :raises ValidationError: no such field, or no such value
    """
    check = SCHEMA.get(path)
    if check is None:
        raise ValidationError(_("There is no such field to fill in."))
    return check(value, today)
