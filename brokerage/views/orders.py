"""Buying and selling by the custodian, and the orders of a child's account."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.pages import ParentPage, show_refusal
from accounts.queries import get_child_or_404
from brokerage import operations, queries
from brokerage.buying_power import get_buying_power, get_free_shares
from brokerage.models import BrokerAccount, Order
from brokerage.order_cards import order_card, order_row, ticket_card
from brokerage.order_forms import OrderForm
from brokerage.order_rules import OrderTicket, check_answers, check_order
from brokerage.words.accounts import describe_account
from core import clock
from core.errors import DomainError
from core.forms import check_also
from core.paging import cut_page
from core.problems import refusals_shown


class Orders(ParentPage):
    """Everything that was bought and sold in a child's account, or is about to be."""

    template_name = "brokerage/orders.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        child = get_child_or_404(self.parent, pk=kwargs["pk"])
        account = BrokerAccount.objects.filter(child=child).first()
        rows = queries.list_orders(account) if account else Order.objects.none()
        orders, more = cut_page(self.request, rows, by="created_at")
        return {
            "child": child,
            "orders": [order_row(order) for order in orders],
            "more": more,
            "place_url": reverse("place-order", args=[child.pk]),
        }


class OrderPage(ParentPage):
    template_name = "brokerage/order.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        order = queries.get_order_or_404(self.parent, pk=kwargs["pk"])
        return {
            "order": order_card(order),
            "child": order.account.child,
            "follows": order.status in Order.UNDER_WAY,
        }


class PlaceOrder(ParentPage):
    """The order ticket: filled in, read over, and only then placed."""

    template_name = "brokerage/place_order.html"
    halted_by = "halt-orders"

    def is_closing(self, context: dict[str, Any]) -> bool:
        return "form" in context

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        child = get_child_or_404(self.parent, pk=kwargs["pk"])
        account = BrokerAccount.objects.select_related("child").filter(child=child).first()
        if account is None or account.status != BrokerAccount.Status.OPEN:
            note = describe_account(account)[1]
            return self.render_to_response({"child": child, "blocked_reason": note})
        return self._show(account, OrderForm(account=account, asked=request.GET.dict()))

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        account = queries.get_account_or_404(self.parent, child_id=pk)
        form = OrderForm(request.POST, account=account)
        if not form.is_valid():
            check_also(
                form, lambda _good: check_answers(account, form.understood(), at=clock.now())
            )
            return self._show(account, form, status=422)
        ticket = form.ticket()
        operations.refresh_terms(ticket.instrument, at=clock.now())
        try:
            if "confirm" in request.POST:
                return self._place(account, ticket)
            check_order(account, ticket, at=clock.now())
        except DomainError as refusal:
            show_refusal(form, refusal)
            return self._show(account, form, status=422)
        return self._review(account, ticket, form)

    def _place(self, account: BrokerAccount, ticket: OrderTicket) -> HttpResponse:
        order = operations.place_order(
            account=account, ticket=ticket, by=self.parent, at=clock.now()
        )
        messages.success(self.request, _("Your order is placed."))
        return redirect("order", pk=order.pk)

    def _review(self, account: BrokerAccount, ticket: OrderTicket, form: OrderForm) -> HttpResponse:
        self.template_name = "brokerage/review_order.html"
        answers = form.answers()
        kept = urlencode({k: v for k, v in answers.items() if k != "form_key"})
        return self.render_to_response(
            {
                "child": account.child,
                "ticket": ticket_card(ticket, at=clock.now()),
                "answers": answers.items(),
                "place_url": reverse("place-order", args=[account.child_id]),
                "change_url": f"{reverse('place-order', args=[account.child_id])}?{kept}",
            }
        )

    def _show(self, account: BrokerAccount, form: OrderForm, status: int = 200) -> HttpResponse:
        return self.render_to_response(
            {
                "child": account.child,
                "form": form,
                "free_cash": get_buying_power(account).free,
                "held": [self._held(account, row.instrument) for row in _holdings(account)],
            },
            status=status,
        )

    def _held(self, account: BrokerAccount, instrument: Any) -> dict[str, Any]:
        free = get_free_shares(account, instrument)
        everything = {"side": "SELL", "symbol": instrument.symbol, "quantity": f"{free:f}"}
        url = f"{reverse('place-order', args=[account.child_id])}?{urlencode(everything)}"
        return {"symbol": instrument.symbol, "free": free, "sell_url": url if free else ""}


def _holdings(account: BrokerAccount) -> Any:
    held = account.holdings.filter(quantity__gt=0).select_related("instrument")
    return held.order_by("instrument__name")


class CancelOrder(ParentPage):
    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the order: who has to sign in first comes back here by GET."""
        return redirect("order", pk=kwargs["pk"])

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        order = queries.get_order_or_404(self.parent, pk=pk)
        with refusals_shown(request):
            canceled = operations.cancel_order(order=order, by=self.parent, at=clock.now())
            if canceled.status == canceled.Status.CANCELED:
                messages.success(request, _("The order is canceled."))
            else:
                text = _("We have asked the broker to cancel it. This takes a moment.")
                messages.success(request, text)
        return redirect("order", pk=order.pk)
