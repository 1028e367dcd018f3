"""Banks a parent links, and unlinks."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.pages import ParentPage, show_refusal
from brokerage import operations, queries, words
from brokerage.forms import BankForm
from brokerage.models import BankAccount
from core import clock
from core.errors import DomainError
from core.problems import refusals_shown


class Banks(ParentPage):
    template_name = "brokerage/banks.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = [_bank_row(bank) for bank in queries.list_banks(self.parent)]
        return {"banks": rows, "can_link": settings.MANUAL_BANK_LINKING}


def _bank_row(bank: BankAccount) -> dict[str, Any]:
    removable = bank.can_move_to(BankAccount.Status.REMOVED)
    return {
        "label": str(bank),
        "bank_name": bank.refusal or bank.nickname,
        "badge": words.describe_bank(bank),
        "is_primary": bank.is_primary,
        "remove_url": reverse("remove-bank", args=[bank.pk]) if removable else "",
    }


class LinkBank(ParentPage):
    template_name = "brokerage/link_bank.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.render_to_response({"form": BankForm(initial={"account_type": "CHECKING"})})

    def post(self, request: HttpRequest) -> HttpResponse:
        form = BankForm(request.POST)
        if form.is_valid():
            try:
                operations.link_bank(parent=self.parent, numbers=form.numbers(), at=clock.now())
            except DomainError as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(request, _("Your bank is being linked. This takes a moment."))
                return redirect("banks")
        return self.render_to_response({"form": form}, status=422)


class RemoveBank(ParentPage):
    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the banks: who has to sign in first comes back here by GET."""
        return redirect("banks")

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        bank = queries.get_bank_or_404(self.parent, pk=pk)
        with refusals_shown(request):
            operations.remove_bank(bank=bank, by=self.parent, at=clock.now())
            messages.success(request, _("The bank is removed."))
        return redirect("banks")
