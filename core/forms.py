"""What several rooms' forms use."""

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _

from core.errors import DomainError

DOLLARS = re.compile(r"\$?\s*([0-9]{1,18}|[0-9]{1,3}(,[0-9]{3}){1,5})(\.[0-9]{1,2})?")

# For each code the first kind of field that fits, and what is said instead of Django's words.
PLAIN: dict[str, list[tuple[type[forms.Field], Any]]] = {
    "required": [
        (forms.FileField, _("Please choose a file.")),
        (forms.BooleanField, _("Please tick this box to go on.")),
        (forms.ChoiceField, _("Please choose one.")),
        (forms.Field, _("Please fill this in.")),
    ],
    "invalid_choice": [(forms.Field, _("Please choose one of these."))],
}


class DollarsField(forms.DecimalField):
    """Dollars and cents as people write them; not all that Decimal reads (1e3, 1_000, NaN)."""

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]
        text = str(value or "").strip()
        if text and not DOLLARS.fullmatch(text):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return super().to_python(text.lstrip("$").replace(",", ""))


def list_errors(field: BoundField) -> list[str]:
    """Return what is wrong with a field, to be read beside it.

    Where a form has no sentence of its own for an empty or an unknown value, Django's is replaced
    by one that says what to do. All pages show errors by this, those of signing in too.
    """
    errors = [error for whole in field.errors.as_data() for error in whole.error_list]
    return [_say(field.field, error) for error in errors]


def _say(field: forms.Field, error: ValidationError) -> str:
    if error.code in PLAIN and field.error_messages.get(error.code) == _djangos(field, error.code):
        return str(next(text for kind, text in PLAIN[error.code] if isinstance(field, kind)))
    return str(error.messages[0])


def _djangos(field: forms.Field, code: str) -> Any:
    """Return what Django says of such a field, where the form says nothing else."""
    theirs = [kind for kind in type(field).__mro__ if kind.__module__.startswith("django.")]
    said = [vars(kind).get("default_error_messages", {}) for kind in theirs]
    return next((messages[code] for messages in said if code in messages), None)


def show_refusal(form: forms.Form, refusal: DomainError) -> None:
    """Put a refusal beside the fields it is about, or above the form."""
    shown = False
    for name, message in refusal.fields.items():
        if name in form.fields:
            form.add_error(name, message)
            shown = True
    if not shown:
        form.add_error(None, refusal.message)
