"""What keyboards, phones and pasted text put between the letters, taken out again."""

import unicodedata

# Written like the plain ones; many keyboards make them by themselves.
APOSTROPHES = dict.fromkeys(map(ord, "‘`´′＇"), "’")
DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−﹣－"), "-")


# Letters and digits as wide as Chinese ones (U+FF01 to U+FF5E), as some keyboards write them.
WIDE = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)}


def tidy_text(value: str) -> str:
    """Return a line with single spaces, in letters of plain width, without invisible,
    bidirectional and control characters.
    """
    text = "".join(" " if letter.isspace() else letter for letter in value.translate(WIDE))
    seen = (letter for letter in text if unicodedata.category(letter) not in {"Cf", "Cc", "Cs"})
    return unicodedata.normalize("NFC", " ".join("".join(seen).split()))


def tidy_name(value: str) -> str:
    """Return a name with one kind of apostrophe beside the typed ', and one kind of dash."""
    name = tidy_text(value).translate(APOSTROPHES | DASHES).replace(",", " ")
    return " ".join(name.split())


def keep_digits(value: str) -> str:
    """Return a number as typed without spaces, dashes and dots of any kind; digits are 0 to 9."""
    text = unicodedata.normalize("NFKC", tidy_text(value)).translate(DASHES)
    return "".join(letter for letter in text if letter not in " -.")
