"""The form by which a parent links a bank by its numbers."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts import validators
from accounts.forms import SecretInput
from brokerage.models import BankAccount
from brokerage.operations.banks import BankNumbers

NUMBER = {"inputmode": "numeric", "autocomplete": "off"}


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
