"""What a stored webhook of Plaid leads to: what it names is read again at Plaid.

A webhook decides nothing that Plaid can be asked about, so duplicates, disorder and replays change
nothing.
"""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction

from core import audit
from core.driving import TooEarly, drive
from core.errors import DomainError, NotNow
from core.queue import enqueue
from core.vendors import tell_unknown
from core.vendors.breaker import is_any_resting
from prefill.models import LinkSession, PlaidEvent, PlaidItem
from prefill.operations import endings, items
from prefill.operations.link_ends import finish_link
from prefill.operations.links import index_link_token, note_left, note_phone_proven
from prefill.operations.refusals import VendorAway
from prefill.operations.superseded import list_used
from tenants.walls import inside

TASK = "prefill.tasks.advance_event"
HELD = timedelta(seconds=1)  # a worker has the Item in hand: wake it when it is given back
IN_PROGRESS = timedelta(seconds=5)  # the browser is just exchanging the same token
MOST_TOKENS = 10
Status = PlaidEvent.Status

Row = TypeVar("Row")
Json = dict[str, Any]
# A handler does what the webhook asks for and returns None, or when to look at it again.
Handler = Callable[[PlaidEvent, Json, datetime], datetime | None]
log = structlog.get_logger()


def advance_event(pk: UUID, *, at: datetime) -> None:
    """Take one webhook to its end, unless what it names is not there yet."""
    drive(PlaidEvent, pk, _step, task=TASK, at=at)


def _step(event: PlaidEvent, at: datetime) -> datetime | None:
    if event.status != Status.RECEIVED:
        return None  # a worker died between its end and giving it back
    handler, payload = _HANDLERS.get(event.type), _load(event.payload)
    if handler is None or payload is None:
        if event.type not in NOT_FOLLOWED:
            tell_unknown("plaid", event.type)
        event.move_to(Status.IGNORED, handled_at=at)
        return None
    try:
        earlier = _find_by_earlier_login(event, payload)
        if earlier is not None:
            _earlier_login_changed(earlier, event, payload)
        again_at = None if earlier else handler(event, payload, at)
    except TooEarly as wait:
        if not wait.counted or event.failures + 1 < settings.PARK_AFTER:
            raise
        _give_up(event, str(wait), at)
        return None
    except NotNow as refusal:
        # An applicant erased meanwhile, or a token that is used up: nothing is left to do.
        _give_up(event, refusal.code, at)
        return None
    if again_at is None:
        event.move_to(Status.DONE, handled_at=at)
    return again_at


def _give_up(event: PlaidEvent, reason: str, at: datetime) -> None:
    log.warning("webhook_given_up", event_id=str(event.pk), type=event.type, reason=reason)
    with transaction.atomic():
        event.move_to(Status.IGNORED, handled_at=at)
        audit.record("webhook.given_up", event, by="plaid", at=at, type=event.type, reason=reason)


def _load(text: str) -> Json | None:
    try:
        payload = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return payload if isinstance(payload, dict) else None


# --- handlers -------------------------------------------------------------------------------------


def _phone_proven(event: PlaidEvent, payload: Json, at: datetime) -> None:
    """Note that the phone typed into Layer is the person's. Which one, the session's end tells."""
    note_phone_proven(_find_session(event, payload), at=at)


def _session_finished(event: PlaidEvent, payload: Json, at: datetime) -> datetime | None:
    """End the session as Plaid tells, unless the browser has."""
    session = _find_session(event, payload)
    if session.status == LinkSession.Status.FINISHED:
        return None
    if payload.get("status") != "SUCCESS":
        note_left(session, at=at)
        return None
    for token in _list_tokens(payload):
        try:
            finish_link(
                applicant=session.applicant, public_token=token, session=session, by="plaid", at=at
            )
        except VendorAway as error:
            raise TooEarly(f"exchange: {error.code}") from error
        except DomainError as refusal:
            if refusal.code == "in_progress":
                return at + IN_PROGRESS
            raise
    return None


def _list_tokens(payload: Json) -> list[str]:
    tokens = payload.get("public_tokens") or [payload.get("public_token")]
    if not isinstance(tokens, list):
        return []
    return [token for token in tokens if isinstance(token, str) and token][:MOST_TOKENS]


def _item_changed(event: PlaidEvent, payload: Json, at: datetime) -> datetime | None:
    """Have the Item read again."""
    item = _find_item(event, payload)
    if item.status == PlaidItem.Status.REMOVED:
        return None
    if not item.wake(item.pk, at=at):
        return at + HELD
    enqueue(items.TASK, pk=item.pk)
    return None


def _account_revoked(event: PlaidEvent, payload: Json, at: datetime) -> datetime | None:
    """Have nobody debit an account the person has taken back; what Plaid still shows of it stays.

    Here Plaid's word is taken as it is: to read the Item says nothing about debits.
    """
    item = _find_item(event, payload)
    named = item.accounts.filter(account_id=str(payload.get("account_id", "")).replace("\0", ""))
    endings.tell_ended(item.applicant.parent_id, named, why=endings.REVOKED)
    return _item_changed(event, payload, at)


def _numbers_changed(event: PlaidEvent, payload: Json, at: datetime) -> datetime | None:
    """Have nobody debit accounts by numbers they no longer have.

    https://plaid.com/docs/api/products/auth/#default_update: the numbers in use are given up at
    once. What was given to the broker can not be changed, so the account is chosen once more.
    """
    item = _find_item(event, payload)
    named = payload.get("account_ids_with_updated_auth")
    told = [str(ref).replace("\0", "") for ref in named] if isinstance(named, dict | list) else []
    accounts = item.accounts.filter(account_id__in=told)
    with inside(item.tenant_id):
        accounts.update(number_index="")
        endings.tell_ended(item.applicant.parent_id, accounts, why=endings.RENUMBERED)
    return _item_changed(event, payload, at)


def _find_by_earlier_login(event: PlaidEvent, payload: Json) -> PlaidItem | None:
    """Return the connection whose login the webhook is about was replaced by a newer one."""
    item_id = str(payload.get("item_id", "")).replace("\0", "")
    if not item_id:
        return None
    rows = PlaidItem.objects.filter(mode=event.mode, earlier_item_ids__contains=[item_id])
    item: PlaidItem | None = rows.select_related("applicant").first()
    return item


def _earlier_login_changed(item: PlaidItem, event: PlaidEvent, payload: Json) -> None:
    """Have nobody debit by numbers of a login that outlives its successor, once they are ended.

    Whatever else is told of such a login, the newer one tells too.
    """
    used = set(list_used(item, str(payload["item_id"])))
    named = payload.get("account_ids_with_updated_auth")
    renumbered = set(map(str, named)) if isinstance(named, dict | list) else set()
    ends = {
        "ITEM.USER_PERMISSION_REVOKED": (used, endings.REVOKED),
        "ITEM.USER_ACCOUNT_REVOKED": ({str(payload.get("account_id"))}, endings.REVOKED),
        "AUTH.DEFAULT_UPDATE": (renumbered, endings.RENUMBERED),
    }
    refs, why = ends.get(event.type, (set(), ""))
    endings.tell_refs_ended(item.applicant.parent_id, refs & used, why=why)


def _item_repaired(event: PlaidEvent, payload: Json, at: datetime) -> datetime | None:
    items.set_ending(_find_item(event, payload), "", at=at)
    return _item_changed(event, payload, at)


def _item_ending(event: PlaidEvent, payload: Json, at: datetime) -> None:
    """Ask the person to reconnect a bank that still answers: Plaid tells this by webhook only."""
    code = event.type.partition(".")[2]
    items.set_ending(_find_item(event, payload), code, at=at)


_HANDLERS: dict[str, Handler] = {
    "LAYER.LAYER_AUTHENTICATION_PASSED": _phone_proven,
    "LINK.SESSION_FINISHED": _session_finished,
    "ITEM.ERROR": _item_changed,
    "ITEM.LOGIN_REPAIRED": _item_repaired,
    "ITEM.PENDING_DISCONNECT": _item_ending,
    "ITEM.PENDING_EXPIRATION": _item_ending,
    "ITEM.USER_PERMISSION_REVOKED": _item_changed,
    "ITEM.USER_ACCOUNT_REVOKED": _account_revoked,
    "ITEM.NEW_ACCOUNTS_AVAILABLE": _item_changed,
    "TRANSACTIONS.SYNC_UPDATES_AVAILABLE": _item_changed,
    "AUTH.DEFAULT_UPDATE": _numbers_changed,
    "IDENTITY.DEFAULT_UPDATE": _item_changed,
}


# Known, and nothing of ours depends on them: what is asked for elsewhere, or told by others too.
NOT_FOLLOWED = {
    "ITEM.WEBHOOK_UPDATE_ACKNOWLEDGED",
    "LINK.EVENTS",
    "LINK.ITEM_ADD_RESULT",
    # micro-deposits by Plaid, which we do not use
    "AUTH.AUTOMATICALLY_VERIFIED",
    "AUTH.VERIFICATION_EXPIRED",
    "AUTH.SMS_MICRODEPOSITS_VERIFICATION",
    "AUTH.BANK_TRANSFERS_EVENTS_UPDATE",
    # of transactions/get; transactions/sync tells SYNC_UPDATES_AVAILABLE
    "TRANSACTIONS.INITIAL_UPDATE",
    "TRANSACTIONS.HISTORICAL_UPDATE",
    "TRANSACTIONS.DEFAULT_UPDATE",
    "TRANSACTIONS.TRANSACTIONS_REMOVED",
    "TRANSACTIONS.RECURRING_TRANSACTIONS_UPDATE",
}


def _find_session(event: PlaidEvent, payload: Json) -> LinkSession:
    index = index_link_token(str(payload.get("link_token", "")))
    rows = LinkSession.objects.filter(mode=event.mode, token_index=index)
    return _found(rows.select_related("applicant__tenant").first())


def _find_item(event: PlaidEvent, payload: Json) -> PlaidItem:
    item_id = str(payload.get("item_id", "")).replace("\0", "")
    rows = PlaidItem.objects.filter(mode=event.mode, item_id=item_id)
    item: PlaidItem | None = rows.select_related("applicant__tenant").first()
    return _found(item)


def _found(row: Row | None) -> Row:
    """Insist on a row of ours.

    :raises TooEarly: the exchange that made it has not committed yet, or it is not (any more) ours
    """
    if row is None:
        raise TooEarly("nothing of ours has this id", counted=not is_any_resting())
    return row
