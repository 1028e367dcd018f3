"""What the broker booked unasked, what an account was worth each day, where books differ."""

from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from brokerage.models.accounts import BrokerAccount
from brokerage.models.actions import CompanyAction
from brokerage.models.cases import Case
from brokerage.models.orders import Order
from brokerage.models.positions import Instrument
from brokerage.models.rows import Row
from core.stateful import HeldMoves, Stateful


class Movement(Row, Stateful):
    """One entry of the broker's ledger that no deposit or order of ours caused.

    Our books count it once it is BOOKED: by a rule where its kind explains itself, else by staff.
    """

    class Status(models.TextChoices):
        HELD = "HELD", _("Waits for compliance")
        BOOKED = "BOOKED", _("In our books")
        EXPLAINED = "EXPLAINED", _("Another row of ours stands for it")

    class Kind(models.TextChoices):
        DEPOSIT = "DEPOSIT", _("Money sent to the account")
        WITHDRAWAL = "WITHDRAWAL", _("Money taken out")
        DIVIDEND = "DIVIDEND", _("Dividend")
        TAX = "TAX", _("Tax withheld")
        INTEREST = "INTEREST", _("Interest")
        FEE = "FEE", _("Fee")
        JOURNAL = "JOURNAL", _("Journal")
        ADJUSTMENT = "ADJUSTMENT", _("Adjustment")
        SPLIT = "SPLIT", _("Split")
        STOCK_DIVIDEND = "STOCK_DIVIDEND", _("Dividend in shares")
        SPINOFF = "SPINOFF", _("Spin-off")
        MERGER = "MERGER", _("Merger or exchange")
        CAPITAL_RETURN = "CAPITAL_RETURN", _("Return of capital")
        DISTRIBUTION = "DISTRIBUTION", _("Payment that is income or own money back")
        CASH_IN_LIEU = "CASH_IN_LIEU", _("Cash for a part of a share")
        CORPORATE_ACTION = "CORPORATE_ACTION", _("Corporate action")
        TRANSFER = "TRANSFER", _("Transfer")
        OTHER = "OTHER", _("Other")

    SHARES: ClassVar = (
        Kind.SPLIT,
        Kind.STOCK_DIVIDEND,
        Kind.SPINOFF,
        Kind.MERGER,
        Kind.CORPORATE_ACTION,
    )
    LEGS: ClassVar = (*SHARES, Kind.CAPITAL_RETURN, Kind.DISTRIBUTION, Kind.CASH_IN_LIEU)
    # What can not touch the cost of shares, whatever becomes of it.
    BESIDE_COST: ClassVar = (
        Kind.DEPOSIT,
        Kind.WITHDRAWAL,
        Kind.DIVIDEND,
        Kind.TAX,
        Kind.INTEREST,
        Kind.FEE,
        Kind.JOURNAL,
    )
    MOVES: ClassVar = {Status.HELD: {Status.BOOKED, Status.EXPLAINED}}

    account = models.ForeignKey(BrokerAccount, models.PROTECT, related_name="movements")
    vendor_id = models.CharField(max_length=100, help_text="The broker's id of the entry")
    kind = models.CharField(max_length=16, choices=Kind)
    vendor_kind = models.CharField(max_length=40, help_text="As the broker says it")
    amount = models.DecimalField(
        max_digits=18, decimal_places=2, default=Decimal(0), help_text="Dollars; out is negative"
    )
    instrument = models.ForeignKey(Instrument, models.PROTECT, null=True)
    quantity = models.DecimalField(
        max_digits=24, decimal_places=8, default=Decimal(0), help_text="Shares; out is negative"
    )
    per_share = models.DecimalField(
        max_digits=24, decimal_places=10, null=True, help_text="Dollars paid for each share"
    )
    order = models.ForeignKey(
        Order,
        models.PROTECT,
        null=True,
        related_name="fee_entries",
        help_text="Whose fee it is: counted there",
    )
    action = models.ForeignKey(
        CompanyAction, models.PROTECT, null=True, related_name="legs", help_text="It is a leg of it"
    )
    happened_at = models.DateTimeField(help_text="By the broker's word")
    status = models.CharField(max_length=10, choices=Status, default=Status.HELD)
    comment = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "vendor_id"], name="movement_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["account", "happened_at"], name="movement_by_account")
        ]
        triggers: ClassVar = [HeldMoves()]

    def __str__(self) -> str:
        return f"{self.kind} {str(self.pk)[:8]}"


class DayValue(models.Model):
    """What one account was worth at the end of a day, in dollars; today's until the day is over."""

    account = models.ForeignKey(BrokerAccount, models.PROTECT, related_name="days")
    on = models.DateField(help_text="New York's day")
    cash = models.DecimalField(max_digits=18, decimal_places=2)
    shares_value = models.DecimalField(max_digits=18, decimal_places=2)
    cost_basis = models.DecimalField(max_digits=18, decimal_places=2)
    paid_in = models.DecimalField(
        max_digits=18, decimal_places=2, help_text="All money put in up to then, less taken out"
    )
    read_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "on"], name="day_value_once"),
        ]

    def __str__(self) -> str:
        return f"{self.account} on {self.on}"

    @property
    def value(self) -> Decimal:
        return self.cash + self.shares_value


class ReconciliationBreak(Row):
    """A difference between our books and the broker's, until it is gone."""

    class Kind(models.TextChoices):
        CASH = "CASH", _("Cash")
        POSITION = "POSITION", _("Position")
        DEPOSIT = "DEPOSIT", _("Deposit")
        ORDER = "ORDER", _("Order")

    account = models.ForeignKey(BrokerAccount, models.PROTECT, related_name="breaks")
    kind = models.CharField(max_length=10, choices=Kind)
    symbol = models.CharField(max_length=20, blank=True)
    reference = models.CharField(
        max_length=100, blank=True, db_default="", help_text="Which deposit or order"
    )
    ours = models.DecimalField(max_digits=24, decimal_places=8)
    theirs = models.DecimalField(max_digits=24, decimal_places=8)
    last_seen_at = models.DateTimeField()
    healed_at = models.DateTimeField(null=True)
    healed_by = models.CharField(
        max_length=100, blank=True, db_default="", help_text="The rule or the fact that closed it"
    )
    case = models.ForeignKey(
        Case, models.PROTECT, null=True, related_name="breaks", help_text="Opened once it is old"
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["account", "kind", "symbol", "reference"],
                condition=Q(healed_at__isnull=True),
                name="break_open_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.symbol}: ours {self.ours}, broker's {self.theirs}"
