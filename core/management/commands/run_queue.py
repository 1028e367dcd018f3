"""`manage.py run_queue --parent PID`: the queue's processes, which end with `run_worker`."""

import os
import signal
from argparse import ArgumentParser
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

from core.kinship import end_with_parent, have_forks_end_with_us


class Command(BaseCommand):
    help = "The queue's processes. Started and watched by run_worker; do not start it yourself."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--parent", type=int, required=True, help="Whose end is ours too")

    def handle(self, *args: Any, **options: Any) -> None:
        end_with_parent(options["parent"])
        have_forks_end_with_us()
        # The cluster itself knows SIGTERM and SIGINT.
        signal.signal(signal.SIGHUP, lambda *_signal: os.kill(os.getpid(), signal.SIGTERM))
        call_command("qcluster")
