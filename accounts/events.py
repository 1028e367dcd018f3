"""Facts told upwards, after commit."""

from django.dispatch import Signal

kyc_submitted = Signal()  # parent_id: UUID
child_added = Signal()  # child_id: UUID
