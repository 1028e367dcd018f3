"""How often a password may be tried, so that guessing is hopeless and nobody is locked out.

Wrong passwords are counted for each pair of address and account, so that somebody else's tries are
not the owner's. A browser or address the owner has signed in from before has an allowance of its
own. All others together share one for each account, against guessing from many addresses at once;
choosing a new password by mail works meanwhile, and makes the browser a known one.
(OWASP Authentication Cheat Sheet, “device cookies”.)
"""

from datetime import datetime, timedelta

from django.db.models import DateTimeField, F, Func, QuerySet, Value
from django.db.models.lookups import LessThan
from django.http import HttpRequest

from accounts.known import name_known
from accounts.pages import get_ip_address
from core.encryption import blind_index
from core.models import VendorAllowance
from core.vendors import Allowance

PREFIX = "password:"
SOON = timedelta(minutes=5)
HOUR = timedelta(hours=1)
PAIR = (5, SOON)  # of one address at one account
KNOWN = (10, SOON)  # of a browser or address the owner has used before
STRANGERS = (50, HOUR)  # at one account, all unknown addresses together
ADDRESS = (50, SOON)  # of one address, whatever the account


class Attempt:
    """One try, counted as a wrong one until it turns out right."""

    def __init__(self, at: datetime) -> None:
        self._at = at
        self._taken: list[Allowance] = []

    def take(self, name: str, limit: tuple[int, timedelta]) -> float:
        """Take one; return 0, or in how many seconds the next may be made."""
        most, period = limit
        allowance = Allowance(f"{PREFIX}{name}", most=most, period=period)
        if wait := allowance.take(self._at):
            return wait
        self._taken.append(allowance)
        return 0.0

    def give_back(self) -> None:
        """Count it no more: the password was right, or it was not tried."""
        while self._taken:
            self._taken.pop().give_back(self._at)


def begin(request: HttpRequest, login: str, *, at: datetime) -> tuple[Attempt, float]:
    """Take a try from every allowance it counts in; return also in how many seconds one is free."""
    attempt = Attempt(at)
    account = blind_index(login.strip().lower(), context="accounts.login")
    address = blind_index(get_ip_address(request) or "", context="accounts.address")
    limits = [(f"address:{address}", ADDRESS)]
    if who := name_known(request, login.strip(), at=at):
        limits.append((f"known:{account}:{who}", KNOWN))
    else:
        limits += [(f"pair:{account}:{address}", PAIR), (f"strangers:{account}", STRANGERS)]
    for name, limit in limits:
        if wait := attempt.take(name, limit):
            attempt.give_back()
            return attempt, wait
    return attempt, 0.0


def forget(login: str) -> None:
    """Count no tries of strangers any more: the owner has proven the account by mail."""
    account = blind_index(login.strip().lower(), context="accounts.login")
    VendorAllowance.objects.filter(name__startswith=f"{PREFIX}strangers:{account}").delete()


def list_unused(at: datetime) -> list[QuerySet[VendorAllowance]]:
    """Return the allowances that count nothing any more (`core.retention`)."""
    last = Func(
        F("taken"),
        template="coalesce((%(expressions)s)[cardinality(%(expressions)s)], '-infinity')",
        output_field=DateTimeField(),
    )
    rows = VendorAllowance.objects.filter(name__startswith=PREFIX)
    return [rows.filter(LessThan(last, Value(at - HOUR)))]
