"""A tenant with its branding and settings."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.stateful import HeldMoves, Stateful

DEFAULT_SLUG = "stocksprout"
MAX_ATTEMPTS = 5  # tries of one code: more would make guessing six digits worth while


class PhoneMethod(models.TextChoices):
    SMS = "sms", _("Text message")
    VOICE = "voice", _("Phone call")
    BOTH = "both", _("Text message or phone call")

    @property
    def is_possible(self) -> bool:
        """Say whether who verifies phones can do it."""
        ways = {self.SMS, self.VOICE} if self == self.BOTH else {self}
        return ways <= set(settings.PHONE_METHODS)


def default_products() -> list[str]:
    """Return what linking a bank needs at Plaid: its numbers and its owner."""
    return ["auth", "identity"]


def default_countries() -> list[str]:
    return ["US"]


class Tenant(Stateful):
    """A company whose parents use the platform; StockSprout itself is `stocksprout`."""

    class Status(models.TextChoices):
        ACTIVE = "ACTIVE", _("Active")
        SUSPENDED = "SUSPENDED", _("Suspended")

    MOVES: ClassVar = {
        Status.ACTIVE: {Status.SUSPENDED},
        Status.SUSPENDED: {Status.ACTIVE},
    }

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=100)
    status = models.CharField(
        max_length=10, choices=Status, default=Status.ACTIVE, db_default="ACTIVE"
    )
    display_name = models.CharField(
        max_length=60, blank=True, db_default="", help_text="What customers read; empty: the name"
    )
    logo_url = models.URLField(max_length=300, blank=True, db_default="", help_text="https only")
    primary_color = models.CharField(max_length=7, default="#1d5c3c", db_default="#1d5c3c")
    text_color = models.CharField(
        max_length=7, default="#ffffff", db_default="#ffffff", help_text="On the primary colour"
    )
    phone_enabled = models.BooleanField(default=False, db_default=False)
    phone_method = models.CharField(
        max_length=5, choices=PhoneMethod, default=PhoneMethod.SMS, db_default="sms"
    )
    phone_max_attempts = models.PositiveSmallIntegerField(
        default=3,
        db_default=3,
        validators=[MinValueValidator(1), MaxValueValidator(MAX_ATTEMPTS)],
    )
    aggregation_enabled = models.BooleanField(default=False, db_default=False)
    aggregation_products = ArrayField(
        models.CharField(max_length=40),
        default=default_products,
        db_default=models.Value("{auth,identity}"),
        help_text="Plaid's names of products",
    )
    country_codes = ArrayField(
        models.CharField(max_length=2),
        default=default_countries,
        db_default=models.Value("{US}"),
        help_text="ISO 3166-1 alpha-2",
    )
    redirect_uris = ArrayField(
        models.CharField(max_length=300),
        default=list,
        blank=True,
        db_default=models.Value("{}"),
        help_text="Where banks with a site of their own may lead its customers back to",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        triggers: ClassVar = [HeldMoves()]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(phone_max_attempts__range=(1, MAX_ATTEMPTS)),
                name="tenant_few_attempts",
            ),
            models.CheckConstraint(
                condition=models.Q(logo_url="") | models.Q(logo_url__startswith="https://"),
                name="tenant_logo_https",
            ),
            models.CheckConstraint(
                condition=models.Q(primary_color__regex="^#[0-9a-f]{6}$")
                & models.Q(text_color__regex="^#[0-9a-f]{6}$"),
                name="tenant_colors_hex",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def shown_name(self) -> str:
        """The name customers read."""
        return self.display_name or self.name

    @property
    def is_active(self) -> bool:
        return self.status == self.Status.ACTIVE


def get_default_tenant() -> Tenant:
    """Return StockSprout's own tenant, which a migration makes."""
    return Tenant.objects.get(slug=DEFAULT_SLUG)
