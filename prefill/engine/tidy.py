"""Names and streets as a person writes them, from the capitals of bureaus and banks."""

import re

from accounts.names import GENERATIONS

DIRECTIONS = {"N", "S", "E", "W", "NE", "NW", "SE", "SW"}


def tidy_name(text: object) -> object:
    """Return a name in ordinary letters where it is all in capitals, or all small."""
    if not isinstance(text, str) or not (text.isupper() or text.islower()):
        return text
    return " ".join(_tidy_word(word) for word in text.split())


def tidy_street(text: object) -> object:
    """Return a street or city in ordinary letters where it is all in capitals."""
    if not isinstance(text, str) or not text.isupper():
        return text
    return " ".join(_tidy_part(word) for word in text.split())


def _tidy_word(word: str) -> str:
    bare = word.rstrip(".").casefold()
    if bare in GENERATIONS and len(bare) > 1:
        return GENERATIONS[bare]
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
