"""Letters that no person types and no database keeps: NUL, and halves of a pair (surrogates).

JSON can say both (`"\\u0000"`, `"\\ud800"`); a form and an address only NUL, as long as they are
read as UTF-8. Line ends come as browsers send them, CR LF (HTML, "constructing the entry list"),
and are kept and counted as one letter.
"""

import re
from collections.abc import Iterator
from typing import Any

UNUSABLE = re.compile("[\0\ud800-\udfff]")
LINE_END = re.compile("\r\n?")
SENTENCE = "This holds a character that can not be used. Type it anew."


def is_usable(text: str) -> bool:
    """Say whether a database keeps it and an answer can repeat it."""
    return UNUSABLE.search(text) is None


def with_plain_line_ends(value: Any) -> Any:
    """Return what was read from JSON, or one text, with LF for every line end in it."""
    if isinstance(value, str):
        return LINE_END.sub("\n", value) if "\r" in value else value
    if isinstance(value, list):
        return [with_plain_line_ends(item) for item in value]
    if isinstance(value, dict):
        return {name: with_plain_line_ends(item) for name, item in value.items()}
    return value


def find_unusable(value: Any) -> dict[str, str]:
    """Return a sentence for each place in a JSON value that holds such a letter.

    Places read `address.line1` or `amounts.0`; a name that is unusable itself is said of `body`.
    """
    return dict.fromkeys(_places(value, ""), SENTENCE)


def _places(value: Any, place: str) -> Iterator[str]:
    if isinstance(value, str) and not is_usable(value):
        yield place or "body"
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _places(item, f"{place}.{number}".lstrip("."))
    elif isinstance(value, dict):
        for name, item in value.items():
            if is_usable(name):
                yield from _places(item, f"{place}.{name}".lstrip("."))
            else:
                yield place or "body"
