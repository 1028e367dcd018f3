"""What companies do to their shares: one event in an account, with the ledger's entries as legs."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from brokerage.models.accounts import BrokerAccount
from brokerage.models.positions import Instrument
from brokerage.models.rows import Row
from core.stateful import HeldMoves, Stateful


class CompanyAction(Row, Stateful):
    """A split, merger, spin-off, payment, … as it reached one account; its legs are movements.

    Shares and cash count as soon as the broker booked them. What the shares cost counts once it is
    known: by rule where nothing but shares changed hands, else by the broker's figure or by staff.
    """

    class Status(models.TextChoices):
        OPEN = "OPEN", _("Being worked out")
        SETTLED = "SETTLED", _("Worked out")

    class Kind(models.TextChoices):
        SPLIT = "SPLIT", _("Split")
        STOCK_DIVIDEND = "STOCK_DIVIDEND", _("Dividend in shares")
        EXCHANGE = "EXCHANGE", _("Merger or exchange")
        CASH_OUT = "CASH_OUT", _("Exchanged for cash")
        SPINOFF = "SPINOFF", _("Spin-off")
        CAPITAL_RETURN = "CAPITAL_RETURN", _("Money given back")
        CASH_IN_LIEU = "CASH_IN_LIEU", _("Cash for a part of a share")
        TRANSFER = "TRANSFER", _("Transfer of shares")

    class Source(models.TextChoices):
        RULE = "RULE", _("By rule")
        BROKER = "BROKER", _("The broker's figure")
        STAFF = "STAFF", _("Filed by staff")

    MOVES: ClassVar = {Status.OPEN: {Status.SETTLED}, Status.SETTLED: {Status.OPEN}}

    account = models.ForeignKey(BrokerAccount, models.PROTECT, related_name="company_actions")
    kind = models.CharField(max_length=16, choices=Kind)
    about = models.CharField(max_length=210, help_text="What its legs have in common")
    status = models.CharField(max_length=8, choices=Status, default=Status.OPEN)
    happened_at = models.DateTimeField(help_text="Of its first leg, by the broker's word")
    parent = models.ForeignKey(
        Instrument,
        models.PROTECT,
        null=True,
        help_text="Whose cost a spin-off takes a part of; while it is open, as an event told",
    )
    taxed = models.BooleanField(
        null=True,
        help_text="Of a dividend in shares and of money given back: it is income of that day",
    )
    basis = models.DecimalField(
        max_digits=18,
        decimal_places=2,
        null=True,
        help_text="Dollars the new (after a split: the left) shares cost; empty: all that went",
    )
    sold_basis = models.DecimalField(
        max_digits=18,
        decimal_places=2,
        null=True,
        help_text="Dollars the part of a share cost that a spin-off paid in cash",
    )
    known_by = models.CharField(max_length=8, choices=Source, blank=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(status="OPEN") | ~Q(known_by=""), name="company_action_known_by"
            ),
            models.CheckConstraint(
                condition=Q(basis__isnull=True) | Q(basis__gte=0),
                name="company_action_basis_positive",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["account", "status"], name="company_action_open")]
        triggers: ClassVar = [HeldMoves()]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {str(self.pk)[:8]}"
