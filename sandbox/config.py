"""Everything a sandbox can be told before it starts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from sandbox.documented import FULL


@dataclass(frozen=True)
class Config:
    """Settings of one world. Delays are seconds of world time.

    ``start_at`` lets a test begin on a date of its choice; without it the world starts now.
    ``mail_folder`` is where the application puts its mail as files, ``site_url`` its address, for
    links to its pages. ``rate_limit`` is vendor calls a second per application key, 0 for none
    (DriveWealth's own sandbox allows 5). ``answers`` says whether a vendor tells all that the
    sandbox knows, or no more than its own description says.
    """

    host: str = "127.0.0.1"
    port: int = 8801
    state_path: Path | None = None
    clock_file: Path | None = None
    mail_folder: Path | None = None
    site_url: str = ""
    relay_url: str = ""
    relay_secret: str = ""
    start_at: datetime | None = None
    quiet: bool = True

    client_id: str = "sandbox-client"
    client_secret: str = "sandbox-secret"  # noqa: S105 - known to all, and guards nothing
    app_key: str = "sandbox-app-key"

    bank_key: str = "sandbox-bank-key"
    plaid_client_id: str = "sandbox-plaid-client"
    plaid_secret: str = "sandbox-plaid-secret"  # noqa: S105 - likewise
    # As registered in Plaid's dashboard: where banks with OAuth may send people back to.
    plaid_redirect_uris: tuple[str, ...] = ("http://127.0.0.1:8000/links/back/",)
    spinwheel_key: str = "sandbox-spinwheel-key"
    spinwheel_slow_seconds: float = 35.0

    # Which edition of the vendor's description requests are held to; see `drivewealth.editions`.
    edition: str = "2026-08-26"
    # What the vendor requires of some partners alone: where money comes from, what somebody does.
    requires_funding_sources: bool = False
    requires_position: bool = False
    kyc_delay: Decimal = Decimal(2)
    account_delay: Decimal = Decimal(2)
    fill_delay: Decimal = Decimal(1)
    settlement_banking_days: int = 4
    minimum_deposit: Decimal = Decimal("1.00")
    rate_limit: int = 0
    answers: str = FULL
