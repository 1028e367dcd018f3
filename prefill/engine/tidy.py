"""Names and streets as a person writes them, from the capitals of bureaus and banks."""

import re

from accounts.names import GENERATIONS

# Written in capitals on envelopes (Publication 28 of the Postal Service): directions, and what
# stands for a kind of road, route or box.
CAPITALS = {
    "N", "S", "E", "W", "NE", "NW", "SE", "SW", "US", "SR", "CR", "FM", "RM", "TR", "RR", "HC",
    "PO",
    "PMB", "PSC", "CMR", "APO", "FPO", "DPO", "II", "III", "IV", "JFK", "MLK",
}  # fmt: skip


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
    return "".join(
        part.lower() if n > 1 and len(part) == 1 else _capital(part) for n, part in enumerate(parts)
    )


def _capital(part: str) -> str:
    if len(part) > 3 and part[:2].casefold() == "mc":
        return "Mc" + part[2:].capitalize()
    return part.capitalize()


def _tidy_part(word: str) -> str:
    if word.replace(".", "").strip(",") in CAPITALS:
        return word
    if _ORDINAL.fullmatch(word):
        return word.lower()
    if any(map(str.isdigit, word)):
        return word
    bare = word.rstrip(".,").casefold()
    return word.capitalize() if bare in GENERATIONS else _tidy_word(word)


_ORDINAL = re.compile(r"[0-9]+(?:ST|ND|RD|TH)[.,]?")
