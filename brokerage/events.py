"""Facts told upwards, after commit."""

from django.dispatch import Signal

purchase_moved = Signal()  # purchase_id: UUID, status: str
