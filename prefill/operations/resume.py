"""Going on with the form on another device, by a link that works once and soon."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Parent
from accounts.sessions import is_signed_in
from core import audit
from core.errors import DomainError, NotNow
from core.waiting import in_words
from prefill.models import ResumeLink

VALID_FOR = timedelta(minutes=10)
WINDOW = timedelta(hours=1)
PER_WINDOW = 5


class TooManyLinks(DomainError):
    """Another link can be made later."""

    code = "too_many_links"
    status = 429

    def __init__(self, retry_after: float) -> None:
        message = _("You have made several links already. Please try again %s.")
        super().__init__(message % in_words(retry_after))
        self.retry_after = retry_after


@transaction.atomic
def make_resume_link(*, parent: Parent, session_key: str, at: datetime) -> tuple[ResumeLink, str]:
    """Make a link and return it with its secret, which is kept nowhere. Older ones end.

    :param session_key: of the session it is asked for in; once that has ended, so has the link
    :raises TooManyLinks: five were made within an hour
    """
    Parent.objects.select_for_update().get(pk=parent.pk)
    mine = ResumeLink.objects.filter(parent=parent)
    lately = list(
        mine.filter(created_at__gt=at - WINDOW)
        .order_by("-created_at")
        .values_list("created_at", flat=True)[:PER_WINDOW]
    )
    if len(lately) >= PER_WINDOW:
        raise TooManyLinks((lately[-1] + WINDOW - at).total_seconds())
    mine.filter(used_at=None, expires_at__gt=at).update(expires_at=at)
    secret = secrets.token_urlsafe(32)
    link = ResumeLink.objects.create(
        parent=parent,
        digest=_digest(secret),
        created_at=at,
        expires_at=at + VALID_FOR,
        session_key=session_key,
    )
    audit.record("resume_link.made", link, by=parent.user, at=at)
    return link, secret


def get_resume_link(secret: str, *, at: datetime) -> ResumeLink | None:
    """Return the link with this secret while it can be used.

    Signing out where it was made ends it, and so does a new password.
    """
    live = ResumeLink.objects.filter(used_at=None, expires_at__gt=at)
    link = live.select_related("parent__user").filter(digest=_digest(secret)).first()
    return link if link and _is_held(link) else None


@transaction.atomic
def use_resume_link(link: ResumeLink, *, at: datetime) -> Parent:
    """Use the link up and return whom it signs in.

    :raises NotNow: it was used a moment ago, or its time is over
    """
    live = ResumeLink.objects.filter(pk=link.pk, used_at=None, expires_at__gt=at)
    if not _is_held(link) or not live.update(used_at=at, session_key=None):
        raise NotNow(_("This link has been used, or its time is over."), code="link_over")
    audit.record("resume_link.used", link, by=link.parent.user, at=at)
    return link.parent


def _is_held(link: ResumeLink) -> bool:
    return is_signed_in(link.parent.user, str(link.session_key or ""))


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
