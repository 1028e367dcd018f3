"""`manage.py books [--json]`: what must be in every account, from our own deposits and orders."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from brokerage.books import get_books
from brokerage.models import BrokerAccount


class Command(BaseCommand):
    help = "Print our books of every account: paid in, invested, cash, shares."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="One JSON document")

    def handle(self, *args: Any, **options: Any) -> None:
        rows = [_row(account) for account in BrokerAccount.objects.order_by("created_at")]
        if options["json"]:
            self.stdout.write(json.dumps({"accounts": rows}))
            return
        for row in rows:
            shares = ", ".join(f"{quantity} {symbol}" for symbol, quantity in row["shares"].items())
            self.stdout.write(
                f"{row['account']}: paid in {row['paidIn']}, invested {row['invested']}, "
                f"cash {row['cash']}; {shares or 'no shares'}"
            )


def _row(account: BrokerAccount) -> dict[str, Any]:
    books = get_books(account)
    return {
        "account": str(account.pk),
        "paidIn": str(books.paid_in),
        "invested": str(books.invested),
        "cash": str(books.cash),
        "shares": {symbol: str(quantity) for symbol, quantity in books.shares.items()},
    }
