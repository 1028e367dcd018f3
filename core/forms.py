"""What several rooms' forms use."""

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from core.errors import DomainError

DOLLARS = re.compile(r"\$?\s*([0-9]{1,18}|[0-9]{1,3}(,[0-9]{3}){1,5})(\.[0-9]{1,2})?")


class DollarsField(forms.DecimalField):
    """Dollars and cents as people write them; not all that Decimal reads (1e3, 1_000, NaN)."""

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]
        text = str(value or "").strip()
        if text and not DOLLARS.fullmatch(text):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return super().to_python(text.lstrip("$").replace(",", ""))


def show_refusal(form: forms.Form, refusal: DomainError) -> None:
    """Put a refusal beside the fields it is about, or above the form."""
    shown = False
    for name, message in refusal.fields.items():
        if name in form.fields:
            form.add_error(name, message)
            shown = True
    if not shown:
        form.add_error(None, refusal.message)
