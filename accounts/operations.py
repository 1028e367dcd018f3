"""Every write about people."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts import agreements, events, family, faults, rules
from accounts.documents import AGREED, name_versions
from accounts.models import (
    Child,
    Consent,
    KycProfile,
    Parent,
    TrustedContact,
    User,
    UtmaRule,
    Withdrawal,
)
from accounts.queries import get_trusted_contact
from core import audit
from core.clock import NEW_YORK
from core.errors import DomainError, NotNow
from core.switches import check_running
from tenants.models import Tenant


@dataclass(frozen=True)
class ChildDetails:
    """A child as a parent tells of it; values already validated. `ssn`: nine digits.

    `ages_confirmed`: the custodian is no more than a few years older, and says that this is right.

    For a teen account neither number nor state is told: it stays under the parent's.
    """

    first_name: str
    last_name: str
    date_of_birth: date
    ssn: str = ""
    governing_state: str = ""
    account_kind: str = Child.AccountKind.CUSTODIAL
    ages_confirmed: bool = False

    @property
    def is_teen(self) -> bool:
        return self.account_kind == Child.AccountKind.TEEN


@dataclass(frozen=True)
class KycAnswers:
    """A custodian's answers; values already validated. `ssn` empty: keep the one given before."""

    first_name: str
    last_name: str
    date_of_birth: date
    ssn: str
    phone: str
    street1: str
    street2: str
    city: str
    state: str
    postal_code: str
    employment_status: str
    employer: str
    industry: str
    annual_income: int
    net_worth: int
    liquid_net_worth: int
    investment_experience: str
    risk_tolerance: str
    objective: str
    works_at_broker: bool
    director_of: str
    politically_exposed: str
    position: str = ""

    @classmethod
    def from_mapping(cls, values: dict[str, Any]) -> "KycAnswers":
        """Pick our fields out of a form's cleaned data."""
        given = {
            field.name: values[field.name] for field in fields(cls) if field.name != "position"
        }
        return cls(**given, position=values.get("position", ""))


@dataclass(frozen=True)
class TrustedAnswer:
    """Whom a customer names for us to contact, said to be 18 or older; without a name, nobody.

    Values already validated: a name comes with a phone number in E.164 or an e-mail address.
    """

    first_name: str = ""
    last_name: str = ""
    relationship: str = ""
    phone: str = ""
    email: str = ""

    @property
    def is_named(self) -> bool:
        return bool(self.first_name)


@transaction.atomic
def create_parent(*, user: User, tenant: Tenant, at: datetime) -> Parent:
    """Make the parent of a user who just signed up; a repeat returns the same one."""
    parent, created = Parent.objects.get_or_create(
        user=user, defaults={"tenant": tenant, "created_at": at}
    )
    if created:
        audit.record("parent.signed_up", parent, by=user, at=at)
    return parent


@transaction.atomic
def give_consent(
    *, parent: Parent, kind: Consent.Kind, text: str, at: datetime, ip_address: str | None
) -> Consent:
    """Keep one agreement word for word, with the versions of the documents it was about.

    :raises NotNow: the parent has ended electronic signatures (`e_sign_ended`)
    """
    rules.check_can_sign(parent, kind)
    versions = name_versions(AGREED.get(kind, ()))
    consent = Consent.objects.create(
        parent=parent,
        kind=kind,
        text=text,
        documents=versions,
        given_at=at,
        ip_address=ip_address,
    )
    audit.record("consent.given", consent, by=parent.user, at=at, kind=kind, **versions)
    return consent


@transaction.atomic
def withdraw_consent(
    *, parent: Parent, kind: Withdrawal.Kind, at: datetime, ip_address: str | None
) -> Withdrawal:
    """Note that a parent ended an agreement; what follows from it is the caller's."""
    withdrawal = Withdrawal.objects.create(
        parent=parent, kind=kind, withdrawn_at=at, ip_address=ip_address
    )
    audit.record("consent.withdrawn", withdrawal, by=parent.user, at=at, kind=kind)
    return withdrawal


@transaction.atomic
def submit_kyc(
    *,
    parent: Parent,
    answers: KycAnswers,
    at: datetime,
    ip_address: str | None,
    trusted: TrustedAnswer | None = None,
) -> KycProfile:
    """Save a custodian's answers and have the broker check them.

    :param trusted: whom they trust; None where the form did not ask
    :raises Invalid: under 18, or one of their own children or of its age (`accounts.family`)
    :raises NotNow: new accounts are halted, or a first submission without SSN
    """
    check_running("halt-accounts")
    known = KycProfile.objects.select_for_update().filter(parent=parent).first()
    ssn = answers.ssn or (known.ssn if known else "")
    if not ssn:
        message = _("We need your Social Security number to open an account.")
        raise DomainError(message, code="invalid", fields={"ssn": message})
    values = {field.name: getattr(answers, field.name) for field in fields(answers)}
    faults.check_custodian_answers(
        parent, values | {"ssn": ssn}, trusted=trusted, today=at.astimezone(NEW_YORK).date()
    )
    values |= {
        "ssn": ssn,
        "ssn_last4": ssn[-4:],
        "ssn_index": family.index_number(ssn),
        "submitted_at": at,
    }
    profile, _created = KycProfile.objects.update_or_create(parent=parent, defaults=values)
    for kind, text in (
        (Consent.Kind.E_SIGN, agreements.E_SIGN),
        (Consent.Kind.BROKER, agreements.BROKER),
    ):
        give_consent(parent=parent, kind=kind, text=str(text), at=at, ip_address=ip_address)
    if trusted is not None:
        answer_trusted_contact(parent=parent, answer=trusted, at=at)
    audit.record("kyc.submitted", parent, by=parent.user, at=at, again=known is not None)
    transaction.on_commit(lambda: events.kyc_submitted.send(sender=None, parent_id=parent.pk))
    return profile


@transaction.atomic
def choose_state(*, parent: Parent, state: str, at: datetime) -> None:
    """Keep under which state's law a parent wants to open accounts.

    :raises Invalid: no accounts are opened there
    """
    rules.get_open_utma_rule(state, today=at.astimezone(NEW_YORK).date())
    if Parent.objects.filter(pk=parent.pk).exclude(state=state).update(state=state):
        parent.state = state
        audit.record("parent.state_chosen", parent, by=parent.user, at=at, state=state)


@transaction.atomic
def answer_trusted_contact(
    *, parent: Parent, answer: TrustedAnswer, at: datetime
) -> TrustedContact:
    """Keep whom a customer trusts, or that they name nobody; the same answer again is no change.

    The answer before is ended and kept.

    :raises Invalid: it names the customer or a child of theirs
    """
    Parent.objects.select_for_update(no_key=True).get(pk=parent.pk)
    current = get_trusted_contact(parent)
    version = agreements.version_of(agreements.TRUSTED_CONTACT)
    if current and current.disclosure_version == version and _is_answer(current, answer):
        return current
    if answer.is_named:
        faults.check_trusted_answer(parent, answer)
    was_named = current is not None and current.is_named
    if answer.is_named:
        status, verb = TrustedContact.Status.NAMED, "changed" if was_named else "named"
    elif was_named:
        status, verb = TrustedContact.Status.REMOVED, "removed"
    else:
        status, verb = TrustedContact.Status.DECLINED, "declined"
    TrustedContact.objects.filter(parent=parent, replaced_at=None).update(replaced_at=at)
    contact = TrustedContact.objects.create(
        parent=parent,
        status=status,
        first_name=answer.first_name or None,
        last_name=answer.last_name or None,
        relationship=answer.relationship,
        phone=answer.phone or None,
        email=answer.email or None,
        is_adult=answer.is_named,
        disclosure_version=version,
        disclosure=str(agreements.TRUSTED_CONTACT),
        answered_at=at,
    )
    audit.record(f"trusted_contact.{verb}", contact, by=parent.user, at=at, disclosure=version)
    transaction.on_commit(lambda: events.contact_answered.send(sender=None, parent_id=parent.pk))
    return contact


def note_broker_word(contact: TrustedContact, word: str, *, at: datetime) -> None:
    """Keep what became of an answer at the broker; the answer itself stays as it is."""
    changed = TrustedContact.objects.filter(pk=contact.pk).exclude(broker_word=word)
    changed.update(broker_word=word, broker_word_at=at)


def note_contact_read(contact: TrustedContact, *, by: User, reason: str, at: datetime) -> None:
    """Keep that staff read whom a customer trusts, and why."""
    audit.record("trusted_contact.read", contact, by=by, at=at, reason=reason)


def _is_answer(contact: TrustedContact, answer: TrustedAnswer) -> bool:
    return all(
        (getattr(contact, field.name) or "") == getattr(answer, field.name)
        for field in fields(answer)
    )


def add_child(
    *, parent: Parent, details: ChildDetails, at: datetime, ip_address: str | None
) -> Child:
    """Add a child and ask for its account.

    The state's age is fixed now: a later move of the family or change of the table leaves it.

    :raises Invalid: the state is not open, the child is past its age, no teen where one is asked,
        or nobody else than the custodian or another child (`accounts.family`)
    :raises NotNow: the parent's own form is not in, the child is there already, or a halt
    """
    check_child(parent=parent, given=asdict(details), at=at)
    rule, consent, text = _agreed_law(details, at.astimezone(NEW_YORK).date())
    try:
        with transaction.atomic():
            child = Child.objects.create(
                parent=parent,
                first_name=details.first_name,
                last_name=details.last_name,
                date_of_birth=details.date_of_birth,
                ssn=details.ssn,
                ssn_last4=details.ssn[-4:],
                ssn_index=_index(details),
                account_kind=details.account_kind,
                governing_state=details.governing_state,
                control_age=rule.confirmed_age if rule else None,
                utma_rule=rule,
                created_at=at,
            )
            give_consent(parent=parent, kind=consent, text=text, at=at, ip_address=ip_address)
            audit.record(
                "child.added",
                child,
                by=parent.user,
                at=at,
                state=child.governing_state,
                account=child.account_kind,
            )
            transaction.on_commit(lambda: events.child_added.send(sender=None, child_id=child.pk))
    except IntegrityError as error:
        raise _known_already("first_name" if details.is_teen else "ssn") from error
    return child


def check_child(*, parent: Parent, given: Mapping[str, Any], at: datetime) -> None:
    """Refuse a child who could not be added, by the answers that are understood so far.

    :param given: by the names of `ChildDetails`
    :raises DomainError: as `add_child`
    """
    check_running("halt-accounts")
    custodian = KycProfile.objects.filter(parent=parent).first()
    if custodian is None:
        raise NotNow(_("First tell us about yourself; then you can add a child."), code="kyc_first")
    today = at.astimezone(NEW_YORK).date()
    faults.check_new_child(parent, given, custodian=custodian, today=today)


def _agreed_law(details: ChildDetails, today: date) -> tuple[UtmaRule | None, Consent.Kind, str]:
    """Return the law an account is under, and what the parent agrees to."""
    if details.is_teen:
        return None, Consent.Kind.TEEN, str(agreements.TEEN)
    rule = rules.get_open_utma_rule(details.governing_state, today=today)
    return rule, Consent.Kind.UTMA, str(agreements.UTMA)


def _index(details: ChildDetails) -> str:
    """Return what finds a child added twice: its number, for a teen the name and birthday."""
    known_by = details.ssn or f"{details.first_name} {details.last_name} {details.date_of_birth}"
    return family.index_number(known_by)


def _known_already(field: str = "ssn") -> NotNow:
    message = _("You have added this child already.")
    return NotNow(message, code="child_known", fields={field: message})


def write_correction(
    *,
    child: Child,
    first_name: str,
    last_name: str,
    date_of_birth: date,
    ssn: str,
    at: datetime,
    ages_confirmed: bool = False,
) -> None:
    """Change what the broker objected to, in the caller's transaction.

    Whether the broker asks for it is the caller's to know. The state's age stays as it was fixed.

    :param ssn: nine digits; empty: keep the one given before
    :raises Invalid: past the age at which custody ends, or nobody else than the custodian
    :raises NotNow: another child of this parent has the number
    """
    values: dict[str, Any] = {
        "first_name": first_name,
        "last_name": last_name,
        "date_of_birth": date_of_birth,
    }
    given = values | {"ssn": ssn, "ages_confirmed": ages_confirmed}
    faults.check_corrected_child(child, given, today=at.astimezone(NEW_YORK).date())
    values["corrected_at"] = at
    if ssn:
        index = family.index_number(ssn)
        values |= {"ssn": ssn, "ssn_last4": ssn[-4:], "ssn_index": index}
    try:
        with transaction.atomic():
            Child.objects.filter(pk=child.pk).update(**values)
    except IntegrityError as error:
        raise _known_already() from error
    audit.record("child.corrected", child, by=child.parent.user, at=at, number=bool(ssn))
