"""Pages about what an account holds over time: history, papers, and a check on demand."""

from datetime import date
from itertools import groupby
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.pages import ParentPage
from accounts.queries import get_child_or_404
from brokerage import operations, queries
from brokerage.charts import draw
from brokerage.figures import LABELS, get_figures
from brokerage.models import AccountPaper, BrokerAccount
from brokerage.performance import Day, Performance, Period, measure
from brokerage.words.actions import describe_actions
from core import clock
from core.paging import cut_page
from core.problems import refusals_shown

PERIODS = {
    Period.MONTH: gettext_lazy("1 month"),
    Period.QUARTER: gettext_lazy("3 months"),
    Period.YEAR: gettext_lazy("1 year"),
    Period.ALL: gettext_lazy("All time"),
}


class History(ParentPage):
    """What a child's account was worth over time, against the money put in."""

    template_name = "brokerage/history.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        child = get_child_or_404(self.parent, pk=kwargs["pk"])
        account = BrokerAccount.objects.filter(child=child).first()
        chosen = read_period(self.request.GET.get("period", ""))
        days = queries.list_days(account) if account else []
        found = measure(days, chosen, today=clock.today())
        url = reverse("history", args=[child.pk])
        periods = [
            {"label": label, "url": f"{url}?period={one}", "current": one == chosen}
            for one, label in PERIODS.items()
        ]
        context = {
            "child": child,
            "child_url": reverse("child", args=[child.pk]),
            "periods": periods,
            "found": found,
        }
        if account is None or found is None:
            return context
        return context | {
            "chart": draw(found.days),
            "months": list_months(found),
            "figures": get_figures(account),
            "labels": LABELS,
            "actions": describe_actions(
                queries.list_company_actions(account), queries.list_not_understood(account)
            ),
            "checked_at": account.checked_at,
        }


class Papers(ParentPage):
    """Statements, trade confirmations and tax forms, by year."""

    template_name = "brokerage/papers.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        child = get_child_or_404(self.parent, pk=kwargs["pk"])
        account = BrokerAccount.objects.filter(child=child).first()
        rows = queries.list_papers(account) if account else AccountPaper.objects.none()
        papers, more = cut_page(self.request, rows, by="on")
        years = groupby(papers, key=lambda paper: (paper.on or paper.noticed_at.date()).year)
        return {
            "child": child,
            "child_url": reverse("child", args=[child.pk]),
            "more": more,
            "years": [(year, list(rows)) for year, rows in years],
        }


class OpenPaper(ParentPage):
    """Send the reader to the broker's own copy, by a link that lives for minutes."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        paper = queries.get_paper_or_404(self.parent, pk=kwargs["pk"])
        answer: HttpResponse = redirect("papers", pk=paper.account.child_id)
        with refusals_shown(request):
            link = operations.open_paper(paper, by=self.parent, at=clock.now())
            answer = HttpResponseRedirect(link)
        answer["Cache-Control"] = "no-store"
        answer["Referrer-Policy"] = "no-referrer"
        return answer


class CheckNow(ParentPage):
    """Have an account read at the broker now."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return redirect("child", pk=kwargs["pk"])

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        account = queries.get_account_or_404(self.parent, child_id=pk)
        if operations.ask_sync(account, by=self.parent, at=clock.now()):
            messages.success(
                request, _("We are asking the broker. Load this page again in a moment.")
            )
        else:
            messages.info(request, _("We asked a moment ago. Please wait half a minute."))
        return redirect("child", pk=pk)


def read_period(text: str) -> Period:
    """Return the period of that name; of another name the whole time."""
    return Period(text) if text in list(Period) else Period.ALL


def list_months(found: Performance) -> list[dict[str, Any]]:
    """Return the last known evening of each month of a period, the latest first."""
    rows = []
    before = found.days[0]
    for _month, days in groupby(found.days[1:], key=lambda day: (day.on.year, day.on.month)):
        last = list(days)[-1]
        rows.append(_month_row(last, before))
        before = last
    return rows[::-1]


def _month_row(last: Day, before: Day) -> dict[str, Any]:
    put_in = last.paid_in - before.paid_in
    return {
        "month": date(last.on.year, last.on.month, 1),
        "value": last.value,
        "put_in": put_in,
        "gain": last.value - before.value - put_in,
    }
