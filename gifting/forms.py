"""The giver's form and the parent's decision."""

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID, uuid4

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts import validators
from accounts.consent_forms import AgreementForm
from brokerage.models import BankAccount, Instrument
from brokerage.queries import list_menu
from brokerage.search import LONGEST, list_allowed, search_instruments
from core.forms import DollarsField, EmailField, FreeText
from gifting.models import Gift
from gifting.operations import GiftOffer, LinkTerms, authorization_text

SHOWN = 6  # of what a giver finds; a longer list hides the rest of the form
QUICK_AMOUNTS = (25, 50, 100, 250)


class GiveForm(forms.Form):
    """Which share, how much, from whom."""

    form_key = forms.UUIDField(widget=forms.HiddenInput)
    found_for = forms.CharField(widget=forms.HiddenInput, required=False, max_length=LONGEST)
    find = forms.CharField(
        label=_("Looking for another company?"),
        max_length=LONGEST,
        required=False,
        strip=True,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    instrument = forms.ModelChoiceField(
        label=_("Company"),
        queryset=Instrument.objects.none(),
        error_messages={
            "required": _("Choose a company."),
            "invalid_choice": _("This company is not on offer. Choose another one."),
        },
    )
    quick = forms.TypedChoiceField(
        choices=[(amount, f"${amount}") for amount in QUICK_AMOUNTS],
        coerce=int,
        empty_value=None,
        required=False,
    )
    amount = DollarsField(
        label=_("Another amount"),
        help_text=_("If you type an amount, it counts, and none picked above."),
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        error_messages={"invalid": _("Enter dollars and cents, like 25 or 25.50.")},
    )
    giver_name = FreeText(
        label=_("Your name"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        help_text=_("Like “Grandma” or your full name."),
        reader=_("The child's parent reads it with your gift."),
    )
    giver_email = EmailField(
        label=_("Your e-mail"),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        help_text=_(
            "We write to you about this gift only: that it came, whether it was approved, and when "
            "the share is bought."
        ),
    )
    message = FreeText(
        label=_("A few words"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        reader=_("The child's parent reads your words in an e-mail and keeps them with the gift."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {}).setdefault("form_key", uuid4())
        super().__init__(*args, **kwargs)
        self.menu = list(list_menu())
        self.fields["instrument"].queryset = list_allowed()  # type: ignore[attr-defined]
        self.wanted = str(self["find"].value() or "").strip()
        part = search_instruments(self.wanted, size=SHOWN)
        self.found, self.has_more = part.rows, bool(part.next)

    @classmethod
    def look(cls, data: Mapping[str, Any]) -> "GiveForm | None":
        """Return the form as it was typed, with what was searched for; None where it was sent.

        Words in the search field that were not searched for yet mean a search, whichever button
        was pressed: the enter key presses the first. From the look-over one comes back to change
        something.
        """
        wanted = data.get("find", "").strip()[:LONGEST]
        is_search = bool(wanted) and wanted != data.get("found_for", "")
        if not is_search and "change" not in data:
            return None
        typed = {name: data.get(name, "") for name in cls.base_fields}
        return cls(initial=typed | {"find": wanted, "found_for": wanted})

    def typed(self) -> list[tuple[str, str]]:
        """Return what was filled in, to go on from the look-over unchanged."""
        return [(name, self.data[name]) for name in self.fields if self.data.get(name)]

    @property
    def left_aside(self) -> int | None:
        """The amount that was picked where another one was typed, which counts."""
        data = self.cleaned_data
        picked: int | None = data.get("quick")
        return picked if picked and data.get("amount") not in (None, picked) else None

    def clean_giver_name(self) -> str:
        return validators.clean_signature(self.cleaned_data["giver_name"])

    def clean(self) -> dict[str, Any]:
        """Take the typed amount, else the picked one."""
        data = super().clean() or {}
        if "amount" in self.errors or "quick" in self.errors:
            return data
        amount = data.get("amount")
        if amount is None and data.get("quick"):
            amount = forms.DecimalField().clean(data["quick"])
        if amount is None:
            self.add_error("amount", _("Choose an amount, or type one."))
            return data
        data["sum"] = amount
        return data

    def understood(self) -> dict[str, Any]:
        """Return what is good of the answers, by the names of GiftOffer."""
        given = {k: self.cleaned_data.get(k) for k in ("instrument", "giver_email")}
        return given | {"amount": self.cleaned_data.get("sum")}

    def offer(self) -> GiftOffer:
        """Return what was filled in, once valid."""
        data = self.cleaned_data
        return GiftOffer(
            instrument=data["instrument"],
            amount=data["sum"],
            giver_name=data["giver_name"],
            giver_email=data["giver_email"],
            message=data["message"],
            form_key=data["form_key"],
        )

    def choices(self) -> list[dict[str, Any]]:
        """Return the companies on offer as the page shows them: found ones first."""
        picked = str(self["instrument"].value() or "")
        shown = {row.pk: row for row in [*self.found, *self.menu]}
        if picked not in map(str, shown):
            shown |= {row.pk: row for row in self._find_picked(picked)}
        return [
            {
                "id": str(row.pk),
                "symbol": row.symbol,
                "company": row.name,
                "checked": str(row.pk) == picked,
            }
            for row in shown.values()
        ]

    @staticmethod
    def _find_picked(picked: str) -> list[Instrument]:
        """Return what was picked after an earlier search."""
        try:
            return list(list_allowed().filter(pk=UUID(picked)))
        except ValueError:
            return []


class ApproveForm(AgreementForm):
    """Which bank pays, and the authorization to debit it."""

    AGREES: ClassVar = {"authorize": "ACH"}

    bank = forms.ModelChoiceField(
        label=_("Pay from"),
        queryset=BankAccount.objects.none(),
        empty_label=None,
        error_messages={"invalid_choice": _("Choose one of your linked banks.")},
    )
    authorize = forms.BooleanField(
        error_messages={"required": _("Tick the box to authorize the bank transfer.")}
    )

    def __init__(self, data: Any = None, *, gift: Gift, banks: QuerySet[BankAccount]) -> None:
        found = list(banks)
        self.authorization = authorization_text(gift, found) if found else ""
        super().__init__(data, initial={"bank": found[0] if found else None})
        self.fields["bank"].queryset = banks  # type: ignore[attr-defined]
        self.fields["authorize"].label = self.authorization


class RetryForm(ApproveForm):
    """The same once more; `after` names the try that came to nothing: one form, one new try."""

    after = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, gift: Gift, banks: QuerySet[BankAccount]) -> None:
        super().__init__(data, gift=gift, banks=banks)
        self.initial["after"] = gift.purchase_id


class DeclineForm(forms.Form):
    """Why a gift is declined; the giver reads it, so the parent looks it over first."""

    reason = FreeText(
        label=_("Your words to the giver"),
        max_length=200,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        reader=_("The giver reads your words by e-mail and on the gift's page, as they stand."),
    )
    read_over = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, giver: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["reason"]
        field.reader = (
            _("Your words are sent to %s as they stand. Leave it empty to give no reason.") % giver
        )

    @property
    def needs_look(self) -> bool:
        """Say whether there are words the parent has not seen as the giver will."""
        data = self.cleaned_data
        return bool(data["reason"]) and not data["read_over"]


class DeclineAlikeForm(forms.Form):
    """Decline all that was shown; what came later was not."""

    until = forms.DateTimeField(widget=forms.HiddenInput)
    report = forms.BooleanField(required=False)


class LinkForm(forms.Form):
    """One more gift link of a child."""

    name = FreeText(
        label=_("What is it for?"),
        max_length=40,
        help_text=_("Like “Birthday card” or “Grandma”."),
        reader=_("You read it here; our staff can see it too. Who gives does not."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    open_until = forms.DateField(
        label=_("Last day"),
        required=False,
        help_text=_("Nobody can give by it after this day."),
        error_messages={"invalid": _("Choose a day, or write it like 06/15/2027.")},
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    most_gifts = forms.IntegerField(
        label=_("How many gifts at most"),
        required=False,
        min_value=1,
        max_value=1000,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())

    def terms(self) -> LinkTerms:
        """Return what was filled in, once valid."""
        data = self.cleaned_data
        return LinkTerms(data["name"], data["open_until"], data["most_gifts"])
