"""People's names and addresses in the letters DriveWealth takes.

developer.drivewealth.com, User Onboarding Data Requirements: a name has A-Z, a-z, hyphen and space
and begins with a letter (users, beneficiaries, trusted contacts); a street letters, digits, hyphen,
period, comma and space; a city letters, hyphen and space; a US postal code five digits. Its
identity check takes a first or last name of 36 letters at most (K110).

Satisfies `accounts.spelling.Alphabet`. People keep their names as they write them; what is made
here goes to the broker and is what its answers are compared with.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import partial

from accounts.spelling import Unspellable
from core.latin import NotLatin, to_plain

LONGEST_NAME = 36
LONGEST_LINE = 100
NAME = re.compile(r"[A-Za-z][A-Za-z -]*")
STREET = re.compile(r"(?=.*[A-Za-z0-9])[A-Za-z0-9.,\- ]+")
CITY = re.compile(r"[A-Za-z][A-Za-z -]*")
ZIP = re.compile(r"([0-9]{5})(?:[- ]?[0-9]{4})?")
# What USPS Publication 28 (213) calls a secondary unit: behind it, “#” adds nothing.
UNIT = re.compile(
    r"(?i)\b(apt|apartment|unit|suite|ste|room|rm|floor|fl|building|bldg|lot|space|spc|no)\.?"
    r"\s*#\s*"
)
NUMBER_SIGN = re.compile(r"\s*#\s*")
INSIDE = re.compile("['·‧]")  # within a name: O'Brien, the Catalan Gal·la
SPACES = re.compile(r"\s+")


def spell_name(text: str) -> str:
    """Return a first or last name: O'Brien → OBrien, José → Jose, J.R. → J R.

    :raises Unspellable: letters of another script, digits, nothing left, or too long
    """
    plain = INSIDE.sub("", _plain(text))
    if digits := re.findall(r"[0-9]", plain):
        raise Unspellable("letters", "".join(dict.fromkeys(digits)))
    return _checked(re.sub(r"[^A-Za-z -]", " ", plain), NAME, LONGEST_NAME)


def spell_street(text: str) -> str:
    """Return a line of an address: 12½ Elm St. #4B → 12 1-2 Elm St. Unit 4B; empty stays empty.

    :raises Unspellable: letters of another script, nothing left, or too long
    """
    if not text.strip():
        return ""
    plain = _plain(_apart(text)).replace("'", "")
    plain = UNIT.sub(lambda found: f"{found[1]} ", plain)
    plain = NUMBER_SIGN.sub(" Unit ", plain)
    plain = plain.replace("&", " and ").replace("/", "-").replace("\u2044", "-").replace(";", ",")
    return _checked(re.sub(r"[^A-Za-z0-9.,\- ]", " ", plain), STREET, LONGEST_LINE)


def spell_city(text: str) -> str:
    """Return a city: St. Louis → St Louis, Coeur d'Alene → Coeur dAlene.

    :raises Unspellable: letters of another script, digits, nothing left, or too long
    """
    plain = _plain(text).replace("'", "")
    if digits := re.findall(r"[0-9]", plain):
        raise Unspellable("letters", "".join(dict.fromkeys(digits)))
    plain = plain.replace("&", " and ")
    return _checked(re.sub(r"[^A-Za-z -]", " ", plain), CITY, LONGEST_LINE)


def spell_zip(text: str) -> str:
    """Return the five digits of a ZIP or ZIP+4 code.

    :raises Unspellable: it is neither
    """
    found = ZIP.fullmatch(_plain(text).strip())
    if found is None:
        raise Unspellable("shape")
    return found[1]


def is_same_name(written: str, told: str) -> bool:
    """Say whether a name in an answer of DriveWealth is the one we sent; case does not count."""
    try:
        return _letters(spell_name(written)) == _letters(spell_name(told))
    except Unspellable:
        return False


def _letters(name: str) -> str:
    return re.sub(r"[^a-z]", "", name.lower())


def _plain(text: str) -> str:
    try:
        return to_plain(text)
    except NotLatin as error:
        raise Unspellable("letters", error.letters) from error


def _apart(text: str) -> str:
    """Part “½” from the number before it, which it would become one with."""
    is_part: Callable[[str], bool] = partial(str.__contains__, "½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅐⅛⅜⅝⅞⅑⅒")
    return "".join(f" {sign}" if is_part(sign) else sign for sign in text)


def _checked(text: str, shape: re.Pattern[str], longest: int) -> str:
    """Return a text, its spaces tidy, that is sure to have the shape.

    :raises Unspellable: it has not
    """
    tidy = SPACES.sub(" ", text).strip(" -,")
    tidy = unicodedata.normalize("NFC", re.sub(r" ?, ?", ", ", tidy).strip())
    if not shape.fullmatch(tidy):
        raise Unspellable("empty")
    if len(tidy) > longest:
        raise Unspellable("long")
    return tidy
