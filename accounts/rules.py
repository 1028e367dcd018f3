"""Who may open an account for whom."""

from datetime import date

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.models import STATES, UtmaRule, age_on
from core.errors import Invalid

CUSTODIAN_AGE = 18
GROWN_UP = 18  # in every state a person of full legal capacity, whenever custody ends
TEEN_AGES = range(13, 18)


def check_can_be_custodian(born: date, *, today: date) -> None:
    """Refuse a custodian who is a minor.

    :raises Invalid: under 18
    """
    if age_on(born, today) < CUSTODIAN_AGE:
        message = _("A custodian must be at least 18 years old.")
        raise Invalid(message, code="custodian_too_young", fields={"date_of_birth": message})


def check_can_be_child(born: date, rule: UtmaRule, *, today: date) -> None:
    """Refuse a child not yet born or already of the age at which custody ends.

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
    elif rule.age is not None and age_on(born, today) >= rule.age:
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
