"""Statements, trade confirmations and tax forms: we keep the list, the broker keeps the files."""

from datetime import date, datetime, timedelta
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.utils.translation import gettext as _

from accounts.models import Parent
from brokerage.gateway import Listing, Paper, Rejected, Unavailable, get_broker
from brokerage.models import AccountPaper, BrokerAccount, OddRows
from brokerage.operations.oddities import note_odd_rows
from core import audit
from core.clock import NEW_YORK
from core.errors import NotNow

Kind = AccountPaper.Kind
# A statement bears the day its month ended and comes later; a tax form the end of its year.
LATE = timedelta(days=40)
log = structlog.get_logger()


def list_papers(account: BrokerAccount, *, at: datetime) -> int:
    """Take over what the broker has issued lately; return how many papers are new.

    :raises Unavailable: the broker gave no usable answer
    """
    broker, pk = get_broker(), account.vendor_id
    until = at.astimezone(NEW_YORK).date() + timedelta(days=1)
    since = (account.audited_at or account.opened_at or account.created_at).date() - LATE
    last_year = date(min(until.year, since.year) - 1, 1, 1)
    found = {
        Kind.STATEMENT: broker.list_statements(pk, since=since, until=until),
        Kind.CONFIRMATION: broker.list_confirmations(pk, since=since, until=until),
        Kind.TAX_FORM: broker.list_tax_forms(pk, since=last_year, until=until),
    }
    odd = [row for papers in found.values() for row in papers.odd]
    note_odd_rows({(account.pk, OddRows.What.PAPERS): Listing([], odd)}, at=at)
    listed = [(kind, paper) for kind, papers in found.items() for paper in papers]
    known = set(
        AccountPaper.objects.filter(
            account=account, vendor_id__in=[paper.key for _kind, paper in listed]
        ).values_list("vendor_id", flat=True)
    )
    new = {paper.key: (kind, paper) for kind, paper in listed if paper.key not in known}
    AccountPaper.objects.bulk_create(
        [_new(account, kind, paper, at) for kind, paper in new.values()], ignore_conflicts=True
    )
    return len(new)


def open_paper(paper: AccountPaper, *, by: Parent, at: datetime) -> str:
    """Return a short-lived address of the file; it is written down nowhere.

    :raises NotNow: the broker does not hand it out now
    """
    try:
        link = get_broker().get_paper_link(paper.account.vendor_id, paper.vendor_id)
    except (Unavailable, Rejected) as error:
        log.warning("paper_not_opened", paper=str(paper.pk), reason=type(error).__name__)
        raise NotNow(
            _("The broker does not hand out this paper just now. Please try again in a minute.")
        ) from error
    if settings.PRODUCTION and urlsplit(link).scheme != "https":
        log.error("paper_link_unsafe", paper=str(paper.pk))
        raise NotNow(_("The broker's answer was not safe to follow. We are looking into it."))
    audit.record("paper.opened", paper, by=by, at=at, kind=paper.kind)
    return link


def _new(account: BrokerAccount, kind: Kind, paper: Paper, at: datetime) -> AccountPaper:
    return AccountPaper(
        account=account,
        kind=kind,
        vendor_id=paper.key,
        name=paper.name[:200],
        on=paper.on,
        noticed_at=at,
    )
