"""Banks a parent links, confirms, picks for gifts, and unlinks."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import agreements
from accounts.pages import ParentPage, get_ip_address, show_refusal
from brokerage import operations, queries
from brokerage.connections import list_choices, list_items
from brokerage.forms import BankForm, ConfirmForm
from brokerage.microdeposits import is_sending_possible
from brokerage.models import BankAccount
from brokerage.under_way import describe_waiting, find_last_day, list_under_way
from brokerage.words.banks import describe_bank, describe_item, describe_verification
from core import clock
from core.errors import DomainError
from core.forms import check_also
from core.problems import refusals_shown
from prefill.models import PlaidItem
from prefill.pages import PlaidPage, can_connect_banks

Status = BankAccount.Status


class Banks(PlaidPage):
    template_name = "brokerage/banks.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = list(queries.list_banks(self.parent))
        rows = [_bank_row(bank) for bank in found]
        items = [_item_row(item) for item in list_items(self.parent)]
        return super().get_context_data(**kwargs) | {
            "banks": rows,
            "follows": any(bank.status == Status.INTENDED for bank in found),
            "can_link": is_sending_possible(),
            "can_connect": can_connect_banks(self.parent),
            "items": items,
            "can_choose": bool(items and list_choices(self.parent)),
        }


def _item_row(item: PlaidItem) -> dict[str, Any]:
    badge, note = describe_item(item)
    needs_parent = item.status == PlaidItem.Status.NEEDS_USER
    return {
        "pk": item.pk,
        "name": item.institution_name or _("Your bank"),
        "badge": badge,
        "note": note,
        "needs_parent": needs_parent,
        "remove_url": reverse("remove-connection", args=[item.pk]),
    }


def _bank_row(bank: BankAccount) -> dict[str, Any]:
    at = clock.now()
    progress = queries.get_verification(bank, at=at)
    can_verify_again = bank.status == Status.DISABLED and bank.source == bank.Source.NUMBERS
    can_be_primary = bank.status == Status.ACTIVE and not bank.is_primary

    def address(name: str, possible: object) -> str:
        return reverse(name, args=[bank.pk]) if possible else ""

    return {
        "label": str(bank),
        "bank_name": " · ".join(name for name in (bank.nickname, bank.bank_name) if name),
        "note": describe_verification(bank, at=at),
        "badge": describe_bank(bank),
        "is_primary": bank.is_primary,
        "confirm_url": address("confirm-bank", progress and progress.can_confirm),
        "resend_url": address("resend-micro-deposits", progress and progress.can_resend),
        "authorization": agreements.BANK_LINK,
        "verify_url": address("verify-bank-again", can_verify_again and is_sending_possible()),
        "primary_url": address("make-bank-primary", can_be_primary),
        "remove_url": address("remove-bank", bank.can_move_to(Status.REMOVED)),
    }


class LinkBank(ParentPage):
    template_name = "brokerage/link_bank.html"
    delayed_by = "halt-deposits"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not is_sending_possible():
            return redirect("banks")
        return self.render_to_response({"form": BankForm(initial={"account_type": "CHECKING"})})

    def post(self, request: HttpRequest) -> HttpResponse:
        form = BankForm(request.POST)
        check_also(form, partial(operations.check_numbers, self.parent, at=clock.now()))
        if form.is_valid():
            try:
                operations.link_bank(
                    parent=self.parent,
                    numbers=form.numbers(),
                    at=clock.now(),
                    ip_address=get_ip_address(request),
                )
            except DomainError as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(
                    request,
                    _("We are sending two small deposits to your account to see that it is yours."),
                )
                return redirect("banks")
        return self.render_to_response({"form": form}, status=422)


class ConfirmBank(ParentPage):
    """Where a parent types the two amounts they have found in their account."""

    template_name = "brokerage/confirm_bank.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        bank = queries.get_bank_or_404(self.parent, pk=kwargs["pk"])
        return self._show(bank)

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        bank = queries.get_bank_or_404(self.parent, pk=pk)
        form = ConfirmForm(request.POST)
        if not form.is_valid():
            return self._show(bank, form)
        try:
            operations.confirm_bank(
                bank=bank,
                cents=form.cents(),
                by=self.parent,
                at=clock.now(),
                tries_left=form.cleaned_data["tries_left"],
            )
        except DomainError as refusal:
            show_refusal(form, refusal)
            return self._show(queries.get_bank_or_404(self.parent, pk=pk), form)
        messages.success(request, _("Thank you, the account is yours. It is being linked now."))
        return redirect("banks")

    def _show(self, bank: BankAccount, form: ConfirmForm | None = None) -> HttpResponse:
        """Show the form with the tries that are left now; without any, the banks."""
        progress = queries.get_verification(bank, at=clock.now())
        if progress is None or not progress.can_confirm:
            for sentence in form.non_field_errors() if form else []:
                messages.error(self.request, str(sentence))
            return redirect("banks")
        context = {
            "form": form or ConfirmForm(),
            "account": str(bank),
            "nickname": bank.nickname,
            "tries_left": progress.tries_left,
            "note": describe_verification(bank, at=clock.now()),
            "expires_on": progress.expires_at,
        }
        return self.render_to_response(context, status=422 if form else 200)


class BankButton(ParentPage):
    """A button beside a bank: it does one thing and leads back to the banks."""

    act: Callable[..., object]  # an operation of (bank, by, at), kept as a static method
    done: Promise

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the banks: who has to sign in first comes back here by GET."""
        return redirect("banks")

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        bank = queries.get_bank_or_404(self.parent, pk=pk)
        with refusals_shown(request):
            self.do(bank)
            messages.success(request, str(self.done))
        return redirect("banks")

    def do(self, bank: BankAccount) -> None:
        self.act(bank=bank, by=self.parent, at=clock.now())


class RemoveBank(BankButton):
    """Remove a bank account, after saying what that stops."""

    template_name = "brokerage/remove_bank.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        bank = queries.get_bank_or_404(self.parent, pk=kwargs["pk"])
        if not bank.can_move_to(Status.REMOVED):
            return redirect("banks")
        rows = list_under_way([bank])
        others = queries.list_usable_banks(self.parent).exclude(pk=bank.pk)
        context = {
            "bank": bank,
            "under_way": [{"row": row, "note": describe_waiting(row)} for row in rows],
            "free_on": find_last_day(rows),
            "was_active": bank.status == Status.ACTIVE,
            "next_one": str(others[0]) if others else "",
        }
        return self.render_to_response(context)

    done = gettext_lazy("The bank is removed.")
    act = staticmethod(operations.remove_bank)


class MakeBankPrimary(BankButton):
    done = gettext_lazy("Gifts are paid from this account now, unless you choose another one.")
    act = staticmethod(operations.make_primary)


class ResendMicroDeposits(BankButton):
    done = gettext_lazy("We are sending two new deposits. The earlier amounts count no more.")
    act = staticmethod(operations.resend_micro_deposits)


class VerifyBankAgain(BankButton):
    done = gettext_lazy("We are sending two small deposits to see that the account is yours.")

    def do(self, bank: BankAccount) -> None:
        operations.verify_bank_again(
            bank=bank, by=self.parent, at=clock.now(), ip_address=get_ip_address(self.request)
        )
