"""The portal's forms. What the values may be is decided by the operations."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import EmailField
from tenants.models import Mode, PhoneMethod, Role, Scope, Tenant
from tenants.models.tenants import MAX_ATTEMPTS
from tenants.operations import Branding, TenantSettings

OVERLAPS = [
    ("0", _("No longer: it ends at once")),
    ("1", _("One hour")),
    ("24", _("One day")),
    ("168", _("One week")),
    ("720", _("30 days")),
]


class WordsField(forms.CharField):
    """Words parted by blanks or commas, as a list."""

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        return re.findall(r"[^\s,]+", super().to_python(value) or "")


class KeyForm(forms.Form):
    form_key = forms.UUIDField(widget=forms.HiddenInput)
    name = forms.CharField(
        label=_("Name"),
        max_length=60,
        help_text=_("So that you know it again, for example “Checkout server”."),
    )
    mode = forms.ChoiceField(
        label=_("For"),
        choices=[
            (Mode.TEST, _("Sandbox: practice, no real people")),
            (Mode.LIVE, _("Live: real people")),
        ],
        initial=Mode.TEST,
        widget=forms.RadioSelect,
    )
    scopes = forms.MultipleChoiceField(
        label=_("It may"),
        choices=Scope.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Only what this server needs: less can go wrong if the key is stolen."),
    )

    @classmethod
    def fresh(cls) -> "KeyForm":
        """Return an empty form that can be sent once."""
        return cls(initial={"form_key": uuid4(), "scopes": [Scope.TENANT_READ]})


class RotateForm(forms.Form):
    form_key = forms.UUIDField(widget=forms.HiddenInput)
    overlap = forms.ChoiceField(
        label=_("How long should the old key go on working?"),
        choices=OVERLAPS,
        initial="24",
        widget=forms.RadioSelect,
    )

    @classmethod
    def fresh(cls) -> "RotateForm":
        return cls(initial={"form_key": uuid4()})

    def get_overlap(self) -> timedelta:
        return timedelta(hours=int(self.cleaned_data["overlap"]))


class BrandingForm(forms.Form):
    display_name = forms.CharField(
        label=_("Name your customers read"), max_length=60, required=False
    )
    logo_url = forms.URLField(
        label=_("Address of your logo"),
        max_length=300,
        required=False,
        assume_scheme="https",
        help_text=_("Begins with https://."),
    )
    primary_color = forms.CharField(
        label=_("Main colour"), max_length=7, help_text=_("For example #1d5c3c.")
    )
    text_color = forms.CharField(
        label=_("Colour of text on it"),
        max_length=7,
        help_text=_("Has to be easy to read on the main colour (WCAG AA, contrast 4.5)."),
    )

    def branding(self) -> Branding:
        data = self.cleaned_data
        return Branding(
            data["display_name"],
            data["logo_url"],
            data["primary_color"].lower(),
            data["text_color"].lower(),
        )

    @staticmethod
    def values_of(tenant: Tenant) -> dict[str, Any]:
        names = ("display_name", "logo_url", "primary_color", "text_color")
        return {name: getattr(tenant, name) for name in names}


class SettingsForm(forms.Form):
    phone_enabled = forms.BooleanField(label=_("Verify phone numbers"), required=False)
    phone_method = forms.ChoiceField(label=_("Codes are sent by"))
    phone_max_attempts = forms.IntegerField(
        label=_("Tries of one code"), min_value=1, max_value=MAX_ATTEMPTS
    )
    aggregation_enabled = forms.BooleanField(label=_("Link banks through Plaid"), required=False)
    aggregation_products = WordsField(
        label=_("Plaid's products"),
        required=False,
        max_length=400,
        help_text=_(
            "Plaid's own names, for example auth, identity, transactions. With layer, people are "
            "found by their phone number."
        ),
    )
    country_codes = WordsField(
        label=_("Countries"), max_length=100, help_text=_("Two letters each, for example US, CA.")
    )

    def __init__(self, *args: Any, tenant: Tenant, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [
            (way.value, way.label)
            for way in PhoneMethod
            if way.is_possible or way == tenant.phone_method
        ]
        self.fields["phone_method"].choices = offered  # type: ignore[attr-defined]

    def chosen(self) -> TenantSettings:
        data = self.cleaned_data
        return TenantSettings(
            **data
            | {
                "aggregation_products": [name.lower() for name in data["aggregation_products"]],
                "country_codes": [code.upper() for code in data["country_codes"]],
            }
        )

    @staticmethod
    def values_of(tenant: Tenant) -> dict[str, Any]:
        return {name: getattr(tenant, name) for name in SettingsForm.base_fields}


class MemberForm(forms.Form):
    email = EmailField(
        label=_("Their e-mail address"), help_text=_("They have signed up with it already.")
    )
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, initial=Role.SUPPORT)


class RoleForm(forms.Form):
    role = forms.ChoiceField(choices=Role.choices)
