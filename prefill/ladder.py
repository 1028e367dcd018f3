"""What an applicant does next: the ladder from the quickest way to fill the form to typing it.

Plaid Layer by phone, then with the date of birth, then a code by text, then a bank by Plaid Link,
then typing. A rung is closed where it failed or was not wanted, and open again half an hour later.
docs/prefill.md has the same as a table.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q

from prefill.gateway import get_bank_linker, get_phone_verifier
from prefill.models import Applicant, FieldValue, PhoneSession, PlaidItem, Rung, Source

CLOSED_FOR = timedelta(minutes=30)
PROVEN_FOR = timedelta(days=30)  # a phone proven longer ago is proven anew
IMPORTED = (Source.LAYER, Source.BANK, Source.BUREAU)

Name, State = Rung.Name, Rung.State


@dataclass(frozen=True)
class NextStep:
    """The action, and what whoever takes it needs to know."""

    action: str
    params: dict[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return it as one flat object, ready for JSON."""
        return {"action": self.action, **self.params}


@dataclass(frozen=True)
class Standing:
    """All the ladder looks at."""

    applicant: Applicant
    rungs: dict[str, Rung]
    session: PhoneSession | None
    broken_item: PlaidItem | None
    has_item: bool
    has_data: bool
    at: datetime

    def is_open(self, name: Rung.Name) -> bool:
        """Say whether the rung can be taken: possible here, not done, not closed just now."""
        return _is_possible(name, self.applicant, self.at) and not self._is_over(name)

    def _is_over(self, name: Rung.Name) -> bool:
        rung = self.rungs.get(name)
        if rung is None or rung.state == State.OFFERED:
            return False
        return rung.state == State.DONE or rung.at > self.at - CLOSED_FOR

    def is_offered(self, name: Rung.Name) -> bool:
        rung = self.rungs.get(name)
        return rung is not None and rung.state == State.OFFERED and self.is_open(name)

    @property
    def is_known(self) -> bool:
        """Say whether there is something to look through."""
        done = any(rung.state == State.DONE for rung in self.rungs.values())
        return done or self.has_data


def next_step(applicant: Applicant, *, at: datetime) -> NextStep:
    """Return the one next step; a handful of queries, whatever there is of the applicant."""
    here = _look(applicant, at)
    if here.session is not None:
        return NextStep("enter_code", _about(here.session))
    if here.broken_item is not None:
        optional = ["review"] if here.is_known else []
        return NextStep("reconnect", {"item_id": str(here.broken_item.pk), "optional": optional})
    if here.is_known:
        more = not here.has_item and here.is_open(Name.LINK)
        return NextStep("review", {"optional": ["open_link"] if more else []})
    if here.is_open(Name.LAYER):
        return NextStep("open_layer")
    if here.is_offered(Name.LAYER_DOB):
        return NextStep("submit_date_of_birth")
    if here.is_open(Name.SMS):
        needs = ["date_of_birth", "instructions"]
        is_proven = is_phone_proven(applicant, at=at)
        return NextStep("verify_phone", {"needs": needs, "sends_code": not is_proven})
    if here.is_open(Name.LINK):
        return NextStep("open_link")
    return NextStep("type_it")


def set_rung(
    applicant: Applicant, name: str, state: str, *, reason: str = "", at: datetime
) -> None:
    """Write how a rung stands, in the caller's transaction; what is done stays done."""
    rung, created = Rung.objects.get_or_create(
        applicant=applicant,
        name=name,
        defaults={
            "tenant_id": applicant.tenant_id, "state": state, "reason": reason, "at": at,
        },
    )  # fmt: skip
    if not created:
        rows = Rung.objects.filter(pk=rung.pk)
        if state != State.DONE:
            rows = rows.exclude(state=State.DONE)
        rows.update(state=state, reason=reason, at=at)


def is_phone_proven(applicant: Applicant, *, at: datetime) -> bool:
    """Say whether the applicant's number was proven, by whomever, and not long ago."""
    proven = applicant.phone_verified_at
    return proven is not None and proven > at - PROVEN_FOR


def _look(applicant: Applicant, at: datetime) -> Standing:
    """Read what counts, in three queries (and the tenant's, where it was not read with)."""
    items = PlaidItem.objects.filter(applicant=OuterRef("pk")).exclude(
        status=PlaidItem.Status.REMOVED
    )
    known = FieldValue.objects.filter(applicant=OuterRef("pk"), source__in=IMPORTED)
    facts = (
        Applicant.objects.filter(pk=applicant.pk)
        .values_list(Exists(items), Exists(known), Exists(items.filter(_BROKEN)))
        .get()
    )
    has_item, has_data, has_broken = facts
    broken = None
    if has_broken:
        rows = PlaidItem.objects.filter(_BROKEN, applicant=applicant)
        broken = rows.only("pk").order_by("created_at").first()
    session = PhoneSession.objects.filter(
        applicant=applicant, status=PhoneSession.Status.PENDING, expires_at__gt=at
    ).first()
    rungs = {rung.name: rung for rung in Rung.objects.filter(applicant=applicant)}
    return Standing(applicant, rungs, session, broken, has_item, has_data, at)


_BROKEN = Q(status=PlaidItem.Status.NEEDS_USER)


def _about(session: PhoneSession) -> dict[str, Any]:
    return {
        "session_id": str(session.pk),
        "resend_at": session.resend_at.isoformat() if session.resend_at else None,
        "expires_at": session.expires_at.isoformat(),
        "attempts_left": session.max_attempts - session.attempts,
    }


def _is_possible(name: Rung.Name, applicant: Applicant, at: datetime) -> bool:
    """Say whether the tenant has the rung, and we have who offers it."""
    tenant, mode = applicant.tenant, applicant.mode
    if name == Name.SMS:
        verifier = get_phone_verifier(mode) if tenant.phone_enabled else None
        if verifier is None:
            return False
        return verifier.preverified or not is_phone_proven(applicant, at=at)
    linker = get_bank_linker(mode) if tenant.aggregation_enabled else None
    if linker is None or name == Name.LINK:
        return linker is not None
    return linker.has_layer and "layer" in tenant.aggregation_products
