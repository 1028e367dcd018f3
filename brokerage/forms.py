"""Forms of the broker's room: a bank by its numbers, a picture of an ID, a child's correction."""

import re
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts import agreements, validators
from accounts.consent_forms import AgreementForm
from accounts.forms import PersonForm, SecretInput
from accounts.models import Child
from accounts.person_fields import BirthdayField
from accounts.typed import keep_digits, tidy_text
from brokerage.connections import Choice
from brokerage.models import BankAccount, IdDocument
from brokerage.operations.banks import BankNumbers
from brokerage.operations.people import ChildCorrection
from core.forms import FreeText
from core.pictures import find_fault
from core.uploads import LARGEST_FILE

NUMBER = {"inputmode": "numeric", "autocomplete": "off"}
CENTS = re.compile(
    r"(?:\$|usd)?\s*0?[.,]([0-9]{1,2})\s*(?:\$|usd)?|([0-9]{1,2})\s*(?:¢|c|cts?|cents?)?",
    re.IGNORECASE,
)


class BankForm(AgreementForm):
    """Routing and account number, the latter twice."""

    AGREES: ClassVar = {"authorization": "BANK_LINK"}

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
    nickname = FreeText(
        label=_("What you call it"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        required=False,
        help_text=_("Like “Household”."),
        reader=_("You read it here; our staff and the broker can see it too."),
    )
    authorization = forms.BooleanField(label=agreements.BANK_LINK)

    def clean_routing_number(self) -> str:
        return validators.clean_routing_number(self.cleaned_data["routing_number"])

    def clean_account_number(self) -> str:
        return validators.clean_account_number(self.cleaned_data["account_number"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        number, again = data.get("account_number"), data.get("account_number_again", "")
        if number and keep_digits(again) != number:
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


class ChooseBankForm(AgreementForm):
    """One of the accounts a parent has connected by Plaid."""

    AGREES: ClassVar = {"authorization": "BANK_LINK"}

    account = forms.ChoiceField(
        label=_("Account"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one of the accounts.")},
    )
    authorization = forms.BooleanField(label=agreements.BANK_LINK)

    def __init__(self, *args: Any, choices: list[Choice], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        options = [(str(choice.account.pk), choice.label) for choice in choices]
        self.fields["account"].choices = options  # type: ignore[attr-defined]
        if len(options) == 1:
            self.fields["account"].initial = options[0][0]


class CentsField(forms.CharField):
    """An amount below a dollar as people write it: `0.07`, `$.07`, `0,07`, `7`, `7¢`; in cents."""

    def __init__(self, *, label: Any) -> None:
        widget = forms.TextInput(
            attrs={"inputmode": "decimal", "autocomplete": "off", "placeholder": "0.00"}
        )
        super().__init__(label=label, max_length=10, widget=widget)

    def clean(self, value: Any) -> int:
        found = CENTS.fullmatch(tidy_text(str(super().clean(value))))
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


def _picture(label: Any, **kwargs: Any) -> forms.FileField:
    """Return a field that offers the camera, the gallery and the files.

    An iPhone turns its own format into JPEG because HEIC is not among what is asked for.
    """
    attrs = {"accept": "image/jpeg,image/png,application/pdf"}
    errors = {
        "required": _("Take a picture, or choose a file."),
        "invalid": _("Take a picture, or choose a file."),
        "empty": _("This file is empty. Choose the picture again."),
    }
    widget = forms.FileInput(attrs=attrs)
    return forms.FileField(label=label, widget=widget, error_messages=errors, **kwargs)


def _too_large(file: Any) -> str:
    """Say that a file is too large; its content was not kept then."""
    if file.size <= LARGEST_FILE:
        return ""
    return str(_("This file is larger than 10 MB. Take a smaller picture."))


class IdDocumentForm(forms.Form):
    """Which ID, and pictures of its sides."""

    kind = forms.ChoiceField(
        label=_("What is it?"), choices=[("", _("Choose one")), *IdDocument.Kind.choices]
    )
    front = _picture(
        _("Front"), help_text=_("For a passport, the page with the photo. At most 10 MB.")
    )
    back = _picture(_("Back"), required=False, help_text=_("Of a card. A passport needs no back."))

    def clean_front(self) -> Any:
        return self._check("front")

    def clean_back(self) -> Any:
        return self._check("back")

    def _check(self, name: str) -> Any:
        file = self.cleaned_data[name]
        if file and (fault := _too_large(file) or find_fault(file.read())):
            raise forms.ValidationError(fault)
        if file:
            file.seek(0)
        return file

    def pictures(self) -> dict[str, bytes]:
        """Return the sides that were sent; of a form that is not valid, the good ones."""
        sides = {side: self.cleaned_data.get(side.lower()) for side in ("FRONT", "BACK")}
        sent = {side: file.read() for side, file in sides.items() if file}
        for file in filter(None, sides.values()):
            file.seek(0)
        return sent


class CorrectChildForm(PersonForm):
    """What a parent can correct of a child while the broker asks for it."""

    first_name = forms.CharField(label=_("Child's first name"), max_length=36)
    last_name = forms.CharField(label=_("Child's last name"), max_length=36)
    date_of_birth = BirthdayField(label=_("Date of birth"))
    ssn = forms.CharField(
        label=_("Child's Social Security number"),
        max_length=20,
        required=False,
        widget=SecretInput(attrs=NUMBER),
    )

    ages_confirmed = forms.BooleanField(
        label=_("The birthdays are right: I am not the parent, but another adult of the family"),
        required=False,
    )

    def __init__(self, *args: Any, child: Child, **kwargs: Any) -> None:
        self.child = child
        names = ("first_name", "last_name", "date_of_birth")
        kwargs["initial"] = {name: getattr(child, name) for name in names}
        super().__init__(*args, **kwargs)
        if not self.data.get("ssn"):
            self.fields["ssn"].help_text = (
                _("Leave it empty to keep the number ending in %s.") % child.ssn_last4
            )

    def correction(self) -> ChildCorrection:
        """Return what was filled in, once valid."""
        data = self.cleaned_data
        return ChildCorrection(
            data["first_name"],
            data["last_name"],
            data["date_of_birth"],
            data["ssn"],
            data["ages_confirmed"],
        )
