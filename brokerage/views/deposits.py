"""Money a parent adds outside gifts: the form, one deposit, and where to send a wire to."""

from collections.abc import Mapping
from functools import partial
from typing import Any
from uuid import UUID

import structlog
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Child
from accounts.pages import ParentPage, get_ip_address, show_refusal
from accounts.queries import get_child_or_404
from brokerage import operations, queries, rules
from brokerage.connections import get_way_to_link
from brokerage.deposit_forms import AddMoneyForm
from brokerage.gateway import Coordinates, DepositInstructions, Rejected, Unavailable, get_broker
from brokerage.models import BrokerAccount, Deposit
from brokerage.operations.deposits import UNDER_WAY, DepositRequest
from brokerage.words.accounts import describe_account
from brokerage.words.deposits import PAUSED, describe_deposit, explain_deposit, get_authorization
from core import clock
from core.errors import DomainError
from core.forms import check_also
from core.paging import cut_page

log = structlog.get_logger()


class AddMoney(ParentPage):
    """The form, and below it what was added before."""

    template_name = "brokerage/add_money.html"
    halted_by = "halt-deposits"

    def is_closing(self, context: dict[str, Any]) -> bool:
        return context["form"] is not None

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._show(get_child_or_404(self.parent, pk=kwargs["pk"]))

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        child = get_child_or_404(self.parent, pk=pk)
        form = self._form(child, request.POST)
        if not form.is_valid():
            check_also(form, partial(self._check, child))
            return self._show(child, form)
        asked = DepositRequest(
            account=queries.get_account(child),
            bank=form.cleaned_data["bank"],
            amount=form.cleaned_data["amount"],
            authorization=form.authorization,
            form_key=form.cleaned_data["form_key"],
            ip_address=get_ip_address(request),
        )
        try:
            deposit = operations.start_deposit(asked, by=self.parent, at=clock.now())
        except DomainError as refusal:
            show_refusal(form, refusal)
            return self._show(child, form)
        messages.success(request, _("Thank you. We are asking your bank for the money now."))
        return redirect("deposit", pk=deposit.pk)

    def _check(self, child: Child, good: Mapping[str, Any]) -> None:
        operations.check_deposit(
            account=queries.get_account(child),
            bank=good.get("bank"),
            amount=good.get("amount"),
            by=self.parent,
            at=clock.now(),
        )

    def _form(self, child: Child, data: Any = None) -> AddMoneyForm:
        return AddMoneyForm(data, child=child, banks=queries.list_usable_banks(self.parent))

    def _show(self, child: Child, form: AddMoneyForm | None = None) -> HttpResponse:
        blocked = self._blocked(child)
        rows = queries.list_deposits(child)
        deposits, more = cut_page(self.request, rows, by="created_at", anchor="deposits")
        context = blocked | {
            "child": child,
            "form": form or (None if blocked else self._form(child)),
            "deposits": [deposit_row(row) for row in deposits],
            "more": more,
            "wire_url": reverse("wire", args=[child.pk]),
        }
        return self.render_to_response(context, status=422 if form else 200)

    def _blocked(self, child: Child) -> dict[str, Any]:
        """Say what is missing before money can be added."""
        account = queries.get_account(child)
        if account is None or account.status != BrokerAccount.Status.OPEN:
            note = describe_account(account)[1]
            return {"blocked_reason": note or _("The account is not open.")}
        if rules.is_paused(self.parent.pk):
            return {"blocked_reason": PAUSED}
        if not queries.list_usable_banks(self.parent).exists():
            url, action = get_way_to_link(self.parent)
            return {
                "blocked_reason": _("Link your bank first: the money comes from there."),
                "blocked_url": url,
                "blocked_action": action,
            }
        return {}


def deposit_row(deposit: Deposit) -> dict[str, Any]:
    """Return a deposit as lists show it."""
    return {
        "url": reverse("deposit", args=[deposit.pk]),
        "amount": deposit.amount,
        "for_gift": deposit.purchase_id is not None,
        "asked_on": deposit.created_at,
        "expected_on": deposit.expected_on if deposit.status in UNDER_WAY else None,
        "badge": describe_deposit(deposit),
    }


class DepositPage(ParentPage):
    """One deposit: how it stands, and what was authorized."""

    template_name = "brokerage/deposit.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        deposit = queries.get_deposit_or_404(self.parent, pk=kwargs["pk"])
        waits = deposit.status == Deposit.Status.INTENDED and rules.is_bank_paused(deposit.bank)
        ended_badly = deposit.status in (Deposit.Status.FAILED, Deposit.Status.RETURNED)
        own = deposit.purchase_id is None
        return deposit_row(deposit) | {
            "deposit": deposit,
            "child": deposit.account.child,
            "bank": str(deposit.bank),
            "explanation": PAUSED if waits else explain_deposit(deposit),
            "bad": ended_badly,
            "follows": deposit.status in UNDER_WAY,
            "authorization": get_authorization(deposit),
            "can_retry": own and ended_badly and rules.may_debit_again(deposit),
            "add_url": reverse("add-money", args=[deposit.account.child_id]),
        }


class Wire(ParentPage):
    """Where to send money to by wire or ACH from another bank; asked of the broker each time.

    The only page that shows these numbers in full: who sends money needs them.
    """

    template_name = "brokerage/wire.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        child = get_child_or_404(self.parent, pk=kwargs["pk"])
        account = queries.get_account(child)
        context: dict[str, Any] = {"child": child, "ways": [], "reason": ""}
        if account is None or account.status != BrokerAccount.Status.OPEN:
            note = describe_account(account)[1]
            return context | {"reason": note or _("The account is not open.")}
        try:
            told = get_broker().get_deposit_instructions(account.vendor_id)
        except (Unavailable, Rejected) as error:
            log.warning("instructions_not_read", account=str(account.pk), kind=type(error).__name__)
            return context | {
                "reason": _("The broker does not answer at the moment. Please try again later.")
            }
        return context | {"ways": _ways(told)}


def _ways(told: DepositInstructions) -> list[dict[str, Any]]:
    """Return the ways to pay in, each with its lines; what the broker does not tell is left out."""
    titled = [
        (_("Wire transfer within the United States"), told.wire),
        (_("ACH transfer you start at your bank"), told.ach),
        (_("Wire transfer from abroad"), told.foreign_wire),
    ]
    return [{"title": title, "lines": _lines(way)} for title, way in titled if way]


def _lines(way: Coordinates) -> list[dict[str, Any]]:
    lines = [
        (_("Beneficiary"), way.beneficiary, False),
        (_("Beneficiary's address"), way.beneficiary_address, False),
        (_("Account number"), way.account_number, True),
        (_("Routing number"), way.routing_number, True),
        (_("SWIFT code"), way.swift, True),
        (_("Bank"), way.bank, False),
        (_("Bank's address"), way.bank_address, False),
    ]
    return [
        {"label": label, "value": value, "is_number": is_number}
        for label, value, is_number in lines
        if value
    ]
