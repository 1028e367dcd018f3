"""What a broker lists: the rows that can be used, and word of those that can not."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class OddRow:
    """A row of a broker's list that can not be used.

    `why` and `example` are for staff and hold no personal data: `example` is the row's shape. `id`
    and `symbol`: by which the broker knows what it is about, where that much can be read.
    """

    why: str
    example: str = ""
    id: str = ""
    symbol: str = ""


class Listing(list[T]):
    """The rows of a list that can be used; `odd` are the others.

    What is missing among the rows is missing at the broker only if no odd row may be it
    (`may_hide`).
    """

    def __init__(self, rows: Iterable[T] = (), odd: Iterable[OddRow] = ()) -> None:
        super().__init__(rows)
        self.odd = tuple(odd)

    def may_hide(self, *, vendor_id: str = "", symbol: str = "") -> bool:
        """Say whether something not among the rows may be one of the odd ones."""
        return any(_may_be(row, vendor_id, symbol) for row in self.odd)


def _may_be(row: OddRow, vendor_id: str, symbol: str) -> bool:
    if row.id and vendor_id:
        return row.id == vendor_id
    if row.symbol and symbol:
        return row.symbol == symbol
    return True
