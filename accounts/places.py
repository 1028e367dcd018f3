"""Where people live: streets, ZIP codes and states as they are typed."""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import STATES
from accounts.typed import DASHES, keep_digits, tidy_text

# A number of a box, with what stands before it: "12", "#12", "No. 12A".
_NUMBER = r"(?:no\.?|num\.?|number|#)?\s*#?\s*\d+[a-z]?\b"
_GAP = r"[\s.,/-]*"
# Every writing of a box at a post office, folded: no accents, no capitals, dashes plain.
BOXES = [
    rf"\bp{_GAP}[o0]{_GAP}(?:box|bx|b)\b",
    rf"\bp{_GAP}[o0]{_GAP}(?:box|bx|b)\s*#?\d",
    rf"\bp{_GAP}[o0]{_GAP}(?:drawer|lock\s?box|bin|caller)\b",
    rf"^p{_GAP}[o0]{_GAP}{_NUMBER}$",
    r"\bpost(?:al)?[\s.-]*(?:off(?:ice)?\.?[\s.-]*)?b(?:o)?x\b",
    rf"^(?:the\s+)?(?:box|bx){_GAP}{_NUMBER}\s*(?:$|,)",
    # Publication 28 of the Postal Service (281): all of these are boxes.
    rf"^(?:firm\s+)?(?:caller|bin|lock\s?box|drawer)\s*{_NUMBER}\s*(?:$|,)",
    rf"\bp{_GAP}m{_GAP}b\b{_GAP}{_NUMBER}",  # a private box at a shop
    rf"\b(?:private|personal)?\s*mail\s?box{_GAP}{_NUMBER}",
    r"\bgeneral\s+delivery\b",
    r"\bcaja\s+postal\b", r"\bcasilla\s+(?:postal|de\s+correos?)\b",
    rf"^(?:apartado|apdo\.?){_GAP}{_NUMBER}",
    r"\b(?:apartado|apdo\.?)\s+(?:postal|de\s+correos?)\b",
    r"\bb[o]ite\s+postale\b", r"\bcase\s+postale\b", r"\bpostfach\b",
]  # fmt: skip
BOX = re.compile("|".join(f"(?:{one})" for one in BOXES))
# "RR 2 Box 14" and "HC 68 Box 23" say where somebody lives (FinCEN on 31 CFR 1023.220).
ROUTE = re.compile(r"^(?:r\.?r\.?|r\.?f\.?d\.?|rural\s+route|h\.?c\.?r?|highway\s+contract)\W*\d")
MILITARY = re.compile(
    r"^(?:psc|cmr|unit|omc)\s*#?\d+\s*,?\s+box\s*#?\d+|\b(?:apo|fpo|dpo)\b\W*(?:a[aep])?\b"
)
_names = {str(name).casefold(): code for code, name in STATES.items()} | {
    "d.c.": "DC", "washington dc": "DC", "washington d.c.": "DC", "washington, dc": "DC",
    "washington, d.c.": "DC",
}  # fmt: skip


def clean_street(value: str) -> str:
    """Return a line of a street address; a box at a post office is no residence.

    31 CFR 1023.220(a)(2)(i)(A)(3): a residential street address, or where there is none a military
    box or a description of the place.

    :raises ValidationError: `address_box` or `address_military`
    """
    line = tidy_text(value).translate(DASHES)
    folded = _fold(line)
    if MILITARY.search(folded):
        raise _military()
    if BOX.search(folded) and not ROUTE.search(folded):
        raise ValidationError(
            _(
                "Enter the street where you live. The law asks brokers for it, so a P.O. box or a "
                "mailbox can not be taken."
            ),
            code="address_box",
        )
    return line


def clean_city(value: str) -> str:
    """Return a city.

    :raises ValidationError: `address_military`
    """
    city = tidy_text(value)
    if _fold(city).replace(".", "").strip() in {"apo", "fpo", "dpo"}:
        raise _military()
    return city


def clean_zip(value: str) -> str:
    """Return a ZIP code, `80202` or `80202-1234`, however its parts are parted.

    :raises ValidationError: another number of digits
    """
    digits = keep_digits(value)
    if not re.fullmatch(r"[0-9]{5}(?:[0-9]{4})?", digits):
        if re.fullmatch(r"[0-9]{4}", digits):
            raise ValidationError(_("A ZIP code has five digits; the first may be 0, like 02134."))
        raise ValidationError(_("A ZIP code has five digits, like 80202."))
    return digits[:5] + (f"-{digits[5:]}" if digits[5:] else "")


def read_state(text: str) -> str:
    """Return a state's two letters from them or its name; empty for anything else."""
    tidy = tidy_text(text).translate(DASHES)
    letters = tidy.upper().replace(".", "").replace(" ", "")
    return letters if letters in STATES else _names.get(tidy.casefold(), "")


def _military() -> ValidationError:
    return ValidationError(
        _(
            "The broker needs a street in a US state. If you are stationed away, enter your home "
            "address in the US instead of the APO, FPO or DPO one."
        ),
        code="address_military",
    )


def _fold(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in plain if not unicodedata.combining(letter))
