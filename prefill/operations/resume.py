"""Going on with the form on another device, by a link that works once and soon."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Parent
from core import audit
from core.errors import DomainError, NotNow
from prefill.models import ResumeLink

VALID_FOR = timedelta(minutes=10)
WINDOW = timedelta(hours=1)
PER_WINDOW = 5


class TooManyLinks(DomainError):
    """Another link can be made later."""

    code = "too_many_links"
    status = 429


@transaction.atomic
def make_resume_link(*, parent: Parent, at: datetime) -> tuple[ResumeLink, str]:
    """Make a link and return it with its secret, which is kept nowhere. Older ones end.

    :raises TooManyLinks: five were made within an hour
    """
    Parent.objects.select_for_update().get(pk=parent.pk)
    mine = ResumeLink.objects.filter(parent=parent)
    if mine.filter(created_at__gt=at - WINDOW).count() >= PER_WINDOW:
        raise TooManyLinks(_("You have made several links already. Please try again in an hour."))
    mine.filter(used_at=None, expires_at__gt=at).update(expires_at=at)
    secret = secrets.token_urlsafe(32)
    link = ResumeLink.objects.create(
        parent=parent, digest=_digest(secret), created_at=at, expires_at=at + VALID_FOR
    )
    audit.record("resume_link.made", link, by=parent.user, at=at)
    return link, secret


def get_resume_link(secret: str, *, at: datetime) -> ResumeLink | None:
    """Return the link with this secret while it can be used."""
    live = ResumeLink.objects.filter(used_at=None, expires_at__gt=at)
    return live.select_related("parent__user").filter(digest=_digest(secret)).first()


@transaction.atomic
def use_resume_link(link: ResumeLink, *, at: datetime) -> Parent:
    """Use the link up and return whom it signs in.

    :raises NotNow: it was used a moment ago, or its time is over
    """
    live = ResumeLink.objects.filter(pk=link.pk, used_at=None, expires_at__gt=at)
    if not live.update(used_at=at):
        raise NotNow(_("This link has been used, or its time is over."), code="link_over")
    audit.record("resume_link.used", link, by=link.parent.user, at=at)
    return link.parent


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
