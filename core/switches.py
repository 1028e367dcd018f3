"""Kill switches. Staff turn one on in the admin; what it stops then waits, nothing fails."""

from typing import Any

from core.errors import NotNow

HALTS = {
    "halt-accounts": "New accounts are paused for a moment. Please try again later.",
    "halt-gifts": "New gifts are paused for a moment. Please try again later.",
    "halt-approvals": "Approvals are paused for a moment. Please try again later.",
    "halt-deposits": "Bank transfers are paused. They start by themselves when we resume.",
    "halt-orders": "Buying and selling are paused. Orders start by themselves when we resume.",
}


def is_halted(name: str) -> bool:
    """Say whether staff have halted this; `name` is one of HALTS."""
    from waffle import switch_is_active

    if name not in HALTS:
        raise KeyError(name)
    return bool(switch_is_active(name))


def check_running(name: str) -> None:
    """Refuse where staff have halted this.

    :raises NotNow: with the sentence for the person
    """
    if is_halted(name):
        raise NotNow(HALTS[name], code="halted")


def make_switches(**_kwargs: Any) -> None:
    """Have every kill switch lie ready, off, after a migration."""
    from django.db import connection
    from waffle.models import Switch

    if Switch._meta.db_table in connection.introspection.table_names():
        for name in HALTS:
            Switch.objects.get_or_create(name=name, defaults={"active": False})
