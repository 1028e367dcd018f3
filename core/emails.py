"""E-mail addresses as they are typed and pasted."""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

BETWEEN = re.compile(r"<([^<>]+)>")
ENDS = " .,;:'\"<>()"


def tidy_email(text: str) -> str:
    """Return an address without what stands around or inside by mistake; its domain in small.

    Spaces, invisible characters, `mailto:`, a name before `<…>` and a full stop at the end go. What
    follows a + is part of the address and stays.

    :raises ValidationError: letters that only look like those of the address (Cyrillic а)
    """
    seen = "".join(one for one in text if unicodedata.category(one) not in {"Cf", "Cc", "Cs"})
    plain = unicodedata.normalize("NFKC", seen).strip()
    if found := BETWEEN.search(plain):
        plain = found[1]
    plain = "".join(plain.removeprefix("mailto:").split()).strip(ENDS)
    if not plain.isascii():
        strange = next(letter for letter in plain if not letter.isascii())
        raise ValidationError(
            _("“%s” is not a letter of an e-mail address here. Please type the address anew.")
            % strange,
            code="look_alike",
        )
    name, at, domain = plain.rpartition("@")
    return f"{name}{at}{domain.lower()}" if at else plain
