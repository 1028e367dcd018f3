"""The database is away, full, or locked: 503, in the face's own form, and one line in the log."""

from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from json import dumps

from django.db import InterfaceError, OperationalError
from django.template.loader import render_to_string

from core.problems import MEDIA_TYPE, problem

SENTENCE = "We can not get at our records just now. Send the request again in a moment."
PROGRAMS = ("/api/", "/_allauth/")
# SQLSTATE → what it is, and in how many seconds to come back.
# (https://www.postgresql.org/docs/current/errcodes-appendix.html)
KNOWN = {
    "40001": ("serialization_failure", 1),
    "40P01": ("deadlock", 1),
    "55P03": ("lock_timeout", 5),
    "57014": ("statement_timeout", 10),
    "25P03": ("idle_in_transaction", 5),
    "53300": ("too_many_connections", 10),
    "57P01": ("shutting_down", 10),
    "57P02": ("shutting_down", 10),
    "57P03": ("starting_up", 5),
}
COLLISIONS = {"40001", "40P01"}  # the same once more may well succeed
OF_ONE_TABLE = {"serialization_failure", "deadlock", "lock_timeout", "statement_timeout"}
AWAY = 10  # seconds


@dataclass(frozen=True)
class Outage:
    """Why the site can not answer now; `retry_after` in seconds."""

    reason: str
    retry_after: int

    @property
    def wait(self) -> str:
        return str(self.retry_after)


def find_outage(error: BaseException | None) -> Outage | None:
    """Say what of the database's an error tells of; None where it is a bug."""
    if not isinstance(error, OperationalError | InterfaceError):
        return None
    state = sqlstate_of(error)
    if state in KNOWN:
        return Outage(*KNOWN[state])
    if state is None or state[:2] in {"08", "53", "57", "58"}:
        return Outage("database_away", AWAY)
    return None


def is_away(error: BaseException) -> bool:
    """Say whether nothing at all can be had of the database, and not this one table or row."""
    outage = find_outage(error)
    return outage is not None and outage.reason not in OF_ONE_TABLE


def sqlstate_of(error: BaseException | None) -> str | None:
    """Return PostgreSQL's code of an error, or of what it was raised from."""
    return next((state for cause in _chain(error) if (state := _state(cause))), None)


def render_outage(path: str, outage: Outage) -> tuple[str, bytes]:
    """Return content type and body for whoever asked for a path."""
    if path.startswith(PROGRAMS):
        status = HTTPStatus.SERVICE_UNAVAILABLE
        return MEDIA_TYPE, dumps(problem(status, outage.reason, SENTENCE)).encode()
    return "text/html; charset=utf-8", render_to_string("503.html").encode()


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__


def _state(error: BaseException) -> str | None:
    state = getattr(error, "sqlstate", None)
    return state if isinstance(state, str) else None
