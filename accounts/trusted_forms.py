"""Whom the customer trusts: asked in the custodian's form, changed on a page of its own."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts import choices, spelling, validators
from accounts.models import TrustedContact
from accounts.operations import TrustedAnswer
from accounts.spelled_forms import SpelledForm
from core.forms import EmailField

PERSON = (
    "trusted_first_name",
    "trusted_last_name",
    "trusted_relationship",
    "trusted_phone",
    "trusted_email",
    "trusted_adult",
)
DECLINED = "trusted_declined"


def _text(label: Any, limit: int) -> forms.CharField:
    widget = forms.TextInput(attrs={"autocomplete": "off"})
    return forms.CharField(label=label, widget=widget, max_length=limit, required=False)


class TrustedContactFields(SpelledForm):
    """One person who can be reached and is of age, or nobody (FINRA 4512(a)(1)(F))."""

    trusted_first_name = _text(_("Their first name"), 36)
    trusted_last_name = _text(_("Their last name"), 36)
    trusted_relationship = forms.ChoiceField(
        label=_("Who is this to you?"),
        choices=[("", _("Choose one")), *choices.Relationship.choices],
        required=False,
    )
    trusted_phone = forms.CharField(
        label=_("Their phone"),
        help_text=_("A phone number or an e-mail address is enough."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "tel"}),
        max_length=30,
        required=False,
    )
    trusted_email = EmailField(
        label=_("Their e-mail"),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        max_length=254,
        required=False,
    )
    trusted_adult = forms.BooleanField(label=_("This person is 18 or older"), required=False)
    trusted_declined = forms.BooleanField(label=_("I'd rather not name anybody"), required=False)

    def clean_trusted_first_name(self) -> str:
        return self._clean_name("trusted_first_name")

    def clean_trusted_last_name(self) -> str:
        return self._clean_name("trusted_last_name")

    def clean_trusted_phone(self) -> str:
        phone = self.cleaned_data["trusted_phone"]
        return validators.clean_phone(phone) if phone else ""

    def _clean_name(self, field: str) -> str:
        name = self.cleaned_data[field]
        return spelling.clean_name(name) if name else ""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if "trusted_first_name" not in self.fields:
            return data
        is_begun = any(data.get(name) or name in self.errors for name in PERSON)
        if is_begun and data.get(DECLINED):
            self.add_error(DECLINED, _("Name somebody above or tick this box, not both."))
        elif is_begun or DECLINED not in self.fields:
            self._check_person(data)
        return data

    def _check_person(self, data: dict[str, Any]) -> None:
        for name, message in (
            ("trusted_first_name", _("Tell us the first name of the person you trust.")),
            ("trusted_last_name", _("Tell us the last name of the person you trust.")),
            ("trusted_adult", _("A trusted contact must be at least 18 years old.")),
        ):
            if not data.get(name) and name not in self.errors:
                self.add_error(name, message)
        ways = ("trusted_phone", "trusted_email")
        if not any(data.get(name) or name in self.errors for name in ways):
            self.add_error("trusted_phone", _("Tell us a phone number or an e-mail address."))

    def trusted_contact(self) -> TrustedAnswer | None:
        """Return the answer: a person, or nobody; None where it was not asked.

        Of a form that is not valid, what is good of it.
        """
        if "trusted_first_name" not in self.fields:
            return None
        names = ("first_name", "last_name", "relationship", "phone", "email")
        return TrustedAnswer(
            **{name: self.cleaned_data.get(f"trusted_{name}") or "" for name in names}
        )


class TrustedContactForm(TrustedContactFields):
    """Name a person, or change who is named."""

    trusted_declined = None  # type: ignore[assignment]

    def __init__(self, *args: Any, known: TrustedContact | None = None, **kwargs: Any) -> None:
        if known and known.is_named:
            kwargs["initial"] = {
                "trusted_first_name": known.first_name,
                "trusted_last_name": known.last_name,
                "trusted_relationship": known.relationship,
                "trusted_phone": validators.format_us_phone(known.phone) if known.phone else "",
                "trusted_email": known.email or "",
                "trusted_adult": True,
            }
        super().__init__(*args, **kwargs)
        for name in ("trusted_first_name", "trusted_last_name"):
            self.fields[name].required = True
