"""Letters of the Latin script as the plain ones from A to Z, by Unicode's own data.

What accents and ligatures decompose to is Unicode's to know; the letters that decompose to nothing
are named after the one they are drawn from (“LATIN SMALL LETTER D WITH STROKE”) or stand in SPELT.
Other scripts are not romanized: how somebody's name is written in Latin letters is theirs to say.
"""

import re
import unicodedata

# Unicode Standard, chapter 7.1: Latin letters of their own, as passports write them (ICAO 9303,
# part 3, section 6).
SPELT = {
    "ß": "ss", "æ": "ae", "ǣ": "ae", "ǽ": "ae", "œ": "oe", "þ": "th", "ð": "d", "ŋ": "n",
    "ı": "i", "ȷ": "j", "ə": "e", "ǝ": "e", "ɛ": "e", "ɔ": "o", "ʒ": "z", "ƿ": "w", "ȝ": "g",
    "ĸ": "k", "ɣ": "g", "ɩ": "i", "ʊ": "u", "ƣ": "q", "ƨ": "s", "ɐ": "a", "ɑ": "a", "ʌ": "v",
}  # fmt: skip
NAMED = re.compile(r"LATIN (?:SMALL|CAPITAL|LETTER SMALL CAPITAL) (?:LETTER )?([A-Z])(?: WITH .+)?")
APOSTROPHES = frozenset("'’‘‚‛`´ʹʻʼʽʾʿˈˊˋ′‵＇｀ꞌߴߵ՚׳")
DASHES = frozenset("-‐‑‒–—―−⁃﹘﹣－")
DOTS = frozenset(".․。．")


class NotLatin(ValueError):
    """A text has letters of another script; `letters` are they, each once."""

    def __init__(self, letters: str) -> None:
        super().__init__("letters of another script")
        self.letters = letters


def to_plain(text: str) -> str:
    """Return a text with its letters and digits as A-Z, a-z, 0-9, and apostrophes, dashes, dots and
    spaces of every kind as the plain ones; other signs stay.

    :raises NotLatin: letters or numerals that no Latin letter or digit stands for
    """
    marked = _without_signs(text)
    decomposed = unicodedata.normalize("NFKD", marked)
    plain, strange = [], []
    for n, sign in enumerate(decomposed):
        spelt = _spell(sign, next_one=decomposed[n + 1 : n + 2])
        if spelt is None:
            strange.append(sign)
        else:
            plain.append(spelt)
    if strange:
        raise NotLatin("".join(dict.fromkeys(unicodedata.normalize("NFC", "".join(strange)))))
    return "".join(plain)


def _without_signs(text: str) -> str:
    """Make apostrophes, dashes and dots plain; some of them decompose to a space and a mark."""
    table = {ord(sign): "'" for sign in APOSTROPHES}
    table |= {ord(sign): "-" for sign in DASHES}
    table |= {ord(sign): "." for sign in DOTS}
    return text.translate(table)


def _spell(sign: str, *, next_one: str) -> str | None:
    """Return what one decomposed character is in plain ones; None where it is none of ours."""
    if sign.isascii():
        return sign if sign.isprintable() else " "
    kind = unicodedata.category(sign)
    if kind[0] == "M" or kind in {"Cf", "Sk"}:
        return ""  # an accent that stood on the letter before, or nothing one sees
    if kind[0] == "Z" or kind == "Cc":
        return " "
    if kind == "Nd":
        return str(unicodedata.decimal(sign))
    if kind[0] == "L":
        return _spell_letter(sign, next_one)
    return None if kind[0] in "NC" else sign


def _spell_letter(letter: str, next_one: str) -> str | None:
    small = letter.lower()
    spelt = SPELT.get(small)
    if spelt is None:
        named = NAMED.fullmatch(unicodedata.name(letter, ""))
        spelt = named[1].lower() if named else None
    if spelt is None or small == letter:
        return spelt
    return spelt.upper() if next_one.isupper() else spelt.capitalize()
