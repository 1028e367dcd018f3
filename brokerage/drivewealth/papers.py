"""Statements, trade confirmations and tax forms at DriveWealth.

Lists tell a name and a key; the key buys a link that lives shortly and is never stored.
"""

from datetime import date
from typing import Any

from brokerage.drivewealth import schemas
from brokerage.drivewealth.wire import Wire, part, read, read_link, read_rows
from brokerage.gateway import Listing, Paper


class Papers(Wire):
    def list_statements(self, account_id: str, *, since: date, until: date) -> Listing[Paper]:
        """Ask for the month-end statements of a period."""
        return self._papers(account_id, "statements", since, until)

    def list_confirmations(self, account_id: str, *, since: date, until: date) -> Listing[Paper]:
        """Ask for the trade confirmations of a period."""
        return self._papers(account_id, "confirms", since, until)

    def list_tax_forms(self, account_id: str, *, since: date, until: date) -> Listing[Paper]:
        """Ask for the tax forms of a period."""
        return self._papers(account_id, "taxforms", since, until)

    def get_paper_link(self, account_id: str, paper_key: str) -> str:
        """Ask for a short-lived address of a paper; never store or log it."""
        path = f"/statements/{part(account_id)}/{part(paper_key)}"
        return read(read_link, self._get(path, label="/statements/:id/:key"))

    def _papers(self, account_id: str, kind: str, since: date, until: date) -> Listing[Paper]:
        found = self._list(
            f"/accounts/{part(account_id)}/{kind}",
            params={"from": since.isoformat(), "to": until.isoformat()},
            label=f"/accounts/:id/{kind}",
        )
        return read_rows(_read_paper, found)


def _read_paper(row: dict[str, Any]) -> Paper:
    """Read one row of a list; its key starts with the day, as YYYYMMDD."""
    key = schemas.read_id(row, "fileKey")
    return Paper(key=key, name=str(row.get("displayName") or key), on=_read_day(key))


def _read_day(key: str) -> date | None:
    try:
        return date.fromisoformat(key[:8])
    except ValueError:
        return None
