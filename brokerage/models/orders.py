"""Orders for shares, of a purchase or placed by the custodian."""

import uuid
from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Parent
from brokerage.models.accounts import BrokerAccount
from brokerage.models.positions import Instrument
from brokerage.models.purchases import Purchase
from brokerage.models.rows import Row
from brokerage.models.traced import Traced
from core.driven import Driven
from core.stateful import HeldMoves, Stateful


class Order(Row, Driven, Traced, Stateful):
    """An order to buy or sell, written before the broker hears of it.

    One of a purchase is driven by the purchase; one a custodian placed drives itself.
    """

    class Status(models.TextChoices):
        INTENDED = "INTENDED", _("About to be sent")
        NEW = "NEW", _("Placed")
        PARTIAL_FILL = "PARTIAL_FILL", _("Partly filled")
        FILLED = "FILLED", _("Filled")
        CANCELED = "CANCELED", _("Canceled")
        REJECTED = "REJECTED", _("Rejected")

    class Side(models.TextChoices):
        BUY = "BUY", _("Buy")
        SELL = "SELL", _("Sell")

    class Kind(models.TextChoices):
        MARKET = "MARKET", _("At the market price")
        LIMIT = "LIMIT", _("At a limit or better")
        STOP = "STOP", _("Once a stop price is reached")
        MARKET_IF_TOUCHED = "MARKET_IF_TOUCHED", _("Once a price is touched")

    class TimeInForce(models.TextChoices):
        DAY = "DAY", _("For the day")
        GTC = "GTC", _("Until canceled, 90 days at most")

    MOVES: ClassVar = {
        Status.INTENDED: set(Status) - {Status.INTENDED},
        Status.NEW: {Status.PARTIAL_FILL, Status.FILLED, Status.CANCELED, Status.REJECTED},
        Status.PARTIAL_FILL: {Status.FILLED, Status.CANCELED},
    }
    UNDER_WAY: ClassVar = (Status.INTENDED, Status.NEW, Status.PARTIAL_FILL)

    purchase = models.ForeignKey(Purchase, models.PROTECT, null=True, related_name="orders")
    placed_by = models.ForeignKey(
        Parent, models.PROTECT, null=True, related_name="orders", help_text="Outside gifts"
    )
    form_key = models.UUIDField(
        null=True, unique=True, help_text="One per form shown: a repeat is one order"
    )
    account = models.ForeignKey(BrokerAccount, models.PROTECT, related_name="orders")
    instrument = models.ForeignKey(Instrument, models.PROTECT)
    side = models.CharField(max_length=4, choices=Side, default=Side.BUY, db_default="BUY")
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.MARKET, db_default="MARKET")
    amount = models.DecimalField(
        max_digits=18, decimal_places=2, null=True, help_text="Dollars asked for"
    )
    asked_quantity = models.DecimalField(
        max_digits=24, decimal_places=8, null=True, help_text="Shares asked for"
    )
    price = models.DecimalField(
        max_digits=18, decimal_places=6, null=True, help_text="Limit, stop or touch"
    )
    time_in_force = models.CharField(max_length=4, choices=TimeInForce, blank=True, db_default="")
    status = models.CharField(max_length=16, choices=Status, default=Status.INTENDED)
    key = models.UUIDField(default=uuid.uuid4, unique=True, help_text="Idempotency key")
    vendor_id = models.CharField(max_length=100, blank=True)
    number = models.CharField(max_length=40, blank=True)
    vendor_status = models.CharField(max_length=40, blank=True, help_text="As the broker says it")
    asked_at = models.DateTimeField(
        null=True, help_text="Written before the first call: the broker may know the order since"
    )
    cancel_asked_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    expected_on = models.DateField(null=True, help_text="Trading day on which it should fill")
    filled_at = models.DateTimeField(null=True)
    settles_on = models.DateField(null=True, help_text="Day on which shares and money change hands")
    funds_settle_on = models.DateField(
        null=True, help_text="Bought with a sale's proceeds that settle only on this day"
    )
    quantity = models.DecimalField(max_digits=24, decimal_places=8, default=Decimal(0))
    average_price = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    cost = models.DecimalField(
        max_digits=18,
        decimal_places=2,
        default=Decimal(0),
        help_text="Dollars of what filled, before fees",
    )
    fees = models.DecimalField(
        max_digits=18,
        decimal_places=2,
        default=Decimal(0),
        db_default=Decimal(0),
        help_text="Dollars the broker took for it beside",
    )
    failure = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["purchase"],
                condition=Q(status__in=["INTENDED", "NEW", "PARTIAL_FILL", "FILLED"]),
                name="order_one_live",
            ),
            models.UniqueConstraint(
                fields=["vendor_id"], condition=~Q(vendor_id=""), name="order_vendor_id"
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0, asked_quantity__isnull=True)
                | Q(amount__isnull=True, asked_quantity__gt=0),
                name="order_amount_or_quantity",
            ),
            models.CheckConstraint(
                condition=Q(kind="MARKET", price__isnull=True)
                | (~Q(kind="MARKET") & Q(price__gt=0, asked_quantity__isnull=False)),
                name="order_priced_unless_market",
            ),
            models.CheckConstraint(
                condition=Q(purchase__isnull=True) ^ Q(placed_by__isnull=True),
                name="order_of_purchase_or_custodian",
            ),
            models.CheckConstraint(
                condition=Q(side="BUY") | Q(purchase__isnull=True), name="order_of_purchase_buys"
            ),
            models.CheckConstraint(
                condition=~Q(status="FILLED") | Q(quantity__gt=0), name="order_filled_has_shares"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["account", "-created_at", "-id"], name="order_newest"),
        ]
        triggers: ClassVar = [HeldMoves()]

    def __str__(self) -> str:
        return f"order {str(self.pk)[:8]}"

    @property
    def net(self) -> Decimal:
        """Return the dollars of what filled, fees included: paid if bought, received if sold."""
        return self.cost + self.fees if self.side == self.Side.BUY else self.cost - self.fees
