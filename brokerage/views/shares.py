"""The page on which parents look for shares."""

from typing import Any

from accounts.pages import ParentPage
from brokerage import search
from brokerage.operations import refresh_prices
from core import clock


class SearchShares(ParentPage):
    """Shares a custodial account may hold, by symbol or name."""

    template_name = "brokerage/search_shares.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        text = self.request.GET.get("q", "").strip()[: search.LONGEST]
        found = search.search_instruments(text)
        refresh_prices(found, at=clock.now())
        return {"q": text, "longest": search.LONGEST, "most": search.MOST, "found": found}
