"""People and custodial accounts at the broker."""

import uuid
from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Child, Parent
from brokerage.models.rows import Row
from brokerage.models.traced import Asked
from core.driven import Driven
from core.stateful import HeldMoves, Stateful


class BrokerUser(Row, Driven, Asked, Stateful):
    """A person as the broker's customer: the custodian, or the minor an account belongs to."""

    class Status(models.TextChoices):
        INTENDED = "INTENDED", _("Not sent yet")
        CHECKING = "CHECKING", _("Identity is being checked")
        NEEDS_INFO = "NEEDS_INFO", _("Something needs correcting")
        NEEDS_DOCUMENT = "NEEDS_DOCUMENT", _("A document is needed")
        IN_REVIEW = "IN_REVIEW", _("A person is looking at it")
        APPROVED = "APPROVED", _("Identity confirmed")
        DENIED = "DENIED", _("Not accepted")

    _ANSWERS: ClassVar = set(Status) - {Status.INTENDED}
    MOVES: ClassVar = {
        Status.INTENDED: {Status.CHECKING, Status.NEEDS_INFO},
        Status.CHECKING: _ANSWERS - {Status.CHECKING},
        Status.NEEDS_INFO: _ANSWERS | {Status.INTENDED},
        Status.NEEDS_DOCUMENT: _ANSWERS - {Status.NEEDS_DOCUMENT},
        Status.IN_REVIEW: _ANSWERS - {Status.IN_REVIEW},
        # A decision is the broker's to change, however late.
        Status.APPROVED: _ANSWERS - {Status.APPROVED},
        Status.DENIED: _ANSWERS - {Status.DENIED},
    }

    parent = models.OneToOneField(Parent, models.PROTECT, null=True, related_name="broker_user")
    child = models.OneToOneField(Child, models.PROTECT, null=True, related_name="broker_user")
    status = models.CharField(max_length=16, choices=Status, default=Status.INTENDED)
    key = models.UUIDField(default=uuid.uuid4, help_text="Idempotency key of its creation")
    vendor_id = models.CharField(max_length=100, blank=True)
    vendor_status = models.CharField(max_length=40, blank=True, help_text="As the broker says it")
    problems = models.JSONField(default=list, help_text="Our names of what the broker objects to")
    told_at = models.DateTimeField(null=True, help_text="When the broker last got the details")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(parent__isnull=True) ^ Q(child__isnull=True),
                name="broker_user_parent_or_child",
            ),
            models.UniqueConstraint(
                fields=["vendor_id"], condition=~Q(vendor_id=""), name="broker_user_vendor_id"
            ),
        ]
        triggers: ClassVar = [HeldMoves()]

    def __str__(self) -> str:
        return f"broker user of {self.parent or self.child}"


class BrokerAccount(Row, Driven, Asked, Stateful):
    """A child's custodial account at the broker, with its cash as last read there."""

    class Status(models.TextChoices):
        INTENDED = "INTENDED", _("Being prepared")
        REFUSED = "REFUSED", _("Not opened by the broker")
        PENDING = "PENDING", _("Being opened")
        OPEN = "OPEN", _("Open")
        NO_NEW_TRADES = "NO_NEW_TRADES", _("Open, buying paused by the broker")
        FROZEN = "FROZEN", _("Frozen by the broker")
        CLOSED = "CLOSED", _("Closed")

    _LIVE: ClassVar = {Status.OPEN, Status.NO_NEW_TRADES, Status.FROZEN, Status.CLOSED}
    MOVES: ClassVar = {
        Status.INTENDED: {Status.PENDING, Status.REFUSED} | _LIVE,
        Status.REFUSED: {Status.INTENDED},
        Status.PENDING: _LIVE,
        Status.OPEN: _LIVE - {Status.OPEN},
        Status.NO_NEW_TRADES: _LIVE - {Status.NO_NEW_TRADES},
        Status.FROZEN: _LIVE - {Status.FROZEN},
    }

    class Kind(models.TextChoices):
        CUSTODIAL = "CUSTODIAL", _("Custodial (UTMA)")
        TEEN = "TEEN", _("Teen")

    child = models.OneToOneField(Child, models.PROTECT, related_name="account")
    kind = models.CharField(
        max_length=10, choices=Kind, default=Kind.CUSTODIAL, db_default="CUSTODIAL"
    )
    owner = models.ForeignKey(BrokerUser, models.PROTECT, related_name="owned_accounts")
    custodian = models.ForeignKey(BrokerUser, models.PROTECT, related_name="kept_accounts")
    status = models.CharField(max_length=16, choices=Status, default=Status.INTENDED)
    key = models.UUIDField(default=uuid.uuid4, help_text="Idempotency key of its creation")
    vendor_id = models.CharField(max_length=100, blank=True)
    number = models.CharField(max_length=40, blank=True, help_text="The broker's account number")
    vendor_status = models.CharField(max_length=40, blank=True, help_text="As the broker says it")
    status_reason = models.CharField(
        max_length=100, blank=True, db_default="", help_text="Why, as the broker says it"
    )
    opened_at = models.DateTimeField(null=True)
    close_asked_at = models.DateTimeField(null=True)
    close_refused_at = models.DateTimeField(
        null=True, help_text="The broker does not close it as asked; staff have to look"
    )
    cash = models.DecimalField(max_digits=18, decimal_places=2, default=Decimal(0))
    cash_for_trade = models.DecimalField(max_digits=18, decimal_places=2, default=Decimal(0))
    cash_settled = models.DecimalField(
        max_digits=18, decimal_places=2, default=Decimal(0), db_default=Decimal(0)
    )
    realized_gain = models.DecimalField(
        max_digits=18,
        decimal_places=2,
        null=True,
        default=Decimal(0),
        db_default=Decimal(0),
        help_text="Of sales whose cost is known; empty: there are sales, and of none it is",
    )
    costs_open = models.JSONField(
        default=list,
        db_default=[],
        help_text="Ids of instruments of which it is being worked out what their shares cost",
    )
    spending = models.PositiveBigIntegerField(
        default=0,
        help_text="Counts what was spent or reserved; a cash reading older than it is void",
    )
    synced_at = models.DateTimeField(null=True, help_text="Cash and positions last read")
    sync_asked_at = models.DateTimeField(null=True, help_text="A person asked for a reading")
    checked_at = models.DateTimeField(null=True, help_text="Books last found equal to the broker's")
    audited_at = models.DateTimeField(
        null=True, help_text="Deposits, orders and ledger last compared, nightly"
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["vendor_id"], condition=~Q(vendor_id=""), name="broker_account_vendor_id"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["INTENDED", "REFUSED"])
                | (~Q(vendor_id="") & ~Q(number="")),
                name="broker_account_known_once_sent",
            ),
        ]
        triggers: ClassVar = [HeldMoves()]

    def __str__(self) -> str:
        return f"account ••{self.number[-4:]}" if self.number else "account being opened"
