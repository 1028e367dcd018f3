"""From a row of the practice broker's desk to our page about it; only while we practise."""

from functools import reduce
from operator import or_

from django.conf import settings
from django.contrib.auth.mixins import LoginRequiredMixin
from django.db.models import Model, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views import View

from accounts.queries import get_parent
from brokerage.models import BankAccount, BrokerAccount, BrokerUser, Deposit, Order
from core.environments import moves_real_money

# What the desk calls its rows, and how we know from whose they are.
ROWS: dict[str, tuple[type[Model], tuple[str, ...]]] = {
    "accounts": (BrokerAccount, ("child__parent",)),
    "banks": (BankAccount, ("parent",)),
    "deposits": (Deposit, ("account__child__parent",)),
    "orders": (Order, ("account__child__parent",)),
    "users": (BrokerUser, ("parent", "child__parent")),
}


class FindPractice(LoginRequiredMixin, View):
    """Lead a parent to their own page about a row, and staff to the desk's."""

    def get(self, request: HttpRequest, kind: str, key: str) -> HttpResponse:
        if not settings.PRACTICE_DESK_URL or moves_real_money() or kind not in ROWS:
            raise Http404
        model, owners = ROWS[kind]
        if request.user.is_staff:
            row = get_object_or_404(model, vendor_id=key)
            name = model._meta.model_name
            return redirect(f"admin:{model._meta.app_label}_{name}_change", row.pk)
        parent = get_parent(request)
        is_own = reduce(or_, (Q(**{owner: parent}) for owner in owners))
        return redirect(_page(get_object_or_404(model, is_own, vendor_id=key)))


def _page(row: Model) -> str:
    match row:
        case BrokerAccount():
            return reverse("child", args=[row.child_id])
        case Deposit():
            return reverse("deposit", args=[row.pk])
        case Order():
            return reverse("order", args=[row.pk])
        case BankAccount():
            return reverse("banks")
        case BrokerUser(child_id=child) if child:
            return reverse("child-account", args=[child])
        case _:
            return reverse("kyc")
