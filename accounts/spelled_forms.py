"""A form whose names and addresses the broker may write otherwise: shown once, then sent.

The page comes back once with what was typed and how the broker will write it; sending it so needs
one press more. A Social Security number typed meanwhile goes with the page sealed, so that nobody
types it twice.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from accounts.spelling import list_respellings, version_of
from core import clock
from core.encryption import UnknownKey, decrypt, encrypt

SEEN, SEALED = "spelling_seen", "ssn_sealed"
SEALED_FOR = timedelta(minutes=30)


@dataclass(frozen=True)
class SpellingRow:
    """One answer beside how the broker will write it."""

    label: str
    written: str
    sent: str


@dataclass(frozen=True)
class Look:
    """What a person is shown before it is sent; `version` and `sealed` go with the form."""

    rows: Sequence[SpellingRow]
    version: str
    sealed: str = ""


class SpelledForm(forms.Form):
    """A form of which some answers go to the broker in its own letters."""

    sealed_for = ""  # whose number may be carried over: the pages set it

    def take_sealed(self, owner: Any) -> None:
        """Use a number that this person has typed a moment ago and that came back sealed.

        :param owner: the key of the person who is signed in; a seal of another opens nothing
        """
        self.sealed_for = str(owner)
        if not self.is_bound or "ssn" not in self.fields or self.data.get("ssn"):
            return
        ssn = _unseal(str(self.data.get(SEALED) or ""), self.sealed_for, clock.now())
        if ssn:
            typed: Any = self.data
            whole = typed.copy()
            whole["ssn"] = ssn
            self.data = whole

    def look(self) -> Look | None:
        """Return what to show before sending; None where nothing differs or it was shown.

        Asked of a valid form alone.
        """
        found = list_respellings(self.cleaned_data)
        version = version_of(found)
        if not found or self.data.get(SEEN) == version:
            return None
        rows = [SpellingRow(self._label(one.field), one.written, one.sent) for one in found]
        return Look(rows, version, self._seal())

    def _label(self, field: str) -> str:
        return str(self.fields[field].label)

    def _seal(self) -> str:
        ssn = self.cleaned_data.get("ssn") or ""
        if not ssn or not self.sealed_for:
            return ""
        self.fields["ssn"].required = False
        self.fields["ssn"].help_text = (
            _("We have the number you typed, ending in %s; leave this empty.") % ssn[-4:]
        )
        return _seal(ssn, self.sealed_for, clock.now())


def _context(owner: str) -> str:
    return f"accounts.form.ssn:{owner}"


def _seal(ssn: str, owner: str, at: datetime) -> str:
    text = json.dumps([ssn, at.timestamp()])
    return urlsafe_b64encode(encrypt(text, context=_context(owner))).decode()


def _unseal(sealed: str, owner: str, at: datetime) -> str:
    """Return the number in a seal of this person's; empty where it is none, or too old."""
    if not sealed:
        return ""
    try:
        ssn, sealed_at = json.loads(decrypt(urlsafe_b64decode(sealed), context=_context(owner)))
    except (UnknownKey, ValueError):
        return ""
    age = at.timestamp() - sealed_at
    return str(ssn) if 0 <= age <= SEALED_FOR.total_seconds() else ""
