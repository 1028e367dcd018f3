"""Companies' actions on the compliance desk."""

from django import forms
from django.contrib import admin

from brokerage.models import CompanyAction
from brokerage.operations.company_actions import file_basis
from brokerage.operations.movements import TAKEN_AS
from core.deskactions import ActingAdmin, DeskAction, ReasonForm


class BasisForm(ReasonForm):
    """What the shares cost afterwards, and of a spin-off whose cost that is taken from."""

    basis = forms.DecimalField(
        label="Dollars the new shares cost",
        min_value=0,
        max_digits=18,
        decimal_places=2,
        help_text="As the broker says, or by the company's Form 8937. After a split, or where a "
        "part of a share was paid in cash: what those cost that are left. Worthless shares: 0. "
        "Money given back, and a dividend in shares that is not taxed and paid no cash: 0, what "
        "they cost follows by itself.",
    )
    taxed = forms.BooleanField(
        label="It is income of that day",
        help_text="A dividend in shares that is taxed, a payment that is a dividend, or a merger "
        "that counts as a sale.",
        required=False,
    )
    parent = forms.CharField(
        label="Of a spin-off: symbol of the company that gave the shares",
        max_length=20,
        required=False,
    )
    sold_basis = forms.DecimalField(
        label="Of a spin-off: dollars the part of a share cost that was paid in cash",
        min_value=0,
        max_digits=18,
        decimal_places=2,
        required=False,
    )
    field_order = ("basis", "taxed", "parent", "sold_basis", "reason")


class TakenAsForm(ReasonForm):
    """As what an entry is taken into our books, where the broker's word does not say it."""

    taken_as = forms.ChoiceField(
        label="What it is",
        choices=[("", "What the broker calls it")]
        + [(kind.value, kind.label) for kind in TAKEN_AS],
        required=False,
        help_text="Of what is about shares, the next question is what they cost afterwards: rule "
        "or the broker's figure answers it, or it waits for you among the companies' actions.",
    )
    field_order = ("taken_as", "reason")


def _suggest(action: CompanyAction) -> dict[str, object]:
    return {"parent": action.parent.symbol} if action.parent else {}


class CompanyActionAdmin(ActingAdmin):
    list_display = ("kind", "account", "status", "happened_at", "basis", "known_by", "settled_at")
    list_filter = ("status", "kind", "known_by")
    list_select_related = ("account",)
    ordering = ("-happened_at",)
    readonly_fields = ("legs_told",)
    desk_actions = (
        DeskAction(
            "file",
            "File what the shares cost",
            file_basis,
            lambda action: action.status == CompanyAction.Status.OPEN,
            form=BasisForm,
            initial=_suggest,
            done="Filed. The account's gains are worked out by it, and its case is closed.",
            explanation="Shares and cash are in our books already; this decides about cost alone.",
        ),
    )

    @admin.display(description="legs")
    def legs_told(self, action: CompanyAction) -> str:
        """What the broker booked, leg by leg."""
        rows = action.legs.select_related("instrument").order_by("happened_at")
        told = [
            f"{row.get_kind_display()} {row.quantity.normalize():f} {row.instrument}, ${row.amount}"
            for row in rows
        ]
        return "; ".join(told) or "—"
