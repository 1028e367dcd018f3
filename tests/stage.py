"""The practice broker and our background work, as a test moves them."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

import requests
from django.apps import apps

from core import clock
from core.driven import Driven, find_due
from core.sweeps import sweep_all
from sandbox.server import Box

KINDS = [model for model in apps.get_models() if issubclass(model, Driven)]


@dataclass
class Stage:
    """A sandbox; `work()` stands for the worker, by its sweep alone."""

    box: Box
    families: dict[str, Any] = field(default_factory=dict)  # those of the cast who are there

    def work(self, rounds: int = 30) -> None:
        """Let the sweep run until nothing is due now or in a few seconds, which pass each round."""
        for _round in range(rounds):
            done = sweep_all(self.now())
            self.advance(3)
            if not done and find_due(KINDS, self.now()) is None:
                return

    def now(self) -> datetime:
        return clock.now()

    def advance(self, seconds: float) -> None:
        """Move the clock of broker and site."""
        self.control("POST", "clock", {"advanceSeconds": seconds})

    def go_to(self, landmark: str) -> None:
        """Move to next-market-open, next-market-close or next-banking-day."""
        self.control("POST", "clock", {"to": landmark})

    def set_clock(self, moment: datetime) -> None:
        self.control("POST", "clock", {"set": moment.isoformat()})

    def settle_ach(self) -> None:
        """Let the days of an ACH settlement pass, into the middle of a trading session."""
        for _day in range(5):
            self.go_to("next-banking-day")
        self.go_to("next-market-open")
        self.advance(3600)

    def control(self, method: str, path: str, body: Any = None) -> Any:
        answer = requests.request(method, f"{self.box.url}/_sandbox/{path}", json=body, timeout=10)
        assert answer.ok, answer.text
        return answer.json(parse_float=Decimal)

    def state(self) -> Any:
        """Return what the broker holds."""
        return self.control("GET", "state")

    def fault(self, **order: Any) -> None:
        """Order a fault, e.g. `method="POST", path="*/orders", kind="drop-after", times=1`."""
        self.control("POST", "faults", order)
