"""Users, parents, KYC profiles, children, consents and the UTMA table."""

import secrets
import uuid
from datetime import date
from typing import ClassVar

from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from localflavor.us.us_states import STATE_CHOICES

from accounts import (
    choices,
    security_models,  # noqa: F401 (Django looks for models here)
)
from core.driven import Driven
from core.fields import EncryptedCharField, EncryptedDateField
from core.models import append_only

STATES = dict(STATE_CHOICES)


class EmailUserManager(UserManager["User"]):
    """Users are named by their e-mail address."""

    def _create_user(self, email: str, password: str | None, **fields: object) -> "User":
        user = self.model(email=email.lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_user(self, email: str, password: str | None = None, **fields: object) -> "User":  # type: ignore[override]
        return self._create_user(email, password, **fields)

    def create_superuser(self, email: str, password: str | None = None, **fields: object) -> "User":  # type: ignore[override]
        return self._create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractUser):
    """Somebody who signs in, by e-mail and password."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    username = None  # type: ignore[assignment]
    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    email = models.EmailField(unique=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[EmailUserManager] = EmailUserManager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(Lower("email"), name="user_email_any_case"),
        ]

    def __str__(self) -> str:
        return f"user {str(self.pk)[:8]}"


class Parent(models.Model):
    """An adult who is, or wants to be, custodian of children's accounts."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey("tenants.Tenant", models.PROTECT, related_name="parents")
    user = models.OneToOneField(User, models.PROTECT, related_name="parent")
    state = models.CharField(
        max_length=2,
        blank=True,
        default="",
        db_default="",
        help_text="Where they want to open accounts, asked before anything else",
    )
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"parent {str(self.pk)[:8]}"


class KycProfile(models.Model):
    """What the law and the broker ask of a custodian (31 CFR 1023.220, FINRA 4512)."""

    parent = models.OneToOneField(Parent, models.PROTECT, primary_key=True, related_name="profile")
    first_name = models.CharField(max_length=36)
    last_name = models.CharField(max_length=36)
    date_of_birth = EncryptedDateField()
    ssn = EncryptedCharField(max_length=9, help_text="Nine digits")
    ssn_last4 = models.CharField(max_length=4)
    ssn_index = models.CharField(
        max_length=64,
        blank=True,
        default="",
        db_default="",
        db_index=True,
        help_text="Keyed hash, to compare numbers without reading them",
    )
    phone = EncryptedCharField(max_length=16, help_text="E.164")
    street1 = EncryptedCharField(max_length=100)
    street2 = EncryptedCharField(max_length=100, blank=True)
    city = models.CharField(max_length=60)
    state = models.CharField(max_length=2)
    postal_code = models.CharField(max_length=10)
    employment_status = models.CharField(max_length=20, choices=choices.EmploymentStatus)
    employer = models.CharField(max_length=100, blank=True)
    industry = models.CharField(max_length=20, choices=choices.Industry, blank=True)
    position = models.CharField(
        max_length=20, choices=choices.Position, blank=True, default="", db_default=""
    )
    annual_income = models.PositiveIntegerField(help_text="US dollars a year")
    net_worth = models.PositiveIntegerField(help_text="US dollars")
    liquid_net_worth = models.PositiveIntegerField(help_text="US dollars")
    investment_experience = models.CharField(max_length=10, choices=choices.Experience)
    risk_tolerance = models.CharField(max_length=12, choices=choices.RiskTolerance)
    objective = models.CharField(max_length=24, choices=choices.Objective)
    works_at_broker = models.BooleanField(default=False)
    director_of = models.CharField(max_length=100, blank=True)
    politically_exposed = models.CharField(max_length=100, blank=True)
    submitted_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"KYC profile of {self.parent}"

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}"


class TrustedContact(models.Model):
    """Whom we may talk to about a customer's account, or that nobody was named (FINRA 4512).

    One row for each answer. A new answer ends the one before, which is kept (Rule 4512.01: six
    years), with the disclosure that was shown (4512.06).
    """

    class Status(models.TextChoices):
        NAMED = "NAMED", _("Named")
        DECLINED = "DECLINED", _("Nobody named")
        REMOVED = "REMOVED", _("Removed")

    class BrokerWord(models.TextChoices):
        NONE_YET = "", _("Not told yet")
        TOLD = "TOLD", _("The broker has it")
        REFUSED = "REFUSED", _("The broker did not take it")
        NOT_TAKEN = "NOT_TAKEN", _("The broker's system has no place for it")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    parent = models.ForeignKey(Parent, models.PROTECT, related_name="trusted_contacts")
    status = models.CharField(max_length=10, choices=Status)
    first_name = EncryptedCharField(max_length=36, null=True)
    last_name = EncryptedCharField(max_length=36, null=True)
    relationship = models.CharField(max_length=10, choices=choices.Relationship, blank=True)
    phone = EncryptedCharField(max_length=16, null=True, help_text="E.164")
    email = EncryptedCharField(max_length=254, null=True)
    is_adult = models.BooleanField(default=False, help_text="Said by the customer: 18 or older")
    disclosure_version = models.CharField(max_length=20)
    disclosure = models.TextField(help_text="What was shown, word for word")
    answered_at = models.DateTimeField()
    replaced_at = models.DateTimeField(null=True, help_text="When a newer answer was given")
    broker_word = models.CharField(
        max_length=10, choices=BrokerWord, blank=True, default="", db_default=""
    )
    broker_word_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["parent"],
                condition=models.Q(replaced_at__isnull=True),
                name="trusted_contact_one_answer",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    models.Q(phone__isnull=False) | models.Q(email__isnull=False),
                    status="NAMED",
                    first_name__isnull=False,
                    last_name__isnull=False,
                    is_adult=True,
                )
                | models.Q(
                    ~models.Q(status="NAMED"),
                    first_name__isnull=True,
                    last_name__isnull=True,
                    relationship="",
                    phone__isnull=True,
                    email__isnull=True,
                ),
                name="trusted_contact_can_be_reached",
            ),
        ]

    def __str__(self) -> str:
        return f"trusted contact of {self.parent}"

    @property
    def is_named(self) -> bool:
        return self.status == self.Status.NAMED

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}" if self.is_named else ""


class UtmaRule(models.Model):
    """At which age custodianship of a lifetime gift ends, by the law of one state.

    Reference data with its source. Only rows that counsel has confirmed open accounts.
    """

    class Status(models.TextChoices):
        CONFIRMED = "CONFIRMED", _("Confirmed")
        NEEDS_COUNSEL = "NEEDS_COUNSEL", _("Needs counsel")
        BLOCKED = "BLOCKED", _("No UTMA")

    state = models.CharField(max_length=2)
    age = models.PositiveSmallIntegerField(null=True, blank=True)
    effective_from = models.DateField()
    status = models.CharField(max_length=16, choices=Status)
    source = models.CharField(max_length=200)
    verified_on = models.DateField()

    class Meta:
        verbose_name = "UTMA rule"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["state", "effective_from"], name="utma_rule_once"),
            models.CheckConstraint(
                condition=~models.Q(status="CONFIRMED") | models.Q(age__range=(18, 30)),
                name="utma_confirmed_has_age",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.age or '—'}"

    @property
    def confirmed_age(self) -> int:
        """The age of a confirmed rule, which the database holds to be there."""
        if self.age is None:
            raise ValueError(f"The rule of {self.state} has no age.")
        return self.age


def new_gift_code() -> str:
    """Return 128 random bits for a gift link."""
    return secrets.token_urlsafe(16)


class Child(models.Model):
    """A minor for whom a parent keeps an account.

    A custodial account is under a state's law and ends at its age. A teen account stays the
    parent's own: it has neither law nor age, and the teen's number is not asked for.
    """

    class AccountKind(models.TextChoices):
        CUSTODIAL = "CUSTODIAL", _("Custodial (UTMA)")
        TEEN = "TEEN", _("Teen")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    parent = models.ForeignKey(Parent, models.PROTECT, related_name="children")
    first_name = models.CharField(max_length=36)
    last_name = models.CharField(max_length=36)
    date_of_birth = EncryptedDateField()
    ssn = EncryptedCharField(max_length=9, help_text="Nine digits")
    ssn_last4 = models.CharField(max_length=4)
    ssn_index = models.CharField(
        max_length=64, db_index=True, help_text="Keyed hash, to find a child added twice"
    )
    account_kind = models.CharField(
        max_length=10,
        choices=AccountKind,
        default=AccountKind.CUSTODIAL,
        db_default="CUSTODIAL",
        help_text="What kind of account was asked for",
    )
    governing_state = models.CharField(max_length=2, blank=True)
    control_age = models.PositiveSmallIntegerField(
        null=True,
        help_text="Age at which the child takes control, fixed when the account was asked for",
    )
    utma_rule = models.ForeignKey(UtmaRule, models.PROTECT, null=True)
    corrected_at = models.DateTimeField(
        null=True, help_text="When the parent last corrected name, birthday or number"
    )
    gift_code = models.CharField(max_length=32, unique=True, default=new_gift_code)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "children"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["parent", "ssn_index"], name="child_added_once"),
            models.CheckConstraint(
                condition=models.Q(account_kind="TEEN")
                | (models.Q(control_age__isnull=False) & models.Q(utma_rule__isnull=False)),
                name="child_custodial_has_rule",
            ),
        ]

    def __str__(self) -> str:
        return f"child {str(self.pk)[:8]}"

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}"

    @property
    def control_on(self) -> date | None:
        """The day the child takes control of the property; None where it stays the parent's."""
        return birthday(self.date_of_birth, self.control_age) if self.control_age else None

    @property
    def is_teen(self) -> bool:
        return self.account_kind == self.AccountKind.TEEN

    def age_on(self, day: date) -> int:
        """Return the full years the child has lived on that day."""
        return age_on(self.date_of_birth, day)


class Consent(models.Model):
    """One agreement, word for word: who, what text, when, from where. Never changed."""

    class Kind(models.TextChoices):
        E_SIGN = "E_SIGN", _("Electronic records and signatures")
        BROKER = "BROKER", _("Broker's agreements and disclosures")
        UTMA = "UTMA", _("Custodial account")
        TEEN = "TEEN", _("Teen account")
        ACH = "ACH", _("Bank debit")
        BANK_LINK = "BANK_LINK", _("Bank linked for debits")
        TERMS = "TERMS", _("Terms of use and privacy notice")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    parent = models.ForeignKey(Parent, models.PROTECT, related_name="consents")
    kind = models.CharField(max_length=10, choices=Kind)
    text = models.TextField()
    documents = models.JSONField(
        default=dict,
        db_default=models.Value({}, models.JSONField()),
        help_text="The version of each document that was linked beside the text, by its slug",
    )
    given_at = models.DateTimeField()
    ip_address = models.GenericIPAddressField(null=True)

    class Meta:
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.kind} of {self.parent}"


class Withdrawal(models.Model):
    """That a parent ended an agreement; what was given before stays on record. Never changed."""

    class Kind(models.TextChoices):
        E_SIGN = "E_SIGN", _("Electronic records and signatures")
        ACH = "ACH", _("Bank debits")
        INSTRUCTIONS = "INSTRUCTIONS", _("Written instructions to find details")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    parent = models.ForeignKey(Parent, models.PROTECT, related_name="withdrawals")
    kind = models.CharField(max_length=12, choices=Kind)
    withdrawn_at = models.DateTimeField()
    ip_address = models.GenericIPAddressField(null=True)

    class Meta:
        triggers = append_only()

    def __str__(self) -> str:
        return f"end of {self.kind} of {self.parent}"


class WaitingPlace(Driven):
    """An e-mail address that is told once accounts are opened in a state; `email` goes with it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = EncryptedCharField(max_length=254, null=True)
    email_index = models.CharField(max_length=64, help_text="Keyed hash, to find it again")
    state = models.CharField(max_length=2)
    created_at = models.DateTimeField()
    mailed_at = models.DateTimeField(null=True, help_text="When it was last asked to confirm")
    confirmed_at = models.DateTimeField(null=True)
    tell_asked_at = models.DateTimeField(null=True, help_text="When staff said that it is open")
    told_at = models.DateTimeField(null=True)
    left_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["email_index", "state"], name="waiting_place_once"),
            models.CheckConstraint(
                condition=models.Q(left_at__isnull=False) | models.Q(email__isnull=False),
                name="waiting_place_has_address",
            ),
        ]

    def __str__(self) -> str:
        return f"waiting for {self.state}"


def birthday(born: date, age: int) -> date:
    """Return the day of the `age`th birthday; born on 29 February, it falls on 1 March."""
    try:
        return born.replace(year=born.year + age)
    except ValueError:
        return date(born.year + age, 3, 1)


def age_on(born: date, day: date) -> int:
    """Return the full years lived on `day`."""
    years = day.year - born.year
    return years - (day < birthday(born, years))
