"""Mail to a parent about their accounts, banks and agreements; gifts have notes of their own."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Parent
from brokerage.models.rows import Row
from core.driven import Driven
from core.fields import EncryptedTextField


class Notice(Row, Driven):
    """One mail about one row; of a kind it is sent once, and once more for another occasion."""

    class Kind(models.TextChoices):
        ACCOUNT_OPENED = "ACCOUNT_OPENED", _("An account is open")
        ACCOUNT_LIMITED = "ACCOUNT_LIMITED", _("The broker limited an account")
        ACCOUNT_CLOSED = "ACCOUNT_CLOSED", _("An account is closed")
        BANK_HELD = "BANK_HELD", _("A bank account is looked at")
        BANK_ACCEPTED = "BANK_ACCEPTED", _("A bank account was accepted")
        BANK_REFUSED = "BANK_REFUSED", _("A bank account was refused")
        DOCUMENT_REFUSED = "DOCUMENT_REFUSED", _("A picture of an ID was refused")
        BANK_ENDED = "BANK_ENDED", _("A bank account is debited no more")
        DEBITS_PAUSED = "DEBITS_PAUSED", _("Transfers are paused")
        DEBITS_RESUMED = "DEBITS_RESUMED", _("Transfers go on")
        ACTION_OPEN = "ACTION_OPEN", _("What shares cost is being worked out")
        ACTION_SETTLED = "ACTION_SETTLED", _("A company's action is worked out")
        E_SIGN_ENDED = "E_SIGN_ENDED", _("Electronic records are ended")
        FROM_STAFF = "FROM_STAFF", _("Staff write about a case")

    parent = models.ForeignKey(Parent, models.PROTECT, related_name="notices")
    kind = models.CharField(max_length=16, choices=Kind)
    about = models.CharField(max_length=100, help_text="app.model:id of what it is about")
    occasion = models.CharField(
        max_length=40, blank=True, db_default="", help_text="What tells it from one sent before"
    )
    said = EncryptedTextField(blank=True, default="", help_text="Words that differ each time")
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "about", "occasion"], name="notice_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.parent}"
