"""Companies' actions on the compliance desk."""

from django import forms
from django.contrib import admin

from brokerage.models import CompanyAction
from brokerage.operations.company_actions import file_basis
from core.deskactions import ActingAdmin, DeskAction, ReasonForm


class BasisForm(ReasonForm):
    """What the shares cost afterwards, and of a spin-off whose cost that is taken from."""

    basis = forms.DecimalField(
        label="Dollars the new shares cost",
        min_value=0,
        max_digits=18,
        decimal_places=2,
        help_text="As the broker says, or by the company's Form 8937. Worthless shares: 0.",
    )
    parent = forms.CharField(
        label="Symbol of the company that gave them", max_length=20, required=False
    )
    field_order = ("basis", "parent", "reason")


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
            done="Filed. The account's gains are worked out by it, and its case is closed.",
            explanation="Shares and cash are in our books already; this decides about cost alone.",
        ),
    )

    @admin.display(description="legs")
    def legs_told(self, action: CompanyAction) -> str:
        """What the broker booked, leg by leg."""
        rows = action.legs.select_related("instrument").order_by("happened_at")
        told = [f"{row.quantity.normalize():f} {row.instrument}, ${row.amount}" for row in rows]
        return "; ".join(told) or "—"
