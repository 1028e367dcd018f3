"""The end of a session in the browser: done once, whoever comes first with the public token.

The token is good once. It is handed in under the session's claim, which is committed before; an
answer that is lost is lost, and the person connects once more.
"""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import KycProfile
from core import audit
from core.encryption import blind_index
from core.errors import DomainError, Invalid, NotNow
from core.queue import enqueue
from prefill.gateway import ItemGrant, LayerResult, Rejected, Unavailable
from prefill.ladder import set_rung
from prefill.models import Applicant, HeldSsn, LinkSession, PlaidItem, Rung, Source
from prefill.operations import items as bank_items
from prefill.operations.applicants import By, lock_applicant
from prefill.operations.imports import import_raw, process_import
from prefill.operations.links import find_rung
from prefill.operations.phone_proofs import mark_phone_proven
from prefill.operations.refusals import VendorAway, need_linker, refusals_recorded
from tenants.walls import inside

TOKEN_LIVES = timedelta(minutes=30)  # a public token, after its session
CLAIM = timedelta(seconds=120)  # longer than the slowest exchange
PATIENCE = 10.0  # seconds one tab waits for the other's exchange
PAUSE = 0.1
SSN_FOR = timedelta(hours=2)
LONGEST_TOKEN = 200
Status, Kind = LinkSession.Status, LinkSession.Kind


@dataclass(frozen=True)
class FinishedLink:
    """A session that ended well, and the banks it brought."""

    session: LinkSession
    items: list[PlaidItem]


def finish_link(
    *,
    applicant: Applicant,
    public_token: str,
    by: By,
    at: datetime,
    session: LinkSession | None = None,
) -> FinishedLink:
    """Exchange a public token, once; again with the same one, the same banks come back.

    A token does not say which kind of session it is of. The newest open session is tried first,
    then one of the other kind.

    :param session: where Plaid itself named it
    :raises NotNow: used, too old or not ours (`connect_again`), being exchanged by somebody else
        for long (`in_progress`), no session is open (`no_session`), or erased (`user_erased`)
    :raises VendorAway: the answer did not come; the person connects once more
    """
    with refusals_recorded("applicant.link_refused", applicant, by=by, at=at):
        if not 0 < len(public_token) <= LONGEST_TOKEN or not public_token.isprintable():
            message = _("This is no token of Plaid's.")
            raise Invalid(message, fields={"public_token": message})
        return _finish(applicant, public_token, session, by, at)


def _finish(
    applicant: Applicant, public_token: str, session: LinkSession | None, by: By, at: datetime
) -> FinishedLink:
    index = blind_index(public_token, context="prefill.linksession.public_token")
    tried: list[LinkSession] = []
    while claimed := _claim(applicant, index, session, tried, at):
        if claimed.status == Status.FINISHED:
            return FinishedLink(claimed, _list_items(claimed))
        try:
            result = _exchange(claimed, public_token)
        except Rejected as refusal:
            _let_go(claimed, at)
            if refusal.code != "used_token":
                raise VendorAway(_("Banks can not be connected now.")) from refusal
            tried.append(claimed)
            continue
        except Unavailable as error:
            _let_go(claimed, at)
            text = _("We did not hear back about your bank. Please connect it once more.")
            raise VendorAway(text, error=error) from error
        return _complete(claimed, result, by, at)
    if tried:
        raise _used()
    raise NotNow(_("Nothing is being connected. Please begin again."), code="no_session")


def finish_repair(*, session: LinkSession, by: By, at: datetime) -> FinishedLink:
    """Take a bank into use again that the person has reconnected; fine if it never was broken.

    :raises NotNow: the bank still wants its customer (`needs_user`), or is gone (`item_gone`)
    :raises VendorAway: no usable answer; call again
    """
    with refusals_recorded("applicant.link_refused", session.applicant, by=by, at=at):
        return _finish_repair(session, by, at)


def _finish_repair(session: LinkSession, by: By, at: datetime) -> FinishedLink:
    if session.kind != Kind.UPDATE or session.item is None:
        raise NotNow(_("This session reconnects no bank."), code="not_a_repair")
    item = PlaidItem.objects.get(pk=session.item.pk)
    if item.status == PlaidItem.Status.REMOVED:
        raise NotNow(_("This bank is not connected any more."), code="item_gone")
    try:
        item = bank_items.import_item(item, at=at, repaired=True)
    except Rejected as refusal:
        raise bank_items.explain(refusal) from refusal
    except Unavailable as error:
        raise VendorAway(_("The bank does not answer. Please try again."), error=error) from error
    with inside(session.tenant_id):
        lock_applicant(session.applicant)
        row = LinkSession.objects.select_for_update(no_key=True).get(pk=session.pk)
        if row.status != Status.FINISHED:
            row.move_to(Status.FINISHED, ended_at=at)
            audit.record("link.finished", row, by=by, at=at, kind=row.kind)
        if item.wake(item.pk, at=at):
            enqueue(bank_items.TASK, pk=item.pk)
    return FinishedLink(row, [item])


def _claim(
    applicant: Applicant,
    index: str,
    session: LinkSession | None,
    tried: list[LinkSession],
    at: datetime,
) -> LinkSession | None:
    """Return the next session to try the token with, ours for the time of one exchange.

    One that ended with this token comes back as it is. While somebody else exchanges it, wait.

    :raises NotNow: somebody else does for long
    """
    deadline = time.monotonic() + PATIENCE
    while True:
        with inside(applicant.tenant_id):
            lock_applicant(applicant)
            named = LinkSession.objects.filter(applicant=applicant, public_token_index=index)
            holder = named.first()
            if holder is None or holder.status in {Status.CREATED, Status.EXITED}:
                return _claim_open(applicant, holder, index, session, tried, at)
            if holder.status == Status.FINISHED:
                return holder
            if holder.claimed_at is None or holder.claimed_at <= at - CLAIM:
                LinkSession.objects.filter(pk=holder.pk).update(claimed_at=at)
                return holder  # whoever had it died
        if time.monotonic() > deadline:
            raise NotNow(_("This bank is just being connected."), code="in_progress")
        time.sleep(PAUSE)


def _claim_open(
    applicant: Applicant,
    holder: LinkSession | None,
    index: str,
    session: LinkSession | None,
    tried: list[LinkSession],
    at: datetime,
) -> LinkSession | None:
    usable = LinkSession.objects.filter(
        Q(status=Status.CREATED) | Q(status=Status.EXITED),
        applicant=applicant, expires_at__gt=at - TOKEN_LIVES,
    ).exclude(kind__in=[Kind.UPDATE, *(row.kind for row in tried)])  # fmt: skip
    if session is not None:
        usable = usable.filter(pk=session.pk)
    found = list(usable.order_by("-created_at")[:20])
    if not found:
        return None
    chosen = holder if holder in found and holder is not None else found[0]
    if holder is not None and holder != chosen:
        LinkSession.objects.filter(pk=holder.pk).update(public_token_index="")
    try:
        with transaction.atomic():
            return chosen.move_to(Status.FINISHING, claimed_at=at, public_token_index=index)
    except IntegrityError as error:  # somebody else's session ended with it
        raise _used() from error


def _used() -> NotNow:
    text = _("This was used already. Please connect once more.")
    return NotNow(text, code="connect_again")


def _let_go(session: LinkSession, at: datetime) -> None:
    """Give a session back that was not finished. It keeps the token's hash: it is given out no
    more, for at Plaid it may be over.
    """
    with inside(session.tenant_id):
        session.move_to(Status.CREATED, claimed_at=None)
        audit.record("link.not_finished", session, by="plaid", at=at, kind=session.kind)


def _exchange(session: LinkSession, public_token: str) -> LayerResult:
    linker = need_linker(session.mode)
    if session.kind == Kind.LINK:
        return LayerResult("", (linker.exchange(public_token),), {})
    return linker.finish_layer(public_token, keep_ssn=_wants_ssn(session.applicant))


def _wants_ssn(applicant: Applicant) -> bool:
    """Say whether the person is a parent whose form for the broker is not in yet."""
    parent_id = applicant.parent_id
    return parent_id is not None and not KycProfile.objects.filter(parent_id=parent_id).exists()


def _complete(session: LinkSession, result: LayerResult, by: By, at: datetime) -> FinishedLink:
    """Store what an exchange gave, then read the banks it brought."""
    try:
        with inside(session.tenant_id):
            applicant = lock_applicant(session.applicant)
            rows = [_store_grant(session, grant, by, at) for grant in result.items]
            if session.kind == Kind.LAYER:
                _store_person(applicant, session, result, by, at)
            rung = find_rung(applicant, session.kind)
            set_rung(applicant, rung, Rung.State.DONE, at=at)
            session.move_to(Status.FINISHED, ended_at=at)
            audit.record("link.finished", session, by=by, at=at, kind=session.kind, items=len(rows))
    except DomainError:
        _abandon(session, result.items, at)
        raise
    for row in rows:
        bank_items.read_item(row.pk, at=at)
    return FinishedLink(session, _list_items(session))


def _store_grant(session: LinkSession, grant: ItemGrant, by: By, at: datetime) -> PlaidItem:
    told = {"access_token": grant.access_token, "linked_by": session, "next_step_at": at}
    row, created = PlaidItem.objects.get_or_create(
        item_id=grant.item_id,
        applicant=session.applicant,
        defaults=told | {"tenant_id": session.tenant_id, "mode": session.mode, "created_at": at},
    )
    if not created:
        PlaidItem.objects.filter(pk=row.pk).update(**told)
    audit.record("item.linked", row, by=by, at=at, session=session.pk)
    enqueue(bank_items.TASK, pk=row.pk)
    return row


def _store_person(
    applicant: Applicant, session: LinkSession, result: LayerResult, by: By, at: datetime
) -> None:
    if result.phone:  # first: what another number found goes with it
        mark_phone_proven(applicant, phone=result.phone, by=by, at=at)
    raw = import_raw(
        applicant=applicant, source=Source.LAYER, kind="layer", payload=result.raw,
        origin=str(session.pk), at=at,
    )  # fmt: skip
    process_import(raw, at=at)
    HeldSsn.objects.filter(applicant=applicant).delete()  # it may be of somebody else
    if result.ssn:
        HeldSsn.objects.create(
            applicant=applicant,
            tenant_id=applicant.tenant_id,
            ssn=result.ssn,
            held_until=at + SSN_FOR,
        )


def _abandon(session: LinkSession, grants: tuple[ItemGrant, ...], at: datetime) -> None:
    """Have Plaid forget what was granted for somebody who was erased meanwhile."""
    with inside(session.tenant_id):
        for grant in grants:
            row = PlaidItem.objects.create(
                tenant_id=session.tenant_id, mode=session.mode, applicant_id=session.applicant_id,
                item_id=grant.item_id, access_token=grant.access_token, linked_by=session,
                status=PlaidItem.Status.REMOVED, created_at=at, removed_at=at, next_step_at=at,
            )  # fmt: skip
            audit.record("item.removed", row, by="plaid", at=at)
            enqueue(bank_items.TASK, pk=row.pk)


def _list_items(session: LinkSession) -> list[PlaidItem]:
    with inside(session.tenant_id):
        rows = PlaidItem.objects.filter(linked_by=session).exclude(status=PlaidItem.Status.REMOVED)
        return list(rows.order_by("created_at", "item_id"))
