"""What a person reads where a vendor could not do it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from core import audit
from core.errors import DomainError, NotNow
from prefill.gateway import BankLinker, Unavailable, get_bank_linker
from prefill.operations.applicants import By
from tenants.walls import inside


class VendorAway(DomainError):
    """A vendor gave no usable answer; other ways to go on are open."""

    code = "vendor_unavailable"
    status = 503

    def __init__(self, message: str, *, error: Unavailable | None = None, **more: Any) -> None:
        super().__init__(message, **more)
        self.retry_after = error.retry_after if error else None


def need_linker(mode: str) -> BankLinker:
    """Return who links banks in this mode.

    :raises NotNow: nobody is configured (`aggregation_unavailable`)
    """
    linker = get_bank_linker(mode)
    if linker is None:
        raise NotNow(_("Banks can not be connected here."), code="aggregation_unavailable")
    return linker


@contextmanager
def refusals_recorded(verb: str, subject: Any, *, by: By, at: datetime) -> Iterator[None]:
    """Leave one audit row of an attempt that is refused: about whom and why, nothing of what
    was sent.

    :param subject: a row of a tenant's
    """
    try:
        yield
    except DomainError as refusal:
        with inside(subject.tenant_id):
            audit.record(verb, subject, by=by, at=at, code=refusal.code)
        raise
