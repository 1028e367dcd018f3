"""Tell everybody on the waiting list of a state that accounts are opened there now."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts import waiting
from accounts.models import STATES
from accounts.states import list_open_places
from core import clock
from core.errors import NotNow


class Command(BaseCommand):
    help = __doc__ or ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("state", choices=sorted(STATES), help="two letters, like CO")

    def handle(self, *args: Any, **options: Any) -> None:
        state = options["state"]
        is_open = state in {place.code for place in list_open_places(today=clock.today())}
        try:
            told = waiting.tell_state(
                state=state, by="tell_waiting", at=clock.now(), is_open=is_open
            )
        except NotNow as refusal:
            raise CommandError(refusal.message) from refusal
        self.stdout.write(f"{told} to be told; the worker sends the mails.")
