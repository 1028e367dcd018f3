"""Names and streets as a person writes them, from the capitals of bureaus and banks."""

import re

SUFFIXES = {"jr": "Jr.", "sr": "Sr.", "ii": "II", "iii": "III", "iv": "IV"}
DIRECTIONS = {"N", "S", "E", "W", "NE", "NW", "SE", "SW"}
# An account of more than one person, or of none, is nobody's name.
NO_PERSON = re.compile(r"(?i)[&/+]|\b(?:and|or|llc|inc|corp|ltd|trust|estate|company|co|dba)\b")
PARTICLES = {"van", "von", "de", "del", "della", "di", "da", "dos", "la", "le", "der", "den", "bin"}


def tidy_name(text: object) -> object:
    """Return a name in ordinary letters where it is all in capitals, or all small."""
    if not isinstance(text, str) or not (text.isupper() or text.islower()):
        return text
    return " ".join(_tidy_word(word) for word in text.split())


def split_name(text: object) -> tuple[str, str, str] | None:
    """Return first, middle and last name of “Ada B Byron” or “BYRON, ADA B”; None for no person."""
    if not isinstance(text, str) or NO_PERSON.search(text):
        return None
    last, comma, rest = text.partition(",")
    if comma and rest.strip().rstrip(".").casefold() not in SUFFIXES:
        text = f"{rest} {last}"
        words, tail = rest.split(), last.split()
        return (words[0], " ".join(words[1:]), " ".join(tail)) if words and tail else None
    words = text.replace(",", " ").split()
    end = len(words)
    if end and words[-1].rstrip(".").casefold() in SUFFIXES:
        end -= 1
    begin = end - 1
    while begin > 1 and words[begin - 1].casefold() in PARTICLES:
        begin -= 1
    if begin < 1:
        return None
    return words[0], " ".join(words[1:begin]), " ".join(words[begin:])


def tidy_street(text: object) -> object:
    """Return a street or city in ordinary letters where it is all in capitals."""
    if not isinstance(text, str) or not text.isupper():
        return text
    return " ".join(_tidy_part(word) for word in text.split())


def _tidy_word(word: str) -> str:
    bare = word.rstrip(".").casefold()
    if bare in SUFFIXES:
        return SUFFIXES[bare]
    parts = re.split(r"([-'’])", word)
    return "".join(_capital(part) for part in parts)


def _capital(part: str) -> str:
    if len(part) > 3 and part[:2].casefold() == "mc":
        return "Mc" + part[2:].capitalize()
    return part.capitalize()


def _tidy_part(word: str) -> str:
    if word in DIRECTIONS or (any(map(str.isdigit, word)) and not word.endswith(_ORDINALS)):
        return word
    return _tidy_word(word) if word[:1].isalpha() else word.lower()


_ORDINALS = ("ST", "ND", "RD", "TH")
