"""Pictures of identity documents: taken in, handed to the broker, erased here, followed there."""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID, uuid5

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Parent
from brokerage.gateway import (
    Rejected,
    Scan,
    ScanState,
    Unavailable,
    Undecided,
    Unfamiliar,
    get_broker,
)
from brokerage.identity import PICTURES_IN_VAIN, count_refused, describe_check
from brokerage.models import BrokerUser, Case, IdDocument, Notice
from brokerage.notices import write_notice
from brokerage.operations.asking import LANDED
from brokerage.operations.cases import open_case
from brokerage.operations.people import TASK as ADVANCE_USER
from brokerage.polling import KEY_MEMORY
from core import audit
from core.driving import TooEarly, drive
from core.errors import Findings, Invalid, NotNow
from core.pictures import find_fault
from core.queue import enqueue

TASK = "brokerage.tasks.advance_id_document"
Status = IdDocument.Status
Side = IdDocument.Side
A_DAY = timedelta(days=1)
PICTURES_A_DAY = 20
SOON = timedelta(seconds=2)  # the broker usually decides within seconds
ANOTHER = gettext_lazy(
    "Please take a new one: the whole ID, in daylight, every word sharp, the original and not a "
    "copy. Sign in to send it."
)
IN_VAIN = gettext_lazy(
    "It is not the first one, so you need not send any more: a person is looking at it and writes "
    "to you."
)
GIVEN_UP = timedelta(days=30)  # by then the broker closes an unfinished check (K801)
# How long a picture has been with the broker, and how long to wait until asking again.
PATIENCE = (
    (timedelta(minutes=1), SOON),
    (timedelta(minutes=15), timedelta(minutes=1)),
    (A_DAY, timedelta(minutes=15)),
    (GIVEN_UP, A_DAY),
)
ASKING = (BrokerUser.Status.NEEDS_DOCUMENT, BrokerUser.Status.NEEDS_INFO)


def add_id_document(
    *, holder: BrokerUser, kind: str, pictures: Mapping[str, bytes], by: Parent, at: datetime
) -> list[IdDocument]:
    """Take the sides of one identity document and have them sent to the broker.

    The same picture sent twice is one. Content is kept encrypted until the broker has it.

    :param pictures: side (FRONT, BACK) → a PNG, JPEG or PDF file of 10 MB at most
    :raises Invalid: no picture, or a file no broker takes; `fields` by `front` and `back`
    :raises NotNow: the broker asks for no document now, or too many came today
    """
    _check_files(pictures)
    with transaction.atomic():
        holder = (
            BrokerUser.objects.select_for_update(of=("self",))
            .select_related("child")
            .get(pk=holder.pk)
        )
        known = _find_sent_already(holder, kind, pictures)
        if len(known) == len(pictures):
            return known
        _check_asked_for(holder, len(pictures), at=at)
        have = {document.side for document in known}
        new = {side: content for side, content in pictures.items() if side not in have}
        added = [_add(holder, kind, side, content, by, at) for side, content in new.items()]
    return known + added


def check_id_document(
    *, holder: BrokerUser | None, kind: str, pictures: Mapping[str, bytes], at: datetime
) -> None:
    """Refuse what `add_id_document` would, by what is understood so far.

    :param kind: empty where it is not chosen yet
    :raises DomainError: as `add_id_document`
    """
    if holder is None:
        raise nothing_asked_for()
    found = Findings()
    with found.noting():
        _check_asked_for(holder, len(pictures), at=at)
    with found.noting():
        if kind:
            _find_sent_already(holder, kind, pictures)
    found.raise_all()


def _check_asked_for(holder: BrokerUser, number: int, *, at: datetime) -> None:
    on_its_way = holder.id_documents.filter(status=Status.INTENDED)
    if not (describe_check(holder).can_upload or on_its_way.exists()):
        raise nothing_asked_for()
    lately = holder.id_documents.filter(created_at__gt=at - A_DAY).count()
    if lately + number > PICTURES_A_DAY:
        raise NotNow(_("That is a lot of pictures for one day. Try again tomorrow."))


def nothing_asked_for() -> NotNow:
    """Return the refusal of a document nobody asked for."""
    message = _("The broker asks for no document now; nothing was sent.")
    return NotNow(message, code="no_document_needed")


def _check_files(pictures: Mapping[str, bytes]) -> None:
    if not pictures:
        message = _("Choose a picture of the front.")
        raise Invalid(message, fields={"front": message})
    wrong = {
        side.lower(): text for side, content in pictures.items() if (text := find_fault(content))
    }
    if wrong:
        raise Invalid(next(iter(wrong.values())), code="file", fields=wrong)


def _find_sent_already(
    holder: BrokerUser, kind: str, pictures: Mapping[str, bytes]
) -> list[IdDocument]:
    """Return the very same pictures that are on their way or with the broker.

    :raises Invalid: the broker has turned this one down
    """
    found: list[IdDocument] = []
    refused: dict[str, str] = {}
    for side, content in pictures.items():
        same = holder.id_documents.defer("content").filter(
            kind=kind, side=side, fingerprint=_fingerprint(content)
        )
        document = same.order_by("-created_at").first()
        if document is None:
            continue
        if document.status == Status.REFUSED:
            message = _("The broker did not accept this very picture. Please take a new one.")
            refused[side.lower()] = message
        found.append(document)
    if refused:
        raise Invalid(next(iter(refused.values())), code="refused_before", fields=refused)
    return found


def _fingerprint(content: bytes) -> str:
    return sha256(content).hexdigest()


def _add(
    holder: BrokerUser, kind: str, side: str, content: bytes, by: Parent, at: datetime
) -> IdDocument:
    document = IdDocument.objects.create(
        holder=holder,
        kind=kind,
        side=side,
        content=b64encode(content).decode(),
        fingerprint=_fingerprint(content),
        key=uuid5(holder.pk, f"{kind} {side} {_fingerprint(content)}"),
        created_at=at,
        next_step_at=at,
    )
    audit.record("id_document.added", document, by=by.user, at=at, kind=kind, side=side)
    enqueue(TASK, pk=document.pk)
    return document


def advance_id_document(pk: UUID, *, at: datetime) -> None:
    """Take a picture one step: to the broker, then to the broker's word about it."""
    drive(IdDocument, pk, _step, task=TASK, at=at)


def _step(document: IdDocument, at: datetime) -> datetime | None:
    if document.status == Status.INTENDED:
        return _send(document, at)
    if document.status == Status.SENT:
        return _follow(document, at)
    return None


def _send(document: IdDocument, at: datetime) -> datetime | None:
    """Hand the picture over under its stored key; look for it first where the key is forgotten."""
    state = _find_at_broker(document) if at - document.created_at > KEY_MEMORY else None
    if state is None:
        scan = Scan(document.kind, b64decode(document.content), document.side)
        try:
            state = get_broker().upload_document(document.holder.vendor_id, scan, key=document.key)
        except Undecided:
            state = _find_at_broker(document)
            if state is None:
                raise
        except Rejected as refusal:
            state = _find_after_refusal(document, refusal, at)
            if state is None:
                _refuse(document, refusal.reason, at)
                return None
    with transaction.atomic():
        document.move_to(Status.SENT, vendor_id=state.id, sent_at=at, content="")
        audit.record("id_document.sent", document, by="brokerage", at=at)
        _have_check_read(document, at)
    return at + SOON


def _find_after_refusal(document: IdDocument, refusal: Rejected, at: datetime) -> ScanState | None:
    """Return the picture where the broker has it after all; None where a refusal is to be believed.

    :raises TooEarly: it may still show
    """
    if not (document.attempts or refusal.duplicate or refusal.doubtful):
        return None
    state = _find_at_broker(document)
    if state is None and at - document.created_at < LANDED:
        raise TooEarly(f"refused ({refusal.code}), but it may be there: looked for again")
    return state


def _find_at_broker(document: IdDocument) -> ScanState | None:
    """Return a picture like ours that the broker has and that is none of our other ones."""
    sent = document.holder.id_documents.exclude(vendor_id="")
    ours = set(sent.values_list("vendor_id", flat=True))
    listed = get_broker().list_documents(document.holder.vendor_id)
    for state in listed:
        same = state.kind == document.kind and state.side in ("", document.side)
        if same and state.id not in ours:
            return state
    if any(row.id not in ours for row in listed.odd):
        raise Unavailable("a document of the broker's list can not be told apart")
    return None


def _follow(document: IdDocument, at: datetime) -> datetime | None:
    states = get_broker().list_documents(document.holder.vendor_id)
    status = next((state.status for state in states if state.id == document.vendor_id), "")
    if not status and (odd := next((o for o in states.odd if o.id == document.vendor_id), None)):
        raise Unfamiliar(f"The broker's word on a picture can not be read: {odd.why}")
    if status == "APPROVED":
        with transaction.atomic():
            document.move_to(Status.ACCEPTED)
            audit.record("id_document.accepted", document, by="brokerage", at=at)
            _have_check_read(document, at)
        return None
    if status == "REJECTED":
        _refuse(document, _("The broker did not accept this picture."), at)
        return None
    return _look_again_at(document, at)


def _look_again_at(document: IdDocument, at: datetime) -> datetime | None:
    """Return when to ask again, and have the check read should the wake-up have been lost."""
    if document.holder.status in ASKING:
        _have_check_read(document, at)
    waited = at - (document.sent_at or at)
    if waited >= GIVEN_UP:
        return None
    return at + next(pause for limit, pause in PATIENCE if waited < limit)


def _refuse(document: IdDocument, reason: str, at: datetime) -> None:
    with transaction.atomic():
        document.move_to(Status.REFUSED, refusal=reason[:200], content="")
        audit.record("id_document.refused", document, by="brokerage", at=at)
        _tell_of_refusal(document, at)
        _have_check_read(document, at)


def _tell_of_refusal(document: IdDocument, at: datetime) -> None:
    """Have staff look, and write to the parent; the two sides of one document are one mail."""
    holder = document.holder
    parent = holder.parent or (holder.child.parent if holder.child else None)
    if parent is None:
        return
    who = "child" if holder.child_id else "parent"
    times = count_refused(holder)
    summary = f"The broker refused a picture of a {who}'s ID ({document.kind}). See why."
    open_case(Case.Kind.DOCUMENT, holder, summary=summary, at=at, parent=parent)
    said = _("The broker did not accept this picture.")
    write_notice(
        Notice.Kind.DOCUMENT_REFUSED, parent, holder, at=at,
        occasion=document.created_at.isoformat(),
        said=f"{said} {IN_VAIN if times >= PICTURES_IN_VAIN else ANOTHER}",
    )  # fmt: skip


def _have_check_read(document: IdDocument, at: datetime) -> None:
    """Have the person's check read again: a picture starts it anew at the broker.

    A worker that holds the row has perhaps looked already; the picture's next step wakes it again.
    """
    BrokerUser.wake(document.holder_id, at=at)
    enqueue(ADVANCE_USER, pk=document.holder_id)
