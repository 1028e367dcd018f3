"""What of the broker's lists and words can not be read: counted, logged once, shown to staff."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from django.db import models, transaction
from django.db.models import Q

from accounts.models import Parent
from brokerage.gateway import Listing, OddRow
from brokerage.models import BrokerAccount, Case, OddRows
from brokerage.operations.cases import open_case, settle_case

What = OddRows.What
Read = Mapping[tuple[UUID | None, What], Listing[Any]]
log = structlog.get_logger()


@transaction.atomic(savepoint=False)
def note_odd_rows(read: Read, *, at: datetime) -> None:
    """Write down which rows of some lists could not be read; close what is gone.

    Odd rows of an account's own lists are for a person to look at, as long as there are any. One
    query where all is well.

    :param read: by account (None for lists of no account) and which list it is
    """
    seen = OddRows.objects.select_for_update(of=("self",)).filter(_about(read), gone_at=None)
    known = {(row.account_id, row.what, row.why): row for row in seen}
    now: dict[tuple[UUID | None, str, str], list[OddRow]] = {}
    for (account_id, what), listing in read.items():
        for odd in listing.odd:
            now.setdefault((account_id, what, odd.why), []).append(odd)
    for spot, rows in now.items():
        _note(spot, known.get(spot), rows, at)
    for spot, row in known.items():
        if spot not in now:
            OddRows.objects.filter(pk=row.pk).update(gone_at=at)
            settle_case(Case.Kind.ODD, row, finding="The rows are gone, or can be read now.", at=at)


def _about(read: Read) -> Q:
    wanted = Q(pk__in=[])
    by_list: dict[str, list[UUID]] = {}
    for account_id, what in read:
        if account_id is None:
            wanted |= Q(account=None, what=what)
        else:
            by_list.setdefault(what, []).append(account_id)
    for name, accounts in by_list.items():
        wanted |= Q(account__in=accounts, what=name)
    return wanted


def _note(
    spot: tuple[UUID | None, str, str], known: OddRows | None, rows: list[OddRow], at: datetime
) -> None:
    account_id, what, why = spot
    changes = {"number": len(rows), "example": rows[0].example, "last_seen_at": at}
    if known is not None:
        OddRows.objects.filter(pk=known.pk).update(**changes)
        return
    row = OddRows.objects.create(
        what=what, account_id=account_id, why=why, created_at=at, **changes
    )
    log.warning("odd_rows", what=what, why=why, number=len(rows), account=str(account_id or ""))
    if account_id is not None:
        summary = f"The broker's list of {row.get_what_display().lower()} has rows that can not be "
        open_case(
            Case.Kind.ODD,
            row,
            summary=f"{summary}read: {why}.",
            at=at,
            account=BrokerAccount.objects.get(pk=account_id),
        )


# --- words ----------------------------------------------------------------------------------------


def open_word_case(row: models.Model, *, reason: str, at: datetime) -> Case:
    """Have a person look at a row of ours of which the broker says what we do not understand.

    The row waits, and asks again, until it says something else.
    """
    account = row if isinstance(row, BrokerAccount) else getattr(row, "account", None)
    parent = getattr(row, "parent", None)
    return open_case(
        Case.Kind.ODD,
        row,
        summary=f"{reason}. It waits until this is understood.",
        at=at,
        account=account if isinstance(account, BrokerAccount) else None,
        parent=parent if isinstance(parent, Parent) else None,
    )
