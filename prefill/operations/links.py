"""Sessions in the browser: begun, and followed while they last (`link_ends` finishes them)."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.utils.translation import gettext as _

from core import audit
from core.encryption import blind_index
from core.errors import Invalid, NotNow
from prefill.gateway import BankLinker, LinkToken, Rejected, Unavailable
from prefill.ladder import next_step, set_rung
from prefill.models import Applicant, LinkSession, PlaidItem, Rung
from prefill.operations.applicants import By, lock_applicant
from prefill.operations.refusals import VendorAway, need_linker
from tenants.models import Tenant
from tenants.walls import inside

LONG_ENOUGH = timedelta(minutes=10)  # of a token's life, to be given out again
LANGUAGES = {
    "da", "nl", "en", "et", "fr", "de", "hi", "it", "lv", "lt", "no", "pl", "pt", "ro", "es", "sv",
    "vi",
}  # fmt: skip
NOT_ASKED_FOR = {"layer", "balance"}  # one is no product of Link, the other comes with any
LAYER_WAYS = {"open_layer", "submit_date_of_birth"}
NOTED = {
    "OPEN", "LAYER_READY", "LAYER_NOT_AVAILABLE", "LAYER_AUTOFILL_NOT_AVAILABLE", "EXIT", "HANDOFF",
    "ERROR", "SELECT_INSTITUTION", "TRANSITION_VIEW", "SUBMIT_OTP", "VERIFY_PHONE",
}  # fmt: skip
Status, Kind = LinkSession.Status, LinkSession.Kind
log = structlog.get_logger()


@dataclass(frozen=True)
class StartedLink:
    """A session and what the browser opens it with."""

    session: LinkSession
    link_token: str = field(repr=False)


@dataclass(frozen=True)
class _Wish:
    kind: str
    item: PlaidItem | None
    phone: str
    language: str
    redirect_uri: str


# --- beginning ------------------------------------------------------------------------------------


def start_link(
    *,
    applicant: Applicant,
    kind: str | None = None,
    item: PlaidItem | None = None,
    phone: str = "",
    language: str = "en",
    redirect_uri: str = "",
    by: By,
    at: datetime,
) -> StartedLink:
    """Return a session for the browser: a fresh one, or the one just begun.

    :param kind: layer, link or update; by default what the ladder says
    :param item: the bank to be reconnected, for update
    :param redirect_uri: where a bank that has people sign in on its own site leads back to
    :raises NotNow: not offered by this tenant (`aggregation_unavailable`), the bank is gone
        (`item_gone`), or erased (`user_erased`)
    :raises Invalid: a language, address or bank that can not be used
    :raises VendorAway: no usable answer; the ladder goes on with another way
    """
    tenant = applicant.tenant
    if not tenant.aggregation_enabled:
        raise NotNow(_("Banks can not be connected here."), code="aggregation_unavailable")
    linker = need_linker(applicant.mode)
    wish = _read_wish(applicant, kind, item, phone, language, redirect_uri, at)
    if wish.kind == Kind.LAYER and not (
        linker.has_layer and "layer" in tenant.aggregation_products
    ):
        raise NotNow(_("Plaid Layer is not offered here."), code="aggregation_unavailable")
    with inside(applicant.tenant_id):
        lock_applicant(applicant)
        if session := _find_fresh(applicant, wish, at):
            return StartedLink(session, session.link_token)
    token, wish = _ask_for_token(linker, applicant, tenant, wish, at)
    with inside(applicant.tenant_id):
        lock_applicant(applicant)
        session = LinkSession.objects.create(
            tenant_id=applicant.tenant_id, mode=applicant.mode, applicant=applicant,
            kind=wish.kind, item=wish.item, link_token=token.token,
            token_index=index_link_token(token.token), redirect_uri=wish.redirect_uri,
            expires_at=token.expires_at, created_at=at,
        )  # fmt: skip
        audit.record("link.started", session, by=by, at=at, kind=wish.kind)
    return StartedLink(session, token.token)


def reopen_link(*, session: LinkSession, by: By, at: datetime) -> StartedLink:
    """Return an open session once more, for a browser that is back from the bank's own site.

    :raises NotNow: it is over (`link_over`), or the person is erased (`user_erased`)
    """
    with inside(session.tenant_id):
        lock_applicant(session.applicant)
        row = LinkSession.objects.get(pk=session.pk)
        if not row.is_open_at(at):
            text = _("This took too long, or is finished already. Please begin once more.")
            raise NotNow(text, code="link_over")
        audit.record("link.reopened", row, by=by, at=at, kind=row.kind)
    return StartedLink(row, row.link_token)


def _read_wish(
    applicant: Applicant,
    kind: str | None,
    item: PlaidItem | None,
    phone: str,
    language: str,
    redirect_uri: str,
    at: datetime,
) -> _Wish:
    if kind is None:
        if item is not None:
            kind = Kind.UPDATE
        else:
            way = next_step(applicant, at=at).action
            kind = Kind.LAYER if way in LAYER_WAYS else Kind.LINK
    if kind not in Kind.values:
        raise _invalid("kind", _("Choose layer, link or update."))
    if language not in LANGUAGES:
        raise _invalid("language", _("Plaid does not speak this language."))
    _check_redirect_uri(applicant, redirect_uri)
    if (kind == Kind.UPDATE) != (item is not None):
        raise _invalid("item_id", _("Name the bank to be reconnected, for an update only."))
    if item is not None:
        if item.applicant_id != applicant.pk:
            raise _invalid("item_id", _("There is no such bank."))
        if item.status == PlaidItem.Status.REMOVED or not item.access_token:
            raise NotNow(_("This bank is not connected any more."), code="item_gone")
    return _Wish(kind, item, phone, language, redirect_uri)


def get_own_redirect_uri(mode: str) -> str:
    """Return the address of our own page on which people are back from their bank, or nothing."""
    return str(settings.PLAID[mode]["redirect_uri"])


def _check_redirect_uri(applicant: Applicant, address: str) -> None:
    allowed = {"", *applicant.tenant.redirect_uris}
    if applicant.parent_id is not None:
        allowed.add(get_own_redirect_uri(applicant.mode))
    if address not in allowed:
        message = _("This address is not listed for your company. Ask us to list it.")
        code = "redirect_uri_unlisted"
        raise Invalid(message, code=code, fields={"redirect_uri": message})


def _invalid(name: str, message: str) -> Invalid:
    return Invalid(message, fields={name: message})


def _find_fresh(applicant: Applicant, wish: _Wish, at: datetime) -> LinkSession | None:
    """Return a session begun already that nothing came of as yet."""
    return LinkSession.objects.filter(
        applicant=applicant, kind=wish.kind, item=wish.item, status=Status.CREATED,
        redirect_uri=wish.redirect_uri, public_token_index="", expires_at__gte=at + LONG_ENOUGH,
    ).order_by("-created_at").first()  # fmt: skip


def _ask_for_token(
    linker: BankLinker, applicant: Applicant, tenant: Tenant, wish: _Wish, at: datetime
) -> tuple[LinkToken, _Wish]:
    """Return a token, and what it was given for: our own way back is done without, if need be."""
    try:
        return _begin(linker, applicant, tenant, wish), wish
    except Rejected as refusal:
        if refusal.code == "gone":
            raise NotNow(_("This bank is not connected any more."), code="item_gone") from refusal
        if refusal.code == "redirect_refused":
            if wish.redirect_uri == get_own_redirect_uri(applicant.mode):
                log.warning("plaid_refuses_redirect_uri", mode=applicant.mode)
                wish = replace(wish, redirect_uri="")  # most banks do not need it
                return _ask_for_token(linker, applicant, tenant, wish, at)
            text = _("Plaid does not know this address yet. Ask us to register it there.")
            raise _invalid("redirect_uri", text) from refusal
        _close_rung(applicant, wish.kind, "vendor_refused", at)
        raise VendorAway(_("Banks can not be connected now. Go on in another way.")) from refusal
    except Unavailable as error:
        _close_rung(applicant, wish.kind, "vendor_down", at)
        text = _("Plaid does not answer at the moment. Go on in another way.")
        raise VendorAway(text, error=error) from error


LACKS_CONSENT = "ADDITIONAL_CONSENT_REQUIRED"


def _begin(linker: BankLinker, applicant: Applicant, tenant: Tenant, wish: _Wish) -> LinkToken:
    reference = str(applicant.pk)
    company, countries = tenant.shown_name, tuple(tenant.country_codes)
    if wish.kind == Kind.LAYER:
        return linker.start_layer(reference=reference, redirect_uri=wish.redirect_uri)
    products = tuple(name for name in tenant.aggregation_products if name not in NOT_ASKED_FOR)
    products = products or ("auth", "identity")
    if wish.item is not None:
        lacks = wish.item.error_code == LACKS_CONSENT
        return linker.start_repair(
            reference=reference, company=company, countries=countries, language=wish.language,
            access_token=str(wish.item.access_token), redirect_uri=wish.redirect_uri,
            consents=products if lacks else (),
        )  # fmt: skip
    return linker.start_link(
        reference=reference, company=company, products=products,
        countries=countries, language=wish.language, phone=wish.phone,
        redirect_uri=wish.redirect_uri,
    )  # fmt: skip


def _close_rung(applicant: Applicant, kind: str, reason: str, at: datetime) -> None:
    if kind == Kind.UPDATE:
        return
    with inside(applicant.tenant_id):
        present = lock_applicant(applicant)
        set_rung(present, find_rung(present, kind), Rung.State.CLOSED, reason=reason, at=at)


def find_rung(applicant: Applicant, kind: str) -> Rung.Name:
    """Return the rung a session stands on now: Layer has two."""
    if kind == Kind.LINK:
        return Rung.Name.LINK
    by_birth = Rung.objects.filter(
        applicant=applicant, name=Rung.Name.LAYER_DOB, state=Rung.State.OFFERED
    )
    return Rung.Name.LAYER_DOB if by_birth.exists() else Rung.Name.LAYER


def index_link_token(token: str) -> str:
    """Return the keyed hash a session is found by."""
    return blind_index(token, context="prefill.linksession.link_token")


# --- following ------------------------------------------------------------------------------------


def note_link_event(*, session: LinkSession, name: str, by: By, at: datetime) -> None:
    """Take note of what the browser says of a session; it proves nothing, but moves the ladder.

    :raises Invalid: no event of Plaid's
    :raises NotNow: erased (`user_erased`)
    """
    if name not in NOTED:
        raise _invalid("event_name", _("This is no event of Plaid's."))
    with inside(session.tenant_id):
        applicant = lock_applicant(session.applicant)
        row = LinkSession.objects.get(pk=session.pk)
        if row.status in {Status.FINISHED, Status.FINISHING}:
            return
        if name == "EXIT":
            _leave(applicant, row, by, at)
        elif row.kind == Kind.LAYER and name == "LAYER_NOT_AVAILABLE":
            closed, reason = Rung.State.CLOSED, "not_available"
            set_rung(applicant, Rung.Name.LAYER, closed, reason=reason, at=at)
            set_rung(applicant, Rung.Name.LAYER_DOB, Rung.State.OFFERED, at=at)
        elif row.kind == Kind.LAYER and name == "LAYER_AUTOFILL_NOT_AVAILABLE":
            closed, reason = Rung.State.CLOSED, "not_available"
            set_rung(applicant, Rung.Name.LAYER_DOB, closed, reason=reason, at=at)


def note_phone_proven(session: LinkSession, *, at: datetime) -> None:
    """Note that Plaid had the person prove a phone; which one, only its session's end tells."""
    with inside(session.tenant_id):
        lock_applicant(session.applicant)
        rows = LinkSession.objects.filter(pk=session.pk, proven_at=None)
        if rows.update(proven_at=at):
            audit.record("link.phone_proven", session, by="plaid", at=at)


def note_left(session: LinkSession, *, at: datetime) -> None:
    """Note that a session ended without a result, as Plaid tells."""
    with inside(session.tenant_id):
        applicant = lock_applicant(session.applicant)
        _leave(applicant, LinkSession.objects.get(pk=session.pk), "plaid", at)


def _leave(applicant: Applicant, row: LinkSession, by: By, at: datetime) -> None:
    if row.status != Status.CREATED:
        return
    if row.kind != Kind.UPDATE:
        rung = find_rung(applicant, row.kind)
        set_rung(applicant, rung, Rung.State.CLOSED, reason="left", at=at)
    row.move_to(Status.EXITED, ended_at=at)
    audit.record("link.left", row, by=by, at=at, kind=row.kind)
