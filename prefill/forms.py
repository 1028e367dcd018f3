"""The forms before the form: a phone number and a code."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts import validators
from accounts.forms import SecretInput
from accounts.person_fields import BirthdayField
from core import clock
from prefill.agreements import get_written_instructions, show_instructions
from tenants.models import Tenant

TEXT_ME = _("Text me a code")  # the button, which the instructions name


class PhoneForm(forms.Form):
    """A number, and what a text to it needs. With Plaid's help the number alone may do."""

    phone_number = forms.CharField(
        label=_("Mobile number"),
        max_length=30,
        help_text=_("A US number, like (303) 555-0123."),
        widget=forms.TextInput(
            attrs={"type": "tel", "inputmode": "tel", "autocomplete": "tel-national"}
        ),
    )
    date_of_birth = BirthdayField(
        label=_("Date of birth"),
        help_text=_("It tells you from others who had the number."),
        autocomplete="bday",
    )
    instructions = forms.BooleanField(
        label=_("I agree"),
        error_messages={"required": _("Without this we may not look you up. You can type it all.")},
    )
    text_version = forms.CharField(max_length=40, widget=forms.HiddenInput)

    def __init__(self, *args: Any, tenant: Tenant, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        version, text = get_written_instructions(tenant, str(TEXT_ME))
        self.fields["text_version"].initial = version
        self.fields["instructions"].help_text = show_instructions(text)

    def clean_phone_number(self) -> str:
        return validators.clean_us_phone(self.cleaned_data["phone_number"])

    def clean_date_of_birth(self) -> Any:
        return validators.clean_birth_date(self.cleaned_data["date_of_birth"], today=clock.today())


class CodeForm(forms.Form):
    """Six digits from a text message."""

    verification_code = forms.CharField(
        label=_("Code"),
        max_length=12,
        help_text=_("Six digits."),
        widget=SecretInput(
            attrs={
                "inputmode": "numeric",
                "autocomplete": "one-time-code",
                "class": "code-input",
                "autofocus": True,
            }
        ),
    )

    def clean_verification_code(self) -> str:
        digits = "".join(self.cleaned_data["verification_code"].replace("-", " ").split())
        if not (digits.isascii() and digits.isdigit() and len(digits) == 6):
            raise ValidationError(_("The code has six digits."))
        return digits
