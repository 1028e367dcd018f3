"""Text messages that vendors sent, as the owners of the phones would read them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sandbox.clock import Clock
from sandbox.state import State


@dataclass
class TextMessage:
    """One text on a phone."""

    sender: str
    to: str
    text: str
    at: datetime


class TextMessages:
    """All phones of one world. Used under the world's lock only."""

    def __init__(self, state: State, clock: Clock) -> None:
        self._state = state
        self._clock = clock
        self.sent = state.table("texts", TextMessage)

    def send(self, sender: str, to: str, text: str) -> None:
        message = TextMessage(sender, to, text, self._clock.now())
        self.sent.add(str(self._state.next_number("texts")), message)
