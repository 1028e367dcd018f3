"""Which window of Plaid's a browser is in the middle of, while a bank has its person elsewhere.

The browser's own session keeps it, so that a tab the bank's app opens knows it too, and nobody
else's browser does. The link token itself never leaves for there.
"""

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest

from prefill.models import Applicant, LinkSession

KEY = "link_under_way"


def remember(request: HttpRequest, session: LinkSession) -> None:
    """Note the window that this browser opened last."""
    request.session[KEY] = str(session.pk)


def recall(request: HttpRequest, applicant: Applicant, *, at: datetime) -> LinkSession | None:
    """Return the session of that window while it is open; None also where it is another's."""
    known = request.session.get(KEY)
    if known is None:
        return None
    row = LinkSession.objects.filter(applicant=applicant, pk=UUID(known)).first()
    return row if row is not None and row.is_open_at(at) else None
