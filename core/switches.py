"""Kill switches. Staff turn one on in the admin; what it stops then waits, nothing fails."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import clock
from core.errors import DomainError

# What people read while a switch is on, first of all on the page whose action it closes.
HALTS = {
    "halt-accounts": gettext_lazy("New accounts are paused."),
    "halt-gifts": gettext_lazy("New gifts are paused."),
    "halt-approvals": gettext_lazy("Approvals are paused."),
    "halt-deposits": gettext_lazy(
        "Bank transfers are paused. Those asked for already start by themselves when we resume."
    ),
    "halt-orders": gettext_lazy(
        "Buying and selling are paused. Orders placed already start by themselves when we resume."
    ),
}
LOOK_AGAIN = timedelta(hours=1)  # where nobody has said when it ends


@dataclass(frozen=True)
class Halt:
    """A switch that is on. `back_at`: when staff expect to turn it off; None: nobody knows."""

    name: str
    back_at: datetime | None

    @property
    def sentence(self) -> str:
        return str(HALTS[self.name])

    @property
    def when(self) -> str:
        """Say when to come back."""
        from core.templatetags.show import day, moment

        if self.back_at is None:
            return _("We do not know yet for how long. Please look in again in an hour.")
        return _("We expect to be back on %(day)s (%(moment)s).") % {
            "day": day(self.back_at),
            "moment": moment(self.back_at),
        }

    @property
    def message(self) -> str:
        return f"{self.sentence} {self.when}"

    @property
    def retry_after(self) -> int:
        """Return in how many seconds to ask again."""
        wait = self.back_at - clock.now() if self.back_at else LOOK_AGAIN
        return max(1, math.ceil(wait.total_seconds()))


class Halted(DomainError):
    """Staff have stopped this for now; nothing is wrong with what was asked."""

    code = "halted"
    status = 503

    def __init__(self, halt: Halt) -> None:
        super().__init__(halt.message)
        self.halt = halt
        self.retry_after = halt.retry_after


def is_halted(name: str) -> bool:
    """Say whether staff have halted this; `name` is one of HALTS."""
    from waffle import switch_is_active

    if name not in HALTS:
        raise KeyError(name)
    return bool(switch_is_active(name))


def get_halt(name: str) -> Halt | None:
    """Return the halt people are to read about, None while this runs; `name` is one of HALTS.

    An end that has passed is not told any more: it was wrong.
    """
    from core.models import HaltEnd

    if not is_halted(name):
        return None
    end = HaltEnd.objects.filter(name=name, back_at__gt=clock.now()).first()
    return Halt(name, end.back_at if end else None)


def check_running(name: str) -> None:
    """Refuse where staff have halted this.

    :raises Halted: with the sentence for the person, and when to come back
    """
    if halt := get_halt(name):
        raise Halted(halt)


def make_switches(**_kwargs: Any) -> None:
    """Have every kill switch lie ready, off, after a migration."""
    from django.db import connection
    from waffle.models import Switch

    if Switch._meta.db_table in connection.introspection.table_names():
        for name in HALTS:
            Switch.objects.get_or_create(name=name, defaults={"active": False})
