"""What several rooms' forms use."""

from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from core.dollars import read_dollars
from core.emails import tidy_email
from core.errors import DomainError
from core.letters import with_plain_line_ends
from core.switches import Halted

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


class LinesField(forms.CharField):
    """A text of several lines: a line end is one letter, though browsers send two (CR LF)."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> str | None:
        text: str | None = super().to_python(with_plain_line_ends(value))
        return text


class DollarsField(forms.DecimalField):
    """Dollars and cents as people write them; not all that Decimal reads (1e3, 1_000, NaN)."""

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]
        text = str(value or "").strip()
        amount = read_dollars(text) if text else None
        if text and amount is None:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return super().to_python(amount)


class RoughDollarsField(forms.IntegerField):
    """Whole dollars of a figure nobody knows to the cent: `90,000`, `$90,000.00`, `90k`."""

    widget = forms.TextInput
    default_error_messages = {"invalid": _("Enter whole dollars, like 90,000.")}  # noqa: RUF012

    def to_python(self, value: Any) -> int | None:
        text = str("" if value is None else value).strip()
        if text in self.empty_values:
            return None
        amount = read_dollars(text, rough=True)
        if amount is None:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return int(amount.quantize(Decimal(1), ROUND_HALF_UP))


class EmailField(forms.EmailField):
    """An e-mail address as people type and paste it."""

    widget = forms.EmailInput(attrs={"autocomplete": "email"})
    default_error_messages = {  # noqa: RUF012
        "invalid": _("Enter an e-mail address, like pat@example.com.")
    }

    def to_python(self, value: Any) -> str:
        return tidy_email(str(value or ""))


class FreeText(LinesField):
    """Words of a person's own, whose reader they are told beside the box.

    :param reader: a sentence that says who reads the words: “The parent reads these words.”
    """

    def __init__(self, *, reader: Any, help_text: Any = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.told = help_text
        self.reader = reader

    @property
    def reader(self) -> Any:
        return self._reader

    @reader.setter
    def reader(self, sentence: Any) -> None:
        self._reader = sentence
        self.help_text = format_lazy("{} {}", self.told, sentence) if self.told else sentence


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
    """Put a refusal beside the fields it is about, or above the form.

    Beside a field that is wrong already nothing more is said. A halt is told by the page, on top
    (`core.halting`), and not by the form too.
    """
    for part in refusal.parts:
        if isinstance(part, Halted):
            form.halt = part.halt  # type: ignore[attr-defined]
            continue
        about = {name: text for name, text in part.fields.items() if name in form.fields}
        for name, message in about.items():
            if name not in form.errors:
                form.add_error(name, ValidationError(message, code=part.code))
        if not about:
            form.add_error(None, ValidationError(part.message, code=part.code))


def check_also(form: forms.Form, check: Callable[[Mapping[str, Any]], object]) -> None:
    """Have an operation's rules look at what is good of a form, and show all that is wrong at once.

    The operation looks again once the form is sent to it: this is for the page alone.

    :param check: takes the good answers by name; raises a refusal that names the fields
    """
    form.is_valid()
    try:
        check(form.cleaned_data)
    except DomainError as refusal:
        show_refusal(form, refusal)
