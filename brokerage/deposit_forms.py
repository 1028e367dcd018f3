"""The form by which a parent adds money, and the authorization it shows."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, ClassVar
from uuid import uuid4

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.consent_forms import AgreementForm
from accounts.models import Child
from brokerage.models import BankAccount
from core.forms import DollarsField


class AddMoneyForm(AgreementForm):
    """How much, from which bank, and the authorization to debit it."""

    AGREES: ClassVar = {"authorize": "ACH"}

    form_key = forms.UUIDField(widget=forms.HiddenInput)
    amount = DollarsField(
        label=gettext_lazy("How much"),
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        error_messages={"invalid": gettext_lazy("Enter dollars and cents, like 25 or 25.50.")},
    )
    bank = forms.ModelChoiceField(
        label=gettext_lazy("Pay from"),
        queryset=BankAccount.objects.none(),
        empty_label=None,
        error_messages={"invalid_choice": gettext_lazy("Choose one of your linked banks.")},
    )
    authorize = forms.BooleanField(
        error_messages={
            "required": gettext_lazy("Tick the box to authorize the bank transfer."),
        }
    )

    def __init__(self, data: Any = None, *, child: Child, banks: QuerySet[BankAccount]) -> None:
        found = list(banks)
        self.authorization = authorization_text(child, found) if found else ""
        initial = {"form_key": uuid4(), "bank": found[0] if found else None}
        super().__init__(data, initial=initial)
        self.fields["bank"].queryset = banks  # type: ignore[attr-defined]
        self.fields["authorize"].label = self.authorization


def authorization_text(
    child: Child, banks: Sequence[BankAccount], amount: Decimal | None = None
) -> str:
    """Return what a parent authorizes by adding money; what is typed or picked stands above it."""
    return _(
        "I authorize StockSprout and its broker to debit %(amount)s once from %(bank)s, on or "
        "after today, into the account of %(child)s. What is paid in belongs to the child for "
        "good. To revoke this before the transfer starts, I end the bank authorization under "
        "Security, What you agreed to."
    ) % {
        "amount": f"${amount:,.2f}" if amount is not None else _("the amount I entered above"),
        "bank": f"my {banks[0]}" if len(banks) == 1 else _("the bank account I chose above"),
        "child": child.first_name,
    }
