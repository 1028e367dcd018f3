"""The waiting list: who is told once accounts are opened in a state.

Somebody leaves an e-mail address and a state, confirms by the link in a mail, and may leave the
list by the link in every mail. Whether an address is on it nobody is told who does not hold it.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import STATES, User, WaitingPlace
from core import audit
from core.driving import TooEarly, drive
from core.encryption import blind_index
from core.errors import Invalid, NotNow
from core.queue import enqueue

TASK = "accounts.tasks.advance_waiting_place"
SALT = "accounts.waiting"
CONFIRM_FOR = timedelta(days=30)  # and so long an unconfirmed address is kept
MAIL_AGAIN_AFTER = timedelta(days=1)
LONGEST_LINK = 200


def join(*, email: str, state: str, at: datetime, confirmed_by: User | None = None) -> None:
    """Put an address on the list of a state; the same again changes nothing.

    :param confirmed_by: who is signed in with this very address, which needs no confirming
    :raises Invalid: no such state
    """
    if state not in STATES:
        message = _("Please choose one.")
        raise Invalid(message, fields={"state": message})
    with transaction.atomic():
        place, created = WaitingPlace.objects.select_for_update().get_or_create(
            email_index=index_email(email),
            state=state,
            defaults={"email": email, "created_at": at, "next_step_at": at},
        )
        changes: dict[str, object] = {}
        if not created and place.email is None:  # who left comes back
            changes = {"email": email, "left_at": None, "confirmed_at": None, "mailed_at": None}
        elif place.mailed_at and at - place.mailed_at >= MAIL_AGAIN_AFTER:
            changes = {"mailed_at": None}
        if confirmed_by is not None:
            changes |= {"confirmed_at": place.confirmed_at or at}
        if changes:
            WaitingPlace.objects.filter(pk=place.pk).update(**changes, next_step_at=at)
        if created or changes:
            by = confirmed_by or "visitor"
            audit.record("waiting.joined", place, by=by, at=at, state=state)
            enqueue(TASK, pk=place.pk)


def index_email(email: str) -> str:
    """Return what an address is found by."""
    return blind_index(email.strip().casefold(), context="accounts.waiting.email")


def find_by_link(secret: str, act: str) -> WaitingPlace | None:
    """Return whose link it is; None where it is none, is too old, or the place was left."""
    try:
        told = signing.loads(secret[:LONGEST_LINK], salt=f"{SALT}.{act}", max_age=_age_of(act))
    except signing.BadSignature:
        return None
    return WaitingPlace.objects.filter(pk=UUID(str(told)), left_at=None).first()


@transaction.atomic
def confirm(place: WaitingPlace, *, at: datetime) -> None:
    """Take the word of who holds the address; a repeat changes nothing."""
    found = WaitingPlace.objects.filter(pk=place.pk, confirmed_at=None, left_at=None)
    if found.update(confirmed_at=at):
        audit.record("waiting.confirmed", place, by="visitor", at=at, state=place.state)


@transaction.atomic
def leave(place: WaitingPlace, *, at: datetime) -> None:
    """Take an address off the list and forget it."""
    found = WaitingPlace.objects.filter(pk=place.pk, left_at=None)
    if found.update(left_at=at, email=None, next_step_at=None):
        audit.record("waiting.left", place, by="visitor", at=at, state=place.state)


def list_waiting(state: str) -> QuerySet[WaitingPlace]:
    """Return who waits for a state: confirmed, not gone, not told yet."""
    waiting = WaitingPlace.objects.filter(state=state, left_at=None, told_at=None)
    return waiting.filter(confirmed_at__isnull=False)


@transaction.atomic
def tell_state(*, state: str, by: User | str, at: datetime, is_open: bool, reason: str = "") -> int:
    """Have everybody who waits for a state told that it is open; return how many.

    :param is_open: whether it is, by the table of rules
    :raises NotNow: it is not
    """
    if not is_open:
        raise NotNow(_("This state is not open by the table of rules."), code="state_not_open")
    waiting = list_waiting(state).filter(tell_asked_at=None)
    pks = list(waiting.values_list("pk", flat=True))
    told = WaitingPlace.objects.filter(pk__in=pks)
    told.update(tell_asked_at=at, next_step_at=at)
    for place in told:
        audit.record("waiting.telling", place, by=by, at=at, state=state, reason=reason)
        enqueue(TASK, pk=place.pk)
    return len(pks)


def advance_waiting_place(pk: UUID, *, at: datetime) -> None:
    """Send what is due to one address; a mail server that is away waits."""
    drive(WaitingPlace, pk, _step, task=TASK, at=at)


def _step(place: WaitingPlace, at: datetime) -> datetime | None:
    if place.left_at or not place.email:
        return None
    if place.confirmed_at is None:
        if place.mailed_at is None:
            _send(place, "waiting_confirm")
            WaitingPlace.objects.filter(pk=place.pk).update(mailed_at=at)
        return None
    if place.tell_asked_at and place.told_at is None:
        _send(place, "waiting_open")
        WaitingPlace.objects.filter(pk=place.pk).update(told_at=at)
        audit.record("waiting.told", place, by="waiting list", at=at, state=place.state)
    return None


def _send(place: WaitingPlace, name: str) -> None:
    """Send one mail; the first line of its text is the subject.

    :raises TooEarly: the mail server took nothing, try again later
    """
    leave_url = make_link(place, "leave")
    context = {
        "state": STATES[place.state],
        "confirm_url": make_link(place, "confirm"),
        "leave_url": leave_url,
        "site_url": settings.SITE_URL + reverse("landing"),
        "days": CONFIRM_FOR.days,
    }
    text = render_to_string(f"accounts/email/{name}.txt", context)
    subject, _blank, body = text.partition("\n")
    # RFC 8058: the mail program's own button leaves the list.
    headers = {
        "List-Unsubscribe": f"<{leave_url}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    letter = EmailMessage(
        subject.strip(), body.strip() + "\n", to=[str(place.email)], headers=headers
    )
    try:
        letter.send()
    except OSError as error:  # smtplib's errors are OSErrors
        raise TooEarly(f"mail failed: {type(error).__name__}") from error


def make_link(place: WaitingPlace, act: str) -> str:
    """Return the address in a mail to confirm, or to leave: whoever holds it may."""
    secret: str = signing.dumps(str(place.pk), salt=f"{SALT}.{act}")
    return str(settings.SITE_URL) + reverse(f"{act}-waiting", args=[secret])


def _age_of(act: str) -> timedelta | None:
    return CONFIRM_FOR if act == "confirm" else None
