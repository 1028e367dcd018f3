"""Rows whose status moves along a table only, held by the code and by the database."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Self

import pgtrigger
from django.apps import apps
from django.db import models

from core.errors import StaleMove

Moves = Mapping[Any, Iterable[Any]]


class HeldMoves(pgtrigger.FSM):
    """The trigger by which PostgreSQL refuses every status change outside the model's MOVES."""

    def __init__(self) -> None:
        super().__init__(name="moves", field="status", transitions=[("", "")])

    def get_func(self, model: Any) -> str:
        real = apps.get_model(model._meta.label)  # migrations hand in a copy without our attributes
        self.transitions = [
            (str(old.value), str(new.value))
            for old, ends in real.MOVES.items()
            for new in sorted(ends)
        ]
        return str(super().get_func(model))  # type: ignore[no-untyped-call]


class Stateful(models.Model):
    """A row with a `status` that only `move_to` changes.

    A subclass has a `Status`, a `status` field, the class attribute `MOVES` and
    `triggers = [HeldMoves()]` in its Meta.
    """

    MOVES: ClassVar[Moves]
    status: Any

    class Meta:
        abstract = True

    def can_move_to(self, status: Any) -> bool:
        """Say whether the table allows the move from the status this instance has read."""
        return status in self.MOVES.get(self.status, ())

    def move_to(self, status: Any, **changes: Any) -> Self:
        """Move the row and set `changes` in one compare-and-swap.

        :raises StaleMove: the row no longer has the status this instance read, or no such move
        """
        if not self.can_move_to(status):
            raise StaleMove(f"This is already {self.status_label()}.")
        rows = type(self)._base_manager.filter(pk=self.pk, status=self.status)
        if not rows.update(status=status, **changes):
            raise StaleMove("Somebody else was faster. Load the page again to see where it stands.")
        self.status = status
        for name, value in changes.items():
            setattr(self, name, value)
        return self

    def status_label(self) -> str:
        """Return the status in words for a person, lower case."""
        label: str = self.get_status_display()  # type: ignore[attr-defined]
        return label[:1].lower() + label[1:]
