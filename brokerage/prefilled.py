"""The custodian's form, on a page or by the API: begun with what prefill knows, and handed in."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import structlog
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.forms import KycForm, Suggestion
from accounts.models import KycProfile, Parent
from accounts.operations import KycAnswers, TrustedAnswer, submit_kyc
from accounts.queries import get_trusted_contact
from accounts.validators import format_us_phone
from brokerage import queries
from brokerage.identity import describe_check
from core.errors import DomainError, NotNow
from prefill import operations
from prefill.engine.prefill import Prefill
from prefill.models import Applicant, FieldValue, Source

# The form's field -> prefill's path; of an address -> its part.
PATHS = {
    "first_name": "personal_info.first_name",
    "last_name": "personal_info.last_name",
    "date_of_birth": "personal_info.date_of_birth",
    "phone": "personal_info.phone_number",
    "employment_status": "employment.employment_type",
    "employer": "employment.employer_name",
    "annual_income": "employment.income",
}
ADDRESS = {
    "street1": "street1",
    "street2": "street2",
    "city": "city",
    "state": "region",
    "postal_code": "postal_code",
}
# How people write what is kept otherwise.
WRITTEN: dict[str, Callable[[Any], Any]] = {
    "phone": format_us_phone,
    "annual_income": lambda income: int(Decimal(income)),
}
log = structlog.get_logger()


class AlreadyIn(NotNow):
    """The answers are in, and the broker asks for no correction."""

    code = "already_submitted"


def get_own_applicant(parent: Parent) -> Applicant | None:
    """Return the applicant this parent is; None who never began by phone or bank."""
    return Applicant.objects.filter(parent=parent).select_related("tenant").first()


def has_begun(parent: Parent) -> bool:
    """Say whether something is known to begin the form with."""
    return FieldValue.objects.filter(applicant__parent=parent).exists()


def get_suggestions(prefill: Prefill) -> dict[str, Suggestion]:
    """Return what the form's fields begin with."""
    found = {}
    for name, path in PATHS.items():
        shown = prefill.values.get(path)
        if shown and shown.value:
            value = WRITTEN.get(name, str)(shown.value)
            found[name] = Suggestion(value, str(Source(shown.source).label))
    shown = prefill.values.get("addresses")
    for name, part in ADDRESS.items():
        if shown and shown.value and shown.value[0].get(part):
            found[name] = Suggestion(shown.value[0][part], str(Source(shown.source).label))
    return found


def open_form(parent: Parent, typed: Mapping[str, Any] | None = None, *, at: datetime) -> KycForm:
    """Return the form as it begins for this parent, or with what was typed into it.

    What it begins with counts as shown. Who has an answer on file is not asked again whom they
    trust: that is changed by itself.
    """
    known = KycProfile.objects.filter(parent=parent).first()
    applicant = None if known else get_own_applicant(parent)
    begin: dict[str, Any] = {}
    if applicant:
        look = operations.show_prefill if typed is None else operations.get_prefill
        begin = {
            "suggested": get_suggestions(look(applicant, at=at)),
            "held_last4": operations.get_held_last4(applicant, at=at),
        }
    asks_trusted = get_trusted_contact(parent) is None
    return KycForm(typed, known=known, asks_trusted=asks_trusted, **begin)


def check_can_submit(parent: Parent) -> None:
    """Refuse a form from who has handed it in, unless the broker wants it corrected.

    :raises AlreadyIn: nothing is to be corrected
    """
    if not KycProfile.objects.filter(parent=parent).exists():
        return
    if not describe_check(queries.get_broker_user(parent)).can_edit:
        raise AlreadyIn(_("Your answers are in already; nothing was changed."))


def submit_answers(
    *,
    parent: Parent,
    answers: KycAnswers,
    at: datetime,
    ip_address: str | None,
    trusted: TrustedAnswer | None = None,
) -> KycProfile:
    """Hand in the form, with the number Plaid gave where none was typed or known before.

    That number is deleted with it; a form that is refused leaves it. Of two at once, one is taken.

    :param trusted: whom the customer trusts; None where the form did not ask
    :raises AlreadyIn: it was handed in, and the broker asks for no correction
    :raises DomainError: as `submit_kyc` does, or that number is somebody else's
    """
    applicant, held = get_own_applicant(parent), ""
    with transaction.atomic():
        Parent.objects.select_for_update(no_key=True).get(pk=parent.pk)
        check_can_submit(parent)
        if applicant:
            is_first = not KycProfile.objects.filter(parent=parent).exists()
            wanted = is_first and not answers.ssn
            held = operations.take_held_ssn(
                applicant, born=answers.date_of_birth, wanted=wanted, at=at
            )
        whole = replace(answers, ssn=answers.ssn or held)
        profile = submit_kyc(
            parent=parent, answers=whole, at=at, ip_address=ip_address, trusted=trusted
        )
    if applicant:
        _note_changes(parent, applicant, answers, at)
    return profile


def save_draft(*, parent: Parent, draft: dict[str, Any], at: datetime) -> None:
    """Keep what was typed so far, of what the form can be begun with.

    :raises Invalid: something of it can not be kept
    """
    applicant = operations.get_own_applicant(parent, at=at)
    known = operations.get_prefill(applicant, at=at)
    changes = {path: _plain(draft[name]) for name, path in PATHS.items() if name in draft}
    if all(name in draft for name in ADDRESS if name != "street2"):
        changes |= _address_change(known, draft)
    operations.edit_prefill(applicant, changes, by=parent.user, at=at)


def _note_changes(parent: Parent, applicant: Applicant, answers: KycAnswers, at: datetime) -> None:
    """Write down where the person corrected what they were shown. The form itself is in already."""
    known = operations.get_prefill(applicant, at=at)
    changes = {
        path: _plain(getattr(answers, name))
        for name, path in PATHS.items()
        if known.value(path) is not None
    }
    if known.value("addresses"):
        changes |= _address_change(known, vars(answers))
    try:
        operations.edit_prefill(applicant, changes, by=parent.user, at=at)
    except DomainError as refusal:
        log.warning("prefill_edit_refused", code=refusal.code, fields=sorted(refusal.fields))


def _address_change(known: Prefill, typed: dict[str, Any]) -> dict[str, Any]:
    """Return the list of addresses with the typed one first; nothing where it is there already."""
    first, *others = known.value("addresses") or [{}]
    new = {part: typed.get(name, "") for name, part in ADDRESS.items()}
    if all(first.get(part, "") == value for part, value in new.items()):
        return {}
    return {"addresses": [new | {"country": "US", "kind": "home"}, *others]}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
