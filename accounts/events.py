"""Facts told upwards, after commit."""

from django.dispatch import Signal

kyc_submitted = Signal()  # parent_id: UUID
contact_answered = Signal()  # parent_id: UUID; whom a customer trusts, or nobody
child_added = Signal()  # child_id: UUID
