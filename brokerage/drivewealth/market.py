"""What can be bought at DriveWealth, and what it costs."""

from typing import Any

from brokerage.drivewealth import schemas
from brokerage.drivewealth.wire import Wire, part, read, read_rows
from brokerage.gateway import Listing, Quote, Security, SecurityTerms
from core.vendors import Unavailable


class Market(Wire):
    def list_securities(self) -> Listing[Security]:
        """Ask for the whole catalogue; DriveWealth wants this at most twice a day."""
        found = self._list("/instruments", params={"status": "ACTIVE"}, label="/instruments")
        if not found:
            raise Unavailable("DriveWealth sent an empty catalogue")
        return read_rows(schemas.read_security, found)

    def get_security(self, symbol: str) -> SecurityTerms:
        """Ask how a security trades, by its symbol or the broker's id."""
        path = f"/instruments/{part(symbol)}"
        return read(_read_terms, self._get(path, label="/instruments/:id"))

    def list_quotes(self, symbols: list[str]) -> Listing[Quote]:
        """Ask for the last trades of some symbols."""
        found = self._list("/quotes", params={"symbols": ",".join(symbols)}, label="/quotes")
        return read_rows(schemas.read_quote, found)


def _read_terms(body: dict[str, Any]) -> SecurityTerms:
    """Read GET /instruments/{id}; a status nobody told us of is one to wait at."""
    days = schemas.told(body, "settlementDays")
    return SecurityTerms(
        id=schemas.read_id(body, "id", "instrumentID"),
        symbol=schemas.text(body, "symbol"),
        name=str(body.get("name") or body["symbol"])[: schemas.LONGEST_NAME],
        status=schemas.security_status(body["status"]),
        smallest_order=schemas.told(body, "orderSizeMin"),
        largest_order=schemas.told(body, "orderSizeMax"),
        order_step=schemas.told(body, "orderSizeStep"),
        settlement_days=int(days) if days else None,
    )
