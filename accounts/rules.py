"""Who may open an account for whom."""

from datetime import date

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.models import STATES, Consent, Parent, UtmaRule, Withdrawal, age_on
from core.errors import Invalid, NotNow

CUSTODIAN_AGE = 18
GROWN_UP = 18  # in every state a person of full legal capacity, whenever custody ends
TEEN_AGES = range(13, 18)
SIGNED_FIRST = (Consent.Kind.E_SIGN, Consent.Kind.TERMS)


def check_can_sign(parent: Parent, kind: str) -> None:
    """Refuse a signature of who has ended electronic signatures (15 U.S.C. 7001(c)).

    :raises NotNow: until they agree to them again
    """
    if kind in SIGNED_FIRST or signs_electronically(parent):
        return
    message = _(
        "You ended electronic signatures, so nothing can be signed here. Agree to them again "
        "under Security, What you agreed to."
    )
    raise NotNow(message, code="e_sign_ended")


def signs_electronically(parent: Parent) -> bool:
    """Say whether a parent has not ended electronic signatures, or agreed to them again."""
    ended = Withdrawal.objects.filter(parent=parent, kind=Withdrawal.Kind.E_SIGN)
    last = ended.order_by("-withdrawn_at").values_list("withdrawn_at", flat=True).first()
    if last is None:
        return True
    again = Consent.objects.filter(parent=parent, kind=Consent.Kind.E_SIGN, given_at__gt=last)
    return again.exists()


def check_can_be_custodian(born: date, *, today: date) -> None:
    """Refuse a custodian who is a minor.

    :raises Invalid: under 18
    """
    if age_on(born, today) < CUSTODIAN_AGE:
        message = _("A custodian must be at least 18 years old.")
        raise Invalid(message, code="custodian_too_young", fields={"date_of_birth": message})


def check_can_be_child(born: date, rule: UtmaRule | None, *, today: date) -> None:
    """Refuse a child not yet born or already of the age at which custody ends.

    :param rule: None where the state is not known yet
    :raises Invalid: with the field `date_of_birth`
    """
    message = ""
    if born > today:
        message = _("We can open an account once the child is born and has a number.")
    elif age_on(born, today) >= GROWN_UP:
        message = (
            _(
                "By this birthday the child is %d or older and can open an account of their own; "
                "the broker opens custodial accounts for minors only."
            )
            % GROWN_UP
        )
    elif rule is not None and rule.age is not None and age_on(born, today) >= rule.age:
        message = _(
            "In %(state)s custody ends at %(age)d, so a custodial account can not be opened."
        ) % {"state": STATES[rule.state], "age": rule.age}
    if message:
        raise Invalid(message, code="not_a_minor", fields={"date_of_birth": message})


def check_can_be_teen(born: date, *, today: date) -> None:
    """Refuse a teen account where they are not on offer, or for who is no teenager.

    :raises Invalid: off (setting TEEN_ACCOUNTS), under 13, or of age
    """
    if not settings.TEEN_ACCOUNTS:
        message = _("We do not open teen accounts.")
        raise Invalid(message, code="teen_off", fields={"account_kind": message})
    if age_on(born, today) not in TEEN_AGES:
        message = _("A teen account is for somebody from 13 to 17 years old.")
        raise Invalid(message, code="not_a_teen", fields={"date_of_birth": message})


def get_open_utma_rule(state: str, *, today: date) -> UtmaRule:
    """Return the state's rule in force, if counsel has confirmed it.

    :raises Invalid: no rule, or one that opens no accounts yet
    """
    rule = (
        UtmaRule.objects.filter(state=state, effective_from__lte=today)
        .order_by("-effective_from")
        .first()
    )
    if rule is None or rule.status != UtmaRule.Status.CONFIRMED:
        message = _("We can not open accounts under the law of %(state)s yet.") % {
            "state": STATES.get(state, state)
        }
        raise Invalid(message, code="state_not_open", fields={"governing_state": message})
    return rule
