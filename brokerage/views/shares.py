"""The page on which parents look for shares."""

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from accounts.models import Child, Parent
from accounts.pages import ParentPage
from accounts.queries import list_children
from brokerage import search
from brokerage.models import BrokerAccount, Instrument
from brokerage.operations import refresh_prices
from core import clock


class SearchShares(ParentPage):
    """Shares a custodial account may hold, by symbol or name."""

    template_name = "brokerage/search_shares.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        text = self.request.GET.get("q", "").strip()[: search.LONGEST]
        part = search.search_instruments(text)
        found = part.rows
        refresh_prices(found, at=clock.now())
        children = list(_list_buyers(self.parent)) if found else []
        rows = [{"share": share, "buys": _list_buys(share, children)} for share in found]
        return {"q": text, "longest": search.LONGEST, "has_more": bool(part.next), "found": rows}


def _list_buyers(parent: Parent) -> Any:
    """Return the children in whose accounts shares can be bought."""
    return list_children(parent).filter(account__status=BrokerAccount.Status.OPEN)


def _list_buys(share: Instrument, children: list[Child]) -> list[dict[str, str]]:
    """Return where each child's order for a share begins."""
    query = urlencode({"symbol": share.symbol})
    return [
        {"name": child.first_name, "url": f"{reverse('place-order', args=[child.pk])}?{query}"}
        for child in children
    ]
