"""`manage.py reconcile [--account ID] [--csv]`: compare with the broker now, print what differs."""

import csv
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from brokerage.gateway import Rejected, Unavailable
from brokerage.models import BrokerAccount, ReconciliationBreak
from brokerage.operations import audit_account
from core import clock

HEADS = ("account", "kind", "symbol", "reference", "ours", "theirs", "since", "case")


class Command(BaseCommand):
    help = "Audit one account, or all, against the broker, and print the open differences."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--account", help="The id of one account of ours")
        parser.add_argument("--csv", action="store_true", help="Differences as CSV")

    def handle(self, *args: Any, **options: Any) -> None:
        accounts = BrokerAccount.objects.exclude(vendor_id="").order_by("created_at")
        if options["account"]:
            accounts = accounts.filter(pk=options["account"])
            if not accounts.exists():
                raise CommandError("There is no such account at the broker.")
        unread = 0
        for pk in accounts.values_list("pk", flat=True).iterator():
            try:
                audit_account(pk, at=clock.now())
            except (Unavailable, Rejected) as error:
                unread += 1
                self.stderr.write(f"{pk}: not read ({error})")
        self._report(accounts.values("pk"), as_csv=options["csv"])
        if unread:
            raise CommandError(f"{unread} accounts could not be read; they are audited again soon.")

    def _report(self, accounts: Any, *, as_csv: bool) -> None:
        found = ReconciliationBreak.objects.filter(account__in=accounts, healed_at__isnull=True)
        rows = [_row(row) for row in found.order_by("created_at").iterator()]
        if as_csv:
            writer = csv.writer(self.stdout, lineterminator="\n")
            writer.writerow(HEADS)
            writer.writerows(rows)
            return
        for row in rows:
            told = zip(HEADS, row, strict=True)
            self.stdout.write(", ".join(f"{head} {value}" for head, value in told if value))
        self.stdout.write(f"{len(rows)} open differences" if rows else "All books are equal.")


def _row(row: ReconciliationBreak) -> tuple[str, ...]:
    """Return a difference in words; the broker's references may hold an account's number."""
    return (
        str(row.account_id),
        row.kind,
        row.symbol,
        f"…{row.reference[-5:]}" if row.reference else "",
        f"{row.ours.normalize():f}",
        f"{row.theirs.normalize():f}",
        row.created_at.isoformat(timespec="seconds"),
        str(row.case_id or ""),
    )
