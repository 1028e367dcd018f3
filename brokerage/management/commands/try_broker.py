"""`manage.py try_broker`: does the configured broker answer us? Reads only, changes nothing."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from brokerage.gateway import Broker, Rejected, Unavailable, get_broker


class Command(BaseCommand):
    help = "Sign in to the configured broker, read one security and its quote; print what works."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--symbol", default="AAPL", help="what to ask about (AAPL)")

    def handle(self, *_args: Any, **options: Any) -> None:
        symbol = str(options["symbol"]).upper()
        self.stdout.write(f"{settings.DRIVEWEALTH_BASE_URL} ({settings.DRIVEWEALTH_ENV})")
        broker = get_broker()
        steps: list[tuple[str, Callable[[], str]]] = [
            ("sign in", lambda: _sign_in(broker)),
            (f"security {symbol}", lambda: _read_security(broker, symbol)),
            (f"quote {symbol}", lambda: _read_quote(broker, symbol)),
        ]
        failed = [name for name, step in steps if not self._try(name, step)]
        if failed:
            raise CommandError(f"does not work: {', '.join(failed)}")

    def _try(self, name: str, step: Callable[[], str]) -> bool:
        try:
            told = step()
        except Unavailable as error:
            self.stdout.write(f"  {name:<20} no usable answer: {error.reason}")
        except Rejected as refusal:
            self.stdout.write(f"  {name:<20} refused: {refusal.code} {refusal.reason}")
        else:
            self.stdout.write(f"  {name:<20} works: {told}")
            return True
        return False


def _sign_in(broker: Broker) -> str:
    broker.sign_in()
    return "the credentials are taken"


def _read_security(broker: Broker, symbol: str) -> str:
    terms = broker.get_security(symbol)
    sizes = f"orders from {terms.smallest_order} to {terms.largest_order} shares"
    return f"{terms.name}, {terms.status}, {sizes}"


def _read_quote(broker: Broker, symbol: str) -> str:
    quotes = broker.list_quotes([symbol])
    return ", ".join(f"${quote.price}" for quote in quotes) or "an empty list"
