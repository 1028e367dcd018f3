"""Dollars as people write them: on every page, and where a program sends text."""

import re
import unicodedata
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

AMOUNT = re.compile(
    r"([0-9]{1,18}|[0-9]{1,3}(?:,[0-9]{3}){1,5}|[0-9]{1,3}(?: [0-9]{3}){1,5})(?:\.([0-9]{0,2}))?"
)
THOUSANDS = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,3})?) ?k")
UNCLEAR = re.compile(r"([0-9]{1,3})((?:\.[0-9]{3})+)")  # 90.000: thousands in much of the world
CENTS_BY_COMMA = re.compile(r"([0-9]{1,18}|[0-9]{1,3}(?:[.' ][0-9]{3})+),([0-9]{1,2})")
AROUND = re.compile(r"^(?:us ?\$|usd|\$)\s*|\s*(?:usd|us dollars|dollars|bucks|\$)$")


def read_dollars(text: str, *, rough: bool = False) -> Decimal | None:
    """Read `1250`, `$1,250.50`, `1 250`, `USD 25`; nothing that only programs write (1e3, NaN).

    :param rough: a figure that may be rounded: `90k` is 90,000 too
    :returns: None where it is no amount
    :raises ValidationError: `dollars_unclear`: it can be read in two ways, both of which are named
    """
    plain = unicodedata.normalize("NFKC", text).casefold()
    plain = AROUND.sub("", " ".join(plain.split()))
    if found := AMOUNT.fullmatch(plain):
        return Decimal(re.sub(r"[, ]", "", found[1]) + (f".{found[2]}" if found[2] else ""))
    if rough and (found := THOUSANDS.fullmatch(plain)):
        return Decimal(found[1]) * 1000
    if found := UNCLEAR.fullmatch(plain):
        groups = found[2].replace(".", ",")
        raise ValidationError(
            _("Do you mean %(thousands)s or %(dollars)s dollars? Please write it so.")
            % {"thousands": found[1] + groups, "dollars": f"{found[1]}.{found[2][1:3]}"},
            code="dollars_unclear",
        )
    if found := CENTS_BY_COMMA.fullmatch(plain):
        raise ValidationError(
            _("Do you mean %(cents)s? Write cents after a point.")
            % {"cents": f"{_grouped(found[1])}.{found[2].ljust(2, '0')}"},
            code="dollars_unclear",
        )
    return None


def _grouped(number: str) -> str:
    """Return whole dollars with commas between the thousands, where they were parted."""
    return re.sub(r"[.' ]", ",", number)
