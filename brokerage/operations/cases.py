"""Opening and closing what compliance has to look at."""

from datetime import datetime
from decimal import Decimal

import structlog
from django.db import IntegrityError, models, transaction

from accounts.models import Parent, User
from brokerage.models import BrokerAccount, Case, Notice
from brokerage.notices import write_notice
from core import audit
from core.errors import NotNow

log = structlog.get_logger()


def open_case(
    kind: Case.Kind,
    subject: models.Model,
    *,
    summary: str,
    at: datetime,
    account: BrokerAccount | None = None,
    parent: Parent | None = None,
    loss: Decimal | None = None,
) -> Case:
    """Have a person look at a row; while such a case is open, a repeat returns it.

    :param summary: a sentence without personal data
    :param loss: dollars somebody has to bear, where money was lost
    """
    name = audit.name_of(subject)
    try:
        with transaction.atomic():
            case = Case.objects.create(
                kind=kind,
                subject=name,
                summary=summary[:300],
                account=account,
                parent=parent,
                loss=loss,
                created_at=at,
            )
            audit.record("case.opened", case, by="brokerage", at=at, kind=kind, about=name)
    except IntegrityError:
        return Case.objects.get(kind=kind, subject=name, status=Case.Status.OPEN)
    log.error("case_opened", kind=kind, case=str(case.pk), about=name)
    return case


@transaction.atomic
def settle_case(kind: Case.Kind, subject: models.Model, *, finding: str, at: datetime) -> None:
    """Close a case, if one is open, that has nothing to decide any more.

    :param finding: a sentence without personal data
    """
    rows = Case.objects.select_for_update().filter(kind=kind, subject=audit.name_of(subject))
    case = rows.filter(status=Case.Status.OPEN).first()
    if case is not None:
        case.move_to(Case.Status.CLOSED, closed_at=at, finding=finding[:500])
        audit.record("case.closed", case, by="brokerage", at=at)


@transaction.atomic
def close_case(case: Case, *, by: User, reason: str, at: datetime) -> None:
    """Close a case with what was found.

    :raises StaleMove: closed already
    """
    case.move_to(Case.Status.CLOSED, closed_at=at, closed_by=by, finding=reason[:500])
    audit.record("case.closed", case, by=by, at=at)


@transaction.atomic
def write_to_parent(case: Case, *, by: User, reason: str, message: str, at: datetime) -> None:
    """Mail the parent a case is about what staff have to say; the words are kept encrypted.

    :raises NotNow: the case is about nobody
    """
    if case.parent is None:
        raise NotNow("This case is about no parent.")
    kind = Notice.Kind.FROM_STAFF
    write_notice(kind, case.parent, case, at=at, occasion=at.isoformat(), said=message)
    audit.record("case.written", case, by=by, at=at, reason=reason)
