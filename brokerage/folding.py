"""How names of companies are written so that what people type finds them.

A name and what is typed are folded alike: no capitals, no accents, no punctuation, no “and” or
“the”. A word with punctuation inside is known whole and by its parts: “Coca-Cola” as cocacola, coca
and cola, “AT&T” as att, at and t, “BRK.B” as brkb, brk and b.
"""

import re
import unicodedata
from dataclasses import dataclass

WORD = re.compile(r"[^\W_]+")
OUTSIDE = re.compile(r"^[\W_]+|[\W_]+$")
APOSTROPHES = re.compile(r"['’‘ʼ`´]")
IDLE = {"and", "the"}
SPELLED_FROM = 5  # letters; a shorter word with a letter changed is another word
LONGEST_WORD = 20  # letters looked at when a word may be misspelled


@dataclass(frozen=True)
class Typed:
    """What was typed, folded: its words in order, and all of it without spaces."""

    words: tuple[str, ...]
    whole: str


@dataclass(frozen=True)
class Terms:
    """What a company is found by.

    :ivar words: every word of symbol and name, whole and in parts, parted by spaces
    :ivar whole: its name without spaces, as people write it in one word
    :ivar spellings: each longer word, also with any one letter left out
    """

    words: str
    whole: str
    spellings: list[str]


def read_typed(text: str) -> Typed:
    """Fold what somebody typed."""
    words = tuple(part for token in _split(text) for part in _part(token))
    return Typed(words, "".join(words))


def make_terms(symbol: str, name: str) -> Terms:
    """Return what a company of this symbol and name is found by."""
    parts = [(_join(token), _part(token)) for token in _split(f"{symbol} {name}")]
    words = dict.fromkeys(word for whole, some in parts for word in [whole, *some])
    spelled = dict.fromkeys(spelling for word in words for spelling in list_spellings(word))
    return Terms(" ".join(words), read_typed(name).whole, list(spelled))


def list_spellings(word: str) -> list[str]:
    """Return a word and what is left of it without any one letter.

    Two words that share one of these differ by one letter too many, too few or wrong, or by two
    that changed places.
    """
    if len(word) < SPELLED_FROM or word.isdigit():
        return []
    word = word[:LONGEST_WORD]
    return [word, *(word[:n] + word[n + 1 :] for n in range(len(word)))]


def is_near(typed: str, word: str) -> bool:
    """Say whether two words differ by one slip: a letter more, less or other, or two swapped."""
    if abs(len(typed) - len(word)) > 1:
        return False
    start = 0
    while start < min(len(typed), len(word)) and typed[start] == word[start]:
        start += 1
    end_typed, end_word = typed[start:], word[start:]
    swapped = end_typed[1::-1] + end_typed[2:]
    return end_word in (end_typed, swapped) or (
        end_typed[1:] == end_word[1:] or end_typed[1:] == end_word or end_typed == end_word[1:]
    )


def _split(text: str) -> list[str]:
    """Return the folded words of a text, punctuation still inside them."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    tokens = [OUTSIDE.sub("", token) for token in APOSTROPHES.sub("", plain).split()]
    return [token for token in tokens if token and token not in IDLE]


def _part(token: str) -> list[str]:
    return [word for word in WORD.findall(token) if word not in IDLE]


def _join(token: str) -> str:
    return "".join(WORD.findall(token))
