"""Banks connected by Plaid: choosing an account for gifts, and ending a connection."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.pages import ParentPage, get_ip_address, show_refusal
from brokerage.connections import (
    describe_ending,
    get_item_or_404,
    link_connected_account,
    list_choices,
    remove_connection,
)
from brokerage.forms import ChooseBankForm
from brokerage.models import BankAccount
from brokerage.under_way import describe_end
from core import clock
from core.errors import DomainError
from core.problems import refusals_shown
from prefill.models import PlaidItem
from prefill.pages import get_progress


class ChooseBank(ParentPage):
    """Choose the account gifts are paid from, without typing its numbers."""

    template_name = "brokerage/choose_bank.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not hasattr(self.parent, "profile"):
            messages.info(request, _("First tell us about yourself; then you can link a bank."))
            return redirect("kyc")
        choices = list_choices(self.parent)
        if not choices:
            return redirect("banks")
        return self._show(ChooseBankForm(choices=choices))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = ChooseBankForm(request.POST, choices=list_choices(self.parent))
        if form.is_valid():
            try:
                bank = link_connected_account(
                    parent=self.parent,
                    account_pk=UUID(form.cleaned_data["account"]),
                    at=clock.now(),
                    ip_address=get_ip_address(request),
                )
            except DomainError as refusal:
                show_refusal(form, refusal)
            else:
                return self._tell(request, bank)
        return self._show(form, status=422)

    @staticmethod
    def _tell(request: HttpRequest, bank: BankAccount) -> HttpResponse:
        if bank.status == BankAccount.Status.HELD:
            messages.warning(request, _("This account is not linked yet: see below what to do."))
            return redirect("banks")
        messages.success(request, _("Your bank account is being linked."))
        return redirect("home")

    def _show(self, form: ChooseBankForm, status: int = 200) -> HttpResponse:
        return self.render_to_response({"form": form, "progress": get_progress(3)}, status=status)


class RemoveConnection(ParentPage):
    """End a connection, after saying what that means."""

    template_name = "brokerage/remove_connection.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        item = get_item_or_404(self.parent, pk=kwargs["pk"])
        return self.render_to_response(self._describe(item))

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        item = get_item_or_404(self.parent, pk=pk)
        with refusals_shown(request):
            remove_connection(parent=self.parent, item=item, at=clock.now())
            messages.success(request, _("The connection is removed."))
        return redirect("banks")

    def _describe(self, item: PlaidItem) -> dict[str, Any]:
        ending = describe_ending(self.parent, item)
        return {
            "name": item.institution_name or _("your bank"),
            "banks": [str(bank) for bank in ending.banks],
            "next_one": str(ending.others[0]) if ending.others else "",
            "waits": [
                {"row": row, "note": describe_end(row, must_arrive=True)} for row in ending.waits
            ],
            "goes_on": [
                {"row": row, "note": describe_end(row, must_arrive=False)} for row in ending.goes_on
            ],
            "free_on": ending.free_on,
        }
