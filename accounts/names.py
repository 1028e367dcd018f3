"""People's names as banks and bureaus write them, taken apart: one parser, its words in one place.

Read is what the text says on its plainest reading. `nameparser` (LGPL) was tried and reads one
person at a time: TTEE becomes a family name, UTMA a middle one, two owners a single one.
"""

import re
import unicodedata
from dataclasses import dataclass

from core.latin import NotLatin, to_plain

NO_SPACE = re.compile(r"[.'’‘ʼ`´]")
LETTERS = re.compile(r"[^\W\d_]+")
BETWEEN_PEOPLE = re.compile(r"(?i)\s*(?:[&+;/]|\band\b|\bor\b)\s*")
ORDINALS = {"2nd": "ii", "3rd": "iii", "4th": "iv", "5th": "v"}
TITLES = {
    "mr", "mrs", "ms", "miss", "mx", "dr", "drs", "prof", "rev", "hon", "sir", "fr", "capt", "col",
    "lt", "sgt", "maj",
}  # fmt: skip
# Which of one family's people of one name it is, and how it is written out.
GENERATIONS = {"jr": "Jr.", "sr": "Sr.", "ii": "II", "iii": "III", "iv": "IV", "v": "V"}
CREDENTIALS = {
    "md", "phd", "esq", "esquire", "dds", "dmd", "dvm", "cpa", "cfa", "cfp", "jd", "llm", "mba",
    "rn", "edd", "psyd", "pharmd",
}  # fmt: skip
TENANCIES = {"jtwros", "wros", "jt", "jtten", "ten", "tenants", "joint"}  # of two owners: JT TEN
# Companies, and whoever holds for another: no person's own account, whatever name is in it.
NO_PERSON = {
    "llc", "llp", "lp", "pllc", "plc", "inc", "incorporated", "corp", "corporation", "company",
    "co", "ltd", "dba", "pc", "services", "enterprise", "enterprises", "holdings", "group",
    "partners", "partnership", "associates", "consulting", "solutions", "properties", "management",
    "foundation", "church", "ministries", "association", "club", "society", "university", "fund",
    "memorial", "trust", "trusts", "trst", "living", "revocable", "irrevocable", "family",
    "trustee", "trustees", "ttee", "ttees", "estate", "estates", "executor", "executrix",
    "administrator", "conservator", "custodian", "custodians", "cust", "custodial", "utma", "ugma",
    "minor", "guardian", "fbo", "itf", "pod", "tod", "poa", "aif", "attorney", "agent", "payee",
    "representative", "beneficiary", "benefit", "ira", "roth", "sep", "for", "of", "account",
    "acct",
}  # fmt: skip
GIVEN_TOO = {"tod", "ira", "pod"}  # at the beginning these are names: Tod, Ira
PARTICLES = {
    "van", "von", "vander", "de", "del", "dela", "della", "di", "da", "das", "do", "dos", "du",
    "la", "las", "le", "los", "der", "den", "ter", "ten", "bin", "ibn", "al", "el", "o", "mc",
    "mac", "st", "san", "santa",
}  # fmt: skip


@dataclass(frozen=True)
class Word:
    """One word: as written, and without case, accents, hyphens and punctuation."""

    written: str
    plain: str


UNREADABLE = Word("", "")  # as a family name: nobody's


@dataclass(frozen=True)
class Person:
    """One person of a line, without title, credentials and generation.

    `family` is told apart only where the line itself does: DOE, JOHN or DOE JR JOHN. Elsewhere all
    is in `words`, at least one, in the order written.
    """

    words: tuple[Word, ...]
    family: tuple[Word, ...] = ()
    generation: str = ""  # plain: jr, iii

    @property
    def plain(self) -> list[str]:
        return [word.plain for word in self.words]

    @property
    def plain_family(self) -> list[str]:
        return [word.plain for word in self.family]

    @property
    def no_person(self) -> list[str]:
        """What says that this is a company, or somebody who holds for another."""
        told = [*self.plain_family, *self.plain]
        return [word for word in told if word in NO_PERSON]


def fold(text: str) -> list[str]:
    """Return the words of a name without case, accents and punctuation; a hyphen parts words."""
    try:
        plain = to_plain(text.casefold())
    except NotLatin:  # in another script it is compared with its like
        parts = unicodedata.normalize("NFKD", text.casefold())
        plain = "".join(c for c in parts if not unicodedata.combining(c))
    return LETTERS.findall(NO_SPACE.sub("", plain.casefold()))


def read_people(text: str) -> list[Person]:
    """Return whom a line names: “JOHN & MARY DOE” are two, the first without a family name."""
    parts = BETWEEN_PEOPLE.split(unicodedata.normalize("NFKC", text))
    return [person for part in parts if (person := _read_person(part))]


def read_generation(words: list[str]) -> tuple[list[str], str]:
    """Return plain words without the generation behind a name that is whole without it, and it."""
    kept, told = list(words), ""
    while len(kept) > 1 and (kept[-1] in GENERATIONS or kept[-1] in CREDENTIALS):
        last = kept.pop()
        told = last if last in GENERATIONS else told
    return kept, told


def split_name(text: object) -> tuple[str, str, str] | None:
    """Return first, middle and last name of “Ada B Byron” or “BYRON, ADA B”, spelled as written.

    None for two people, for nobody, and where one can not tell which is which: BYRON ADA B.
    """
    people = read_people(text) if isinstance(text, str) else []
    if len(people) != 1 or (isinstance(text, str) and BETWEEN_PEOPLE.search(text.strip())):
        return None
    (person,) = people
    words, family = list(person.words), list(person.family)
    if words[0].plain in TITLES or person.generation == "v" or _says_no_person(person):
        return None  # a V at the end may be an initial
    if not family:
        begin = len(words) - 1
        while begin > 1 and words[begin - 1].plain in PARTICLES:
            begin -= 1
        words, family = words[:begin], words[begin:]
    elif words[-1].plain == family[-1].plain:
        return None  # JOHN DOE, MARY DOE
    if not words or len(family[-1].plain) < 2:
        return None  # KNOPE LESLIE B
    last = " ".join(word.written for word in family)
    if person.generation:
        last = f"{last} {GENERATIONS[person.generation]}"
    return words[0].written, " ".join(word.written for word in words[1:]), last


def _says_no_person(person: Person) -> bool:
    told = person.no_person
    leads = person.words[0].plain
    if leads in GIVEN_TOO and leads in told:
        told.remove(leads)
    return bool(told)


def _read_words(text: str) -> list[Word]:
    """Return the words of a text; one with a hyphen is one, what has no letter is none."""
    words = []
    for written in text.split():
        bare = written.strip('.,()"“”').casefold()
        plain = ORDINALS.get(bare) or "".join(fold(written))
        if plain:
            words.append(Word(written.strip(',()"“”'), plain))
    return words


def _read_person(text: str) -> Person | None:
    """Return the person of a text without “and”; None where there is none in it."""
    segments = [words for part in text.split(",") if (words := _read_words(part))]
    generation = ""
    while len(segments) > 1 and all(_follows_a_name(word) for word in segments[-1]):
        generation = next((w.plain for w in segments.pop() if w.plain in GENERATIONS), generation)
    if len(segments) > 2:
        return Person(tuple(word for words in segments for word in words), (UNREADABLE,))
    if not segments:
        return None
    words, behind = _strip_end(_strip_titles(segments[-1]))
    family: list[Word] = []
    if len(segments) == 2:
        family, before = _strip_end(segments[0])
        generation = generation or before
    else:
        family, words, inside = _split_at_generation(words)
        generation = generation or inside
    if all(word.plain in TITLES for word in words):
        return None
    return Person(tuple(words), tuple(family), generation or behind)


def _follows_a_name(word: Word) -> bool:
    return word.plain in CREDENTIALS or word.plain in GENERATIONS or word.plain in TITLES


def _strip_titles(words: list[Word]) -> list[Word]:
    """Drop titles before a name of at least two words."""
    kept = list(words)
    while len(kept) > 2 and kept[0].plain in TITLES:
        kept.pop(0)
    return kept


def _strip_end(words: list[Word]) -> tuple[list[Word], str]:
    """Drop what follows a name that is whole without it; return also its generation."""
    kept, generation = list(words), ""
    while len(kept) > 2 and kept[-1].plain in TENANCIES:
        kept.pop()
    while len(kept) > 1 and (kept[-1].plain in CREDENTIALS or kept[-1].plain in GENERATIONS):
        last = kept.pop().plain
        generation = last if last in GENERATIONS else generation
    return kept, generation


def _split_at_generation(words: list[Word]) -> tuple[list[Word], list[Word], str]:
    """Take DOE JR JOHN for what it says, as if it were DOE JR, JOHN; a lone V is an initial."""
    for place, word in enumerate(words[1:-1], start=1):
        if word.plain in GENERATIONS and len(word.plain) > 1:
            return words[:place], words[place + 1 :], word.plain
    return [], words, ""
