"""Contributors, gifts and the notes we send about them."""

import secrets
import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Child, Parent
from brokerage.models import Instrument, Purchase
from core.driven import Driven
from core.fields import EncryptedCharField, EncryptedTextField
from core.stateful import HeldMoves, Stateful


class Contributor(models.Model):
    """Somebody who gives, without an account."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=60)
    email = EncryptedCharField(max_length=254)
    email_index = models.CharField(
        max_length=64, blank=True, db_default="", help_text="Keyed hash, to find one sender's gifts"
    )
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


def new_token() -> str:
    """Return 128 random bits for a giver's tracking link."""
    return secrets.token_urlsafe(16)


class GiverAddress(models.Model):
    """An e-mail address somebody gave under, by its keyed hash, and whether it is theirs."""

    index = models.CharField(max_length=64, unique=True, help_text="Keyed hash of the address")
    token = models.CharField(max_length=32, unique=True, default=new_token)
    confirmed_at = models.DateTimeField(null=True, help_text="When a mail to it was answered")

    class Meta:
        verbose_name_plural = "giver addresses"

    def __str__(self) -> str:
        return f"giver {self.index[:8]}"


class GiftLink(Stateful):
    """A way to give to one child: its code is printed, sent and passed on.

    The first one has the code of `Child.gift_code`, and always has a successor.
    """

    class Status(models.TextChoices):
        OPEN = "OPEN", _("Open")
        PAUSED = "PAUSED", _("Paused")
        CLOSED = "CLOSED", _("Closed")

    MOVES: ClassVar = {
        Status.OPEN: {Status.PAUSED, Status.CLOSED},
        Status.PAUSED: {Status.OPEN, Status.CLOSED},
    }

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    child = models.ForeignKey(Child, models.PROTECT, related_name="gift_links")
    code = models.CharField(max_length=32, unique=True)
    name = models.CharField(max_length=40, blank=True, help_text="Empty: the first one")
    is_main = models.BooleanField(default=False)
    status = models.CharField(max_length=8, choices=Status, default=Status.OPEN)
    open_until = models.DateField(null=True, help_text="Last day, in New York")
    most_gifts = models.PositiveIntegerField(null=True, help_text="Gifts it takes in all")
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    replaced_by = models.OneToOneField("self", models.PROTECT, null=True, related_name="replaces")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["child"],
                condition=Q(is_main=True) & ~Q(status="CLOSED"),
                name="gift_link_one_main",
            ),
            models.UniqueConstraint(
                fields=["child", "name"],
                condition=~Q(status="CLOSED"),
                name="gift_link_named_once",
            ),
            models.CheckConstraint(
                condition=~Q(status="CLOSED") | Q(ended_at__isnull=False),
                name="gift_link_closed_when",
            ),
        ]
        triggers: ClassVar = [HeldMoves()]

    def __str__(self) -> str:
        return f"gift link {str(self.pk)[:8]}"


class Gift(Stateful):
    """Dollars of one share, given to a child; nothing moves before the custodian approves."""

    class Status(models.TextChoices):
        PENDING = "PENDING", _("Waiting for approval")
        APPROVED = "APPROVED", _("Approved")
        DECLINED = "DECLINED", _("Declined")
        EXPIRED = "EXPIRED", _("Expired")

    MOVES: ClassVar = {Status.PENDING: {Status.APPROVED, Status.DECLINED, Status.EXPIRED}}

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    child = models.ForeignKey(Child, models.PROTECT, related_name="gifts")
    contributor = models.ForeignKey(Contributor, models.PROTECT, related_name="gifts")
    instrument = models.ForeignKey(Instrument, models.PROTECT)
    amount = models.DecimalField(max_digits=18, decimal_places=2)
    message = EncryptedTextField(blank=True)
    status = models.CharField(max_length=16, choices=Status, default=Status.PENDING)
    link = models.ForeignKey(GiftLink, models.PROTECT, null=True, related_name="gifts")
    sender_index = models.CharField(
        max_length=64, blank=True, db_default="", help_text="Keyed hash of the giver's network"
    )
    reported_at = models.DateTimeField(null=True, help_text="When the family called it a nuisance")
    token = models.CharField(max_length=32, unique=True, default=new_token)
    form_key = models.UUIDField(unique=True, help_text="One per form shown: a repeat is one gift")
    given_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    decided_by = models.ForeignKey(Parent, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=200, blank=True)
    purchase = models.OneToOneField(Purchase, models.PROTECT, null=True, related_name="gift")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="gift_amount_positive"),
            models.CheckConstraint(
                condition=~Q(status="APPROVED")
                | Q(decided_by__isnull=False, decided_at__isnull=False, purchase__isnull=False),
                name="gift_approved_by_whom",
            ),
            models.CheckConstraint(
                condition=Q(status="APPROVED") | Q(purchase__isnull=True),
                name="gift_bought_only_if_approved",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["child", "-given_at", "-id"], name="gift_by_child_newest"),
            models.Index(
                fields=["link"], condition=Q(status="PENDING"), name="gift_waiting_at_link"
            ),
        ]
        triggers: ClassVar = [HeldMoves()]

    def __str__(self) -> str:
        return f"gift {str(self.pk)[:8]}"


class Note(Driven):
    """One e-mail about a gift; each kind is sent once."""

    class Kind(models.TextChoices):
        GIVEN_PARENT = "GIVEN_PARENT", _("To the parent: a gift waits")
        GIVEN_GIVER = "GIVEN_GIVER", _("To the giver: received, with the tracking link")
        BOUGHT_GIVER = "BOUGHT_GIVER", _("To the giver: shares bought")
        DECLINED_GIVER = "DECLINED_GIVER", _("To the giver: declined or expired")
        FAILED_PARENT = "FAILED_PARENT", _("To the parent: it did not work")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    gift = models.ForeignKey(Gift, models.PROTECT, related_name="notes")
    kind = models.CharField(max_length=16, choices=Kind)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["gift", "kind"], name="note_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} for {self.gift}"


class PutAway(models.Model):
    """Something a parent has read and wants to be reminded of no more (`gifting.todo`)."""

    parent = models.ForeignKey(Parent, models.PROTECT, related_name="put_away")
    what = models.CharField(max_length=100, help_text="Id of the entry")
    at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "put away"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["parent", "what"], name="put_away_once"),
        ]

    def __str__(self) -> str:
        return f"{self.what} put away"
