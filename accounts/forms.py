"""The custodian's form and the child's form."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from localflavor.us.us_states import STATE_CHOICES

from accounts import agreements, choices, spelling, validators
from accounts.consent_forms import AgreementForm
from accounts.models import Child, KycProfile
from accounts.operations import ChildDetails, KycAnswers
from accounts.person_fields import BirthdayField, StateField
from accounts.spelled_forms import SpelledForm
from accounts.states import (
    list_homes,
    list_open_places,
    list_phone_regions,
)
from accounts.trusted_forms import DECLINED, PERSON, TrustedContactFields
from core import clock
from core.forms import FreeText, RoughDollarsField

PICK = [("", _("Choose one"))]
TO_BROKER = _("We and the broker read it.")
ONCE_MORE = _("Please type the number once more: we never show it again.")


class SecretInput(forms.TextInput):
    """A box for a personal number; a page shown again does not hold what was typed."""

    def format_value(self, value: Any) -> None:
        return None


def _digits(label: Any, **kwargs: Any) -> forms.CharField:
    widget = SecretInput(attrs={"inputmode": "numeric", "autocomplete": "off"})
    return forms.CharField(label=label, widget=widget, max_length=20, **kwargs)


def _text(label: Any, autocomplete: str, *, limit: int = 100, **kwargs: Any) -> forms.CharField:
    widget = forms.TextInput(attrs={"autocomplete": autocomplete})
    return forms.CharField(label=label, widget=widget, max_length=limit, **kwargs)


def _own_words(label: Any, autocomplete: str, **kwargs: Any) -> FreeText:
    widget = forms.TextInput(attrs={"autocomplete": autocomplete})
    return FreeText(
        label=label, widget=widget, max_length=100, required=False, reader=TO_BROKER, **kwargs
    )


def _pick(label: Any, options: Any, **kwargs: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=[*PICK, *options], **kwargs)


def _dollars(label: Any, **kwargs: Any) -> RoughDollarsField:
    widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})
    return RoughDollarsField(
        label=label, widget=widget, min_value=0, max_value=2_000_000_000, **kwargs
    )


def _ages_confirmed() -> forms.BooleanField:
    """Return the box for a custodian little older than the child; asked where it is needed."""
    label = _("The birthdays are right: I am not the parent, but another adult of the family")
    return forms.BooleanField(label=label, required=False)


class PersonForm(SpelledForm):
    """What is checked alike for a parent and a child."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.data.get("ssn"):
            self.fields["ssn"].help_text = ONCE_MORE

        if "ages_confirmed" in self.fields and not self.data.get("ages_confirmed"):
            self.fields["ages_confirmed"].widget = forms.HiddenInput()

    def add_error(self, field: Any, error: Any) -> None:
        """Show the box that says the ages are right, once they were found unlikely."""
        super().add_error(field, error)
        if field == "ages_confirmed":
            self.fields["ages_confirmed"].widget = forms.CheckboxInput()

    def clean_first_name(self) -> str:
        return spelling.clean_name(self.cleaned_data["first_name"])

    def clean_last_name(self) -> str:
        return spelling.clean_name(self.cleaned_data["last_name"])

    def clean_date_of_birth(self) -> Any:
        return validators.clean_birth_date(self.cleaned_data["date_of_birth"], today=clock.today())

    def clean_ssn(self) -> str:
        ssn = self.cleaned_data["ssn"]
        return validators.clean_ssn(ssn) if ssn else ""


@dataclass(frozen=True)
class Suggestion:
    """A value a field begins with, and where it comes from in words."""

    value: Any
    source: str


class KycForm(AgreementForm, TrustedContactFields, PersonForm):
    """Everything DriveWealth requires of a custodian, and whom they trust, in short parts."""

    AGREES: ClassVar = {"e_sign": "E_SIGN", "agreements": "BROKER"}

    SECTIONS: ClassVar = [
        (_("Your name"), _("As on your driver's license or passport."),
         ["first_name", "last_name", "date_of_birth", "ssn"]),
        (_("Where to find you"), _("The address where you live."),
         ["phone", "street1", "street2", "city", "state", "postal_code"]),
        (_("Your work"), _("Brokers must ask what their customers do."),
         ["employment_status", "employer", "industry", "position", "works_at_broker"]),
        (_("Your money"), _("Rough numbers are fine. No answer is wrong."),
         ["annual_income", "net_worth", "liquid_net_worth", "investment_experience",
          "risk_tolerance", "objective"]),
        (_("Somebody you trust"),
         _("Whom may we call if we can not reach you, or if something seems wrong? Leave all of "
           "this empty, and we note that you named nobody."),
         [*PERSON, DECLINED]),
        (_("Before you go on"), _("Two questions of the law, and your agreement."),
         ["director_of", "politically_exposed", "e_sign", "agreements"]),
    ]  # fmt: skip

    first_name = _text(_("First name"), "given-name", limit=36)
    last_name = _text(_("Last name"), "family-name", limit=36)
    date_of_birth = BirthdayField(label=_("Date of birth"), autocomplete="bday")
    ssn = _digits(
        _("Social Security number"),
        help_text=_("The broker checks it with your name and birthday. We store it encrypted."),
    )
    phone = _text(_("Mobile phone"), "tel", limit=30)
    street1 = _text(_("Street and number"), "address-line1")
    street2 = _text(_("Apartment or unit"), "address-line2", required=False)
    city = _text(_("City"), "address-level2", limit=60)
    state = StateField(
        label=_("State"),
        choices=[*PICK, *STATE_CHOICES],
        widget=forms.Select(attrs={"autocomplete": "address-level1"}),
    )
    postal_code = _text(_("ZIP code"), "postal-code", limit=15)
    employment_status = _pick(_("What describes you best?"), choices.EmploymentStatus.choices)
    employer = _own_words(
        _("Employer or business"), "organization",
        help_text=_("If you are employed or self-employed."),
    )  # fmt: skip
    industry = _pick(_("Industry"), choices.Industry.choices, required=False)
    position = _pick(_("What you do there"), choices.Position.choices, required=False)
    works_at_broker = forms.BooleanField(
        label=_("I, or somebody in my household, work for a broker-dealer or an exchange"),
        required=False,
    )
    annual_income = _dollars(_("Yearly income, in dollars"))
    net_worth = _dollars(
        _("Everything you own less what you owe, in dollars"),
    )
    liquid_net_worth = _dollars(
        _("Of that, cash and what you could sell quickly"),
    )
    investment_experience = _pick(_("How long have you invested?"), choices.Experience.choices)
    risk_tolerance = _pick(_("How do you feel about risk?"), choices.RiskTolerance.choices)
    objective = _pick(_("What is this account for?"), choices.Objective.choices)
    director_of = _own_words(
        _("Public companies you direct or own 10% of"), "off",
        help_text=_("Most people leave this empty."),
    )  # fmt: skip
    politically_exposed = _own_words(
        _("Senior political figures in your close family"), "off",
        help_text=_("Most people leave this empty."),
    )  # fmt: skip
    e_sign = forms.BooleanField(label=agreements.E_SIGN)
    agreements = forms.BooleanField(label=agreements.BROKER)

    def __init__(
        self,
        *args: Any,
        known: KycProfile | None = None,
        suggested: Mapping[str, Suggestion] | None = None,
        held_last4: str = "",
        asks_trusted: bool = True,
        **kwargs: Any,
    ) -> None:
        """Begin with what is `known` from before, else with what is `suggested`.

        :param held_last4: the end of a number that may be used instead of typing one
        :param asks_trusted: whether there is no answer yet to whom the customer trusts
        """
        suggested = suggested or {}
        initial = {name: suggestion.value for name, suggestion in suggested.items()}
        if known:
            names = [name for _t, _x, names in self.SECTIONS for name in names]
            initial = {n: getattr(known, n) for n in names if hasattr(known, n) and n != "ssn"}
        kwargs["initial"] = initial | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        self.fields["state"].choices = [*PICK, *list_homes(today=clock.today())]  # type: ignore[attr-defined]
        self.known, self.suggested, self.held_last4 = known, suggested, held_last4
        self.asks_trusted = asks_trusted
        if not asks_trusted:
            for name in (*PERSON, DECLINED):
                del self.fields[name]
        if known:
            self._spare_ssn(_("Leave it empty to keep the number ending in %s.") % known.ssn_last4)
        elif held_last4:
            text = _("We have the number ending in %s from Plaid; leave this empty to use it.")
            self._spare_ssn(text % held_last4)
        for name, suggestion in suggested.items():
            self._tell_source(name, suggestion)

    def _spare_ssn(self, why: str) -> None:
        self.fields["ssn"].required = False
        if not self.data.get("ssn"):
            self.fields["ssn"].help_text = why

    def _tell_source(self, name: str, suggestion: Suggestion) -> None:
        """Say beside a field where its value comes from, until the person has typed another."""
        if self.is_bound and str(self.data.get(name, "")) != str(suggestion.value):
            return
        field = self.fields[name]
        source = format_html('<span class="source">{}</span>', suggestion.source)
        field.help_text = format_html("{} {}", field.help_text, source)

    @property
    def sections(self) -> list[dict[str, Any]]:
        """Return the parts: title, text, what the law has us say, bound fields."""
        return [
            {
                "title": title,
                "text": text,
                "disclosure": agreements.TRUSTED_CONTACT if DECLINED in names else "",
                "fields": [self[name] for name in names],
            }
            for title, text, names in self.SECTIONS
            if names[0] in self.fields
        ]

    def clean_phone(self) -> str:
        regions = list_phone_regions(today=clock.today())
        return validators.clean_us_phone(self.cleaned_data["phone"], regions=regions)

    def clean_street1(self) -> str:
        return spelling.clean_street(self.cleaned_data["street1"])

    def clean_street2(self) -> str:
        return spelling.clean_street(self.cleaned_data["street2"])

    def clean_city(self) -> str:
        return spelling.clean_city(self.cleaned_data["city"])

    def clean_postal_code(self) -> str:
        return validators.clean_zip(self.cleaned_data["postal_code"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        works = data.get("employment_status") in {"EMPLOYED", "SELF_EMPLOYED"}
        if works:
            for name, message in (
                ("employer", _("Tell us the name of your employer or business.")),
                ("industry", _("Choose the industry you work in.")),
            ):
                if not data.get(name) and name not in self.errors:
                    self.add_error(name, ValidationError(message))
        if works and settings.BROKER_NEEDS_POSITION and not data.get("position"):
            self.add_error("position", _("Choose what comes nearest to your work."))
        total, liquid = data.get("net_worth"), data.get("liquid_net_worth")
        if total is not None and liquid is not None and liquid > total:
            self.add_error("liquid_net_worth", _("This can not be more than everything you own."))
        return data

    def draft(self) -> dict[str, Any]:
        """Return the answers that are good already, of a form that need not be whole."""
        self.is_valid()
        given = {name: value for name, value in self.cleaned_data.items() if self.data.get(name)}
        return {name: value for name, value in given.items() if name != "ssn"}

    def answers(self) -> KycAnswers:
        """Return what was filled in, once valid."""
        data = self.cleaned_data
        if data["employment_status"] not in {"EMPLOYED", "SELF_EMPLOYED"}:
            data |= {"employer": "", "industry": "", "position": ""}
        return KycAnswers.from_mapping(data)


class ChildForm(AgreementForm, PersonForm):
    """A child to open a custodial account for."""

    AGREES: ClassVar = {"agree": "UTMA"}

    first_name = _text(_("Child's first name"), "off", limit=36)
    last_name = _text(_("Child's last name"), "off", limit=36)
    date_of_birth = BirthdayField(label=_("Date of birth"))
    ssn = _digits(
        _("Child's Social Security number"),
        help_text=_("The account and its tax papers are in the child's name. Stored encrypted."),
    )
    ages_confirmed = _ages_confirmed()
    governing_state = forms.ChoiceField(
        label=_("State whose law governs the account"),
        help_text=_(
            "Usually where you or the child live. The law sets the age of control, and it stays "
            "even if you move. States not listed are not open yet."
        ),
    )
    agree = forms.BooleanField(label=agreements.UTMA)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        options = [
            (
                place.code,
                _("%(state)s: control at %(age)d") % {"state": place.name, "age": place.age},
            )
            for place in list_open_places(today=clock.today())
        ]
        self.fields["governing_state"].choices = [*PICK, *options]  # type: ignore[attr-defined]

    def details(self) -> ChildDetails:
        """Return what was filled in, once valid."""
        data = self.cleaned_data
        return ChildDetails(
            data["first_name"],
            data["last_name"],
            data["date_of_birth"],
            data["ssn"],
            data["governing_state"],
            ages_confirmed=data["ages_confirmed"],
        )


class TeenForm(AgreementForm, PersonForm):
    """A teenager to open a teen account with; it is the parent's own, so no number is asked."""

    AGREES: ClassVar = {"agree": "TEEN"}

    first_name = _text(_("Teenager's first name"), "off", limit=36)
    last_name = _text(_("Teenager's last name"), "off", limit=36)
    date_of_birth = BirthdayField(label=_("Date of birth"))
    ages_confirmed = _ages_confirmed()
    agree = forms.BooleanField(label=agreements.TEEN)

    def details(self) -> ChildDetails:
        """Return what was filled in, once valid."""
        data = self.cleaned_data
        return ChildDetails(
            data["first_name"],
            data["last_name"],
            data["date_of_birth"],
            account_kind=Child.AccountKind.TEEN,
            ages_confirmed=data["ages_confirmed"],
        )
