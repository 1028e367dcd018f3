"""`manage.py verify_audit [--anchor POSITION:HASH]`: recompute the audit chain."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core import audit, clock


class Command(BaseCommand):
    help = "Seal what is unsealed, recompute the audit chain, and fail if any entry was altered."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--anchor", default="", help="A head noted earlier: POSITION:HASH")

    def handle(self, *args: Any, **options: Any) -> None:
        while audit.seal_entries(at=clock.now()):
            pass
        verdict = audit.verify(anchor=options["anchor"])
        if verdict.faults:
            raise CommandError("The audit trail is broken:\n  " + "\n  ".join(verdict.faults))
        self.stdout.write(
            f"The audit trail is whole: {verdict.sealed} entries, head {verdict.head}"
        )
