"""Pages of a family: home, a child, and the gifts of one."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from accounts.pages import ParentPage
from accounts.queries import get_child_or_404, list_children
from brokerage.figures import LABELS
from brokerage.words.accounts import describe_account
from core import clock
from core.paging import cut, cut_page
from core.problems import refusals_shown
from core.qr import qr_svg
from gifting import cards, queries
from gifting.portfolio import add_what_waits, get_portfolio, get_portfolios
from gifting.todo import list_to_do, put_away

LATEST = 20  # gifts on a child's page; all of them have a page of their own


class Home(ParentPage):
    template_name = "gifting/home.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        children = list(list_children(self.parent).select_related("broker_user", "account"))
        portfolios = get_portfolios(children)
        add_what_waits(portfolios)
        profile = getattr(self.parent, "profile", None)
        steps = cards.setup_steps(self.parent, children, portfolios)
        setup_open = not all(step.done for step in steps)
        to_do = list_to_do(self.parent, at=clock.now(), children=children)
        return {
            "parent_name": profile.first_name if profile else "",
            "steps": steps,
            "setup_open": setup_open,
            "children": [cards.child_card(child, portfolios[child.pk]) for child in children],
            "needs": [one for one in to_do if not (setup_open and one.in_setup)],
            "follows": any(step.waiting for step in steps),
            "can_add_child": profile is not None,
        }


class PutAway(ParentPage):
    """Take something that can only be read off the list."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return redirect("home")

    def post(self, request: HttpRequest) -> HttpResponse:
        with refusals_shown(request):
            put_away(request.POST.get("what", ""), by=self.parent, at=clock.now())
        return redirect("home")


class ChildPage(ParentPage):
    template_name = "gifting/child.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        child = get_child_or_404(self.parent, pk=kwargs["pk"])
        portfolio = get_portfolio(child)
        add_what_waits({child.pk: portfolio})
        badge, note = describe_account(portfolio.account)
        link = settings.SITE_URL + reverse("give", args=[child.gift_code])
        gifts = queries.list_gifts(self.parent).filter(child=child)
        latest = cut(gifts, by="given_at", size=LATEST)
        return {
            "child": cards.child_head(child, today=clock.today()),
            "badge": badge,
            "account_note": note,
            "account_links": cards.account_links(child),
            "figures": portfolio.figures,
            "labels": LABELS,
            "history_url": reverse("history", args=[child.pk]),
            "waiting": portfolio.waiting,
            "checked_at": portfolio.account.checked_at if portfolio.account else None,
            "check_url": reverse("check-now", args=[child.pk]) if portfolio.account else "",
            "holdings": [cards.holding_row(holding) for holding in portfolio.holdings],
            "gifts": [cards.gift_row(gift) for gift in latest.rows],
            "all_gifts_url": reverse("child-gifts", args=[child.pk]) if latest.next else "",
            "gift_link": link,
            "links_url": reverse("gift-links", args=[child.pk]),
            "qr": qr_svg(link),
            "can_share": True,
        }


class ChildGifts(ParentPage):
    """Every gift a child was ever given."""

    template_name = "gifting/child_gifts.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        child = get_child_or_404(self.parent, pk=kwargs["pk"])
        rows = queries.list_gifts(self.parent).filter(child=child)
        gifts, more = cut_page(self.request, rows, by="given_at")
        return {
            "child": child,
            "gifts": [cards.gift_row(gift) for gift in gifts],
            "more": more,
        }
