"""Banks at Plaid: Items, their accounts and movements."""

import uuid
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.driven import Driven
from core.fields import EncryptedCharField, EncryptedTextField
from core.stateful import HeldMoves, Stateful
from prefill.models.applicants import Applicant
from tenants.models import Mode

DEBITED = frozenset({"checking", "savings"})  # subtypes that take ACH debits


class PlaidItem(Driven, Stateful):
    """One login of one applicant at one bank. Driven: data are read, and it is removed there."""

    class Status(models.TextChoices):
        ACTIVE = "ACTIVE", _("Linked")
        NEEDS_USER = "NEEDS_USER", _("To be reconnected")
        REVOKED = "REVOKED", _("Withdrawn at the bank")
        REMOVED = "REMOVED", _("Removed")

    MOVES: ClassVar = {
        Status.ACTIVE: {Status.NEEDS_USER, Status.REVOKED, Status.REMOVED},
        Status.NEEDS_USER: {Status.ACTIVE, Status.REVOKED, Status.REMOVED},
        Status.REVOKED: {Status.REMOVED, Status.ACTIVE},
    }

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey("tenants.Tenant", models.PROTECT, related_name="+")
    mode = models.CharField(max_length=4, choices=Mode)
    applicant = models.ForeignKey(Applicant, models.PROTECT, related_name="items")
    status = models.CharField(max_length=10, choices=Status, default=Status.ACTIVE)
    item_id = models.CharField(max_length=100, unique=True, help_text="Plaid's")
    earlier_item_ids = ArrayField(
        models.CharField(max_length=100),
        default=list,
        blank=True,
        db_default=[],
        help_text="Plaid's, of the logins it had before",
    )
    access_token = EncryptedCharField(
        max_length=200, null=True, help_text="Empty once Plaid has removed the Item"
    )
    institution_id = models.CharField(max_length=40, blank=True)
    institution_name = models.CharField(max_length=100, blank=True)
    has_transactions = models.BooleanField(default=False)
    error_code = models.CharField(max_length=60, blank=True, help_text="Plaid's, while it lasts")
    cursor = models.TextField(blank=True, help_text="Of transactions/sync; written last")
    imported_at = models.DateTimeField(null=True, help_text="When accounts and owners were read")
    linked_by = models.ForeignKey(
        "prefill.LinkSession", models.PROTECT, null=True, related_name="given_items"
    )  # the session its present access comes from
    superseded = EncryptedTextField(
        null=True, help_text="JSON: logins it had before, still to be removed at Plaid"
    )
    created_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [GinIndex(fields=["earlier_item_ids"], name="plaid_item_earlier")]
        triggers: ClassVar = [HeldMoves()]

    def __str__(self) -> str:
        return f"Plaid Item {str(self.pk)[:8]}"


class PlaidAccount(models.Model):
    """One account of an Item. `type` and `subtype` as Plaid gives them."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey("tenants.Tenant", models.PROTECT, related_name="+")
    item = models.ForeignKey(PlaidItem, models.PROTECT, related_name="accounts")
    account_id = models.CharField(max_length=100, help_text="Plaid's")
    earlier_ids = ArrayField(
        models.CharField(max_length=100),
        default=list,
        blank=True,
        db_default=[],
        help_text="Plaid's, by logins before; of what is the same account beyond doubt",
    )
    shared_as = models.CharField(
        max_length=100, blank=True, db_default="", help_text="Plaid's id by which the broker has it"
    )
    name = EncryptedCharField(max_length=200)
    official_name = EncryptedCharField(max_length=200, blank=True)
    type = models.CharField(max_length=20)
    subtype = models.CharField(max_length=40, blank=True)
    mask = models.CharField(max_length=10, blank=True)
    persistent_id = models.CharField(
        max_length=100, blank=True, db_default="", help_text="Plaid's, the same in every login"
    )
    number_index = models.CharField(
        max_length=64, blank=True, db_default="", help_text="Keyed hash of its numbers"
    )
    available = models.DecimalField(max_digits=18, decimal_places=4, null=True)
    current = models.DecimalField(max_digits=18, decimal_places=4, null=True)
    limit = models.DecimalField(max_digits=18, decimal_places=4, null=True)
    currency = models.CharField(max_length=10, blank=True, help_text="ISO 4217")
    owner_names = EncryptedTextField(
        null=True, help_text="JSON: whose it is, as the bank says; of parents of ours only"
    )
    updated_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, help_text="When the bank no longer showed it")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["item", "account_id"], name="plaid_account_once"),
        ]

    def __str__(self) -> str:
        return f"{self.subtype or self.type} ••{self.mask}" if self.mask else str(self.name)

    @property
    def ends_with_login(self) -> bool:
        """Say whether its bank gave this login numbers of its own, which may end with it."""
        return bool(self.persistent_id and not self.number_index)

    @property
    def refs(self) -> list[str]:
        """Return every id of Plaid's that means this account, the present one first."""
        return [self.account_id, *self.earlier_ids]


class PlaidTransaction(models.Model):
    """One movement of an account; a positive amount left it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey("tenants.Tenant", models.PROTECT, related_name="+")
    account = models.ForeignKey(PlaidAccount, models.CASCADE, related_name="transactions")
    transaction_id = models.CharField(max_length=100, unique=True, help_text="Plaid's")
    amount = models.DecimalField(max_digits=18, decimal_places=4)
    currency = models.CharField(max_length=10, blank=True)
    happened_on = models.DateField()
    name = EncryptedTextField(blank=True)
    category = models.CharField(max_length=60, blank=True)
    is_pending = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"movement {str(self.pk)[:8]}"
