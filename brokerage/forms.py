"""The form by which a parent links a bank by its numbers."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts import validators
from accounts.forms import SecretInput
from brokerage.models import BankAccount
from brokerage.operations.banks import BankNumbers

NUMBER = {"inputmode": "numeric", "autocomplete": "off"}
CENTS = re.compile(r"\$?\s*0?\.([0-9]{1,2})\s*|([0-9]{1,2})\s*¢?")


class BankForm(forms.Form):
    """Routing and account number, the latter twice."""

    routing_number = forms.CharField(
        label=_("Routing number"), max_length=20, widget=forms.TextInput(attrs=NUMBER)
    )
    account_number = forms.CharField(
        label=_("Account number"), max_length=30, widget=SecretInput(attrs=NUMBER)
    )
    account_number_again = forms.CharField(
        label=_("Account number, once more"), max_length=30, widget=SecretInput(attrs=NUMBER)
    )
    account_type = forms.ChoiceField(
        label=_("Kind of account"), choices=BankAccount.Kind.choices, widget=forms.RadioSelect
    )
    nickname = forms.CharField(
        label=_("What you call it"), max_length=40, required=False, help_text=_("Like “Household”.")
    )
    authorization = forms.BooleanField(
        label=_(
            "This account is mine. StockSprout and its broker may debit it by ACH for the gifts "
            "I approve, each for the amount I see when I approve it. I can remove it at any time."
        )
    )

    def clean_routing_number(self) -> str:
        return validators.clean_routing_number(self.cleaned_data["routing_number"])

    def clean_account_number(self) -> str:
        return validators.clean_account_number(self.cleaned_data["account_number"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        number, again = data.get("account_number"), data.get("account_number_again", "")
        if number and "".join(c for c in again if c.isdigit()) != number:
            self.add_error("account_number_again", _("The two account numbers are not the same."))
        return data

    def numbers(self) -> BankNumbers:
        """Return what was filled in, once valid."""
        data = self.cleaned_data
        return BankNumbers(
            data["routing_number"],
            data["account_number"],
            data["account_type"],
            " ".join(data["nickname"].split()),
        )


class CentsField(forms.CharField):
    """An amount below a dollar as people write it: `0.07`, `$.07`, `7` or `7¢`; in cents."""

    def __init__(self, *, label: Any) -> None:
        widget = forms.TextInput(
            attrs={"inputmode": "decimal", "autocomplete": "off", "placeholder": "0.00"}
        )
        super().__init__(label=label, max_length=10, widget=widget)

    def clean(self, value: Any) -> int:
        found = CENTS.fullmatch(str(super().clean(value)).strip())
        cents = int((found[1] or "").ljust(2, "0") if found[1] else found[2]) if found else 0
        if not 1 <= cents <= 99:
            raise ValidationError(_("Enter an amount from $0.01 to $0.99, like 0.12."))
        return cents


class ConfirmForm(forms.Form):
    """The two amounts a parent has found in their account.

    `tries_left` is what the page showed: a form sent twice is counted once.
    """

    tries_left = forms.IntegerField(widget=forms.HiddenInput)
    first = CentsField(label=_("One amount"))
    second = CentsField(label=_("The other amount"))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("first") and data.get("first") == data.get("second"):
            self.add_error("second", _("The two amounts are not the same. Look for the other one."))
        return data

    def cents(self) -> tuple[int, int]:
        """Return the two amounts in cents, once valid."""
        return self.cleaned_data["first"], self.cleaned_data["second"]
