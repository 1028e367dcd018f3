"""The door to vendors: time-outs, pace, a shared circuit breaker, one log line a call.

What all processes must agree on (is the vendor resting, how much may still be asked) lies in two
small tables, not in the cache: a cache may forget a row to make room, a limit may not.
"""

from core.vendors.allowance import Allowance, Pace
from core.vendors.answers import (
    Answer,
    Rejected,
    Unavailable,
    Undecided,
    Unfamiliar,
    dump_json,
    load_json,
)
from core.vendors.door import Door
from core.vendors.unknown import tell_unknown
from core.vendors.watch import LARGEST_BODY

__all__ = [
    "LARGEST_BODY",
    "Allowance",
    "Answer",
    "Door",
    "Pace",
    "Rejected",
    "Unavailable",
    "Undecided",
    "Unfamiliar",
    "dump_json",
    "load_json",
    "tell_unknown",
]
