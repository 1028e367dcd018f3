"""Every word of DriveWealth's ledger, and what each does to money, shares, their cost, and income.

The words are those of the vendor's own lists: `finTranTypeID`, `dividend.type`, `dividend.taxCode`
and `mergerAcquisition.type` of its OpenAPI description, and the pages "Showing historical
transactions", "Bond Redemption Events", "Bond Maturity Events", "Coupon Events", "Tax handling".
"""

from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from brokerage.drivewealth.ledger import DIVIDENDS, KINDS, read_transaction
from brokerage.figures import get_figures
from brokerage.lot_history import get_lots
from brokerage.models import Case, CompanyAction, Movement
from brokerage.operations import read_ledger
from tests.cast import Family
from tests.money.test_odd_rows import slow

D = Decimal
BOOKS = Path(__file__).parents[2] / "docs" / "books.md"


@dataclass(frozen=True)
class Does:
    """What an entry of 2.00 dollars and, if told, so many shares does.

    `books`: BOOKED by rule, HELD for a person, or nothing: a row of ours stands for it. `asks`: an
    action is open, as nobody tells what the shares cost. `cost` and `income`: by how much they
    change; `kind`: ours.
    """

    word: str
    kind: str
    books: str
    more: dict[str, Any] = field(default_factory=dict)
    amount: str = "2.00"
    shares: str = "0"
    asks: bool = False
    cost: str = "0"
    income: str = "0"

    def __str__(self) -> str:
        told = [str(part) for one in self.more.values() for part in one.values() if part]
        return "-".join([self.word, *told[:2]])


def dividend(kind: str, code: str = "FULLY_TAXABLE", **more: Any) -> dict[str, Any]:
    return {"dividend": {"type": kind, "taxCode": code} | more}


def merger(kind: str, acquirer: str = "OTHER") -> dict[str, Any]:
    return {"mergerAcquisition": {"type": kind, "acquirer": acquirer, "acquiree": "ITSELF"}}


WORDS = [
    Does("CSR", "DEPOSIT", "BOOKED"),
    Does("CSR", "DEPOSIT", "HELD", amount="-2.00"),
    Does("CSD", "WITHDRAWAL", "HELD", amount="-2.00"),
    Does("FEE", "FEE", "HELD", amount="-2.00"),
    Does("COMM", "FEE", "HELD", amount="-2.00"),
    Does("JNLC", "JOURNAL", "HELD"),
    Does("CADJ", "ADJUSTMENT", "HELD"),
    Does("STCK", "ADJUSTMENT", "HELD"),
    Does("INT", "INTEREST", "BOOKED"),
    Does("SLIP", "INTEREST", "BOOKED"),
    Does("SPUR", "BUY", "HELD", amount="-2.00", more={"fill": {"fillQty": "0.1"}}),
    Does("SSAL", "SELL", "HELD", more={"fill": {"fillQty": "0.1"}}),
    Does("DIV", "DIVIDEND", "BOOKED", income="2.00"),
    Does("DIV", "DIVIDEND", "BOOKED", more=dividend("CASH"), income="2.00"),
    Does("DIV", "DIVIDEND", "BOOKED", more=dividend("CASH", "TAX_EXEMPT"), income="2.00"),
    Does("DIV", "DIVIDEND", "BOOKED", more=dividend("DISTRIBUTION_LONG"), income="2.00"),
    Does("DIV", "DIVIDEND", "BOOKED", more=dividend("DISTRIBUTION_SHORT"), income="2.00"),
    Does("DIV", "DISTRIBUTION", "BOOKED", more=dividend("CASH", "NON_TAXABLE"), asks=True),
    Does("DIV", "DISTRIBUTION", "BOOKED", more=dividend("OTHER"), asks=True),
    Does("DIV", "DISTRIBUTION", "BOOKED", more=dividend("A_NEW_WORD"), asks=True),
    Does("DIV", "DISTRIBUTION", "BOOKED", more=dividend("RETURN_OF_CAPITAL"), asks=True),
    Does("DIV", "CAPITAL_RETURN", "BOOKED", cost="-2.00",
         more=dividend("RETURN_OF_CAPITAL", "NON_TAXABLE")),
    Does("DIV", "CAPITAL_RETURN", "BOOKED", cost="-2.00",
         more=dividend("RETURN_OF_CAPITAL", "null")),
    Does("DIV", "DIVIDEND", "HELD", amount="-2.00"),
    Does("DIV", "STOCK_DIVIDEND", "BOOKED", amount="0", shares="0.05",
         more=dividend("STOCK", "NON_TAXABLE", totalQty="0.05")),
    Does("DIV", "STOCK_DIVIDEND", "BOOKED", amount="0", shares="0.05", asks=True,
         more=dividend("STOCK", "null", totalQty="0.05")),
    Does("DIV", "STOCK_DIVIDEND", "BOOKED", amount="0", shares="0.05", asks=True,
         more=dividend("STOCK", totalQty="0.05")),
    Does("DIV", "STOCK_DIVIDEND", "HELD", amount="0", more=dividend("STOCK")),
    Does("DIVM", "DIVIDEND", "BOOKED", income="2.00"),
    Does("DIVTAX", "TAX", "BOOKED", amount="-2.00"),
    Does("DIVNRA", "TAX", "BOOKED", amount="-2.00"),
    Does("PTP_WITHHOLDING", "TAX", "BOOKED", amount="-2.00"),
    Does("DEEM", "TAX", "HELD"),
    Does("STOCK_SPLIT", "SPLIT", "BOOKED", amount="0", shares="0.4"),
    Does("STOCK_SPLIT", "SPLIT", "BOOKED", asks=True),
    Does("SPINOFF", "SPINOFF", "BOOKED", amount="0", shares="0.4", asks=True),
    Does("SPINOFF", "SPINOFF", "BOOKED", asks=True),
    Does("MERGER_ACQUISITION", "MERGER", "BOOKED", amount="0", shares="0.4", asks=True,
         more=merger("ADD_SHARES")),
    Does("MERGER_ACQUISITION", "MERGER", "BOOKED", shares="0.4", asks=True,
         more=merger("ADD_SHARES_CASH")),
    Does("MERGER_ACQUISITION", "MERGER", "HELD", amount="-2.00", shares="0.4",
         more=merger("ADD_SHARES_REMOVE_CASH")),
    Does("MERGER_ACQUISITION", "MERGER", "BOOKED", amount="0", shares="-0.1", asks=True,
         more=merger("REMOVE_SHARES")),
    Does("MERGER_ACQUISITION", "MERGER", "BOOKED", shares="-0.1", asks=True,
         more=merger("REMOVE_SHARES_CASH")),
    Does("MERGER_ACQUISITION", "MERGER", "BOOKED", shares="-0.1", asks=True,
         more=merger("REMOVE_SHARES_ADD_CASH")),
    Does("MERGER_ACQUISITION", "MERGER", "BOOKED", shares="-0.1", asks=True,
         more=merger("EXCHANGE_STOCK_CASH")),
    Does("MERGER_ACQUISITION", "MERGER", "BOOKED", shares="-0.1", cost="PART",
         more=merger("EXCHANGE_STOCK_CASH", "ITSELF")),
    Does("ACATS_CASH", "TRANSFER", "HELD"),
    Does("ACATS_STOCK", "TRANSFER", "HELD", amount="0", shares="0.4"),
    Does("CCPUR", "OTHER", "HELD", amount="-2.00"),
    Does("CCSAL", "OTHER", "HELD"),
    Does("FI_COUP", "OTHER", "HELD"),
    Does("FIMAT", "OTHER", "HELD"),
    Does("FULCL", "OTHER", "HELD", shares="-0.1"),
    Does("PRCAL", "OTHER", "HELD"),
    Does("CIL", "CASH_IN_LIEU", "BOOKED", asks=True),
    Does("NEVER_HEARD_OF", "OTHER", "HELD"),
]  # fmt: skip
CHOSEN = {"DIV-CASH-NON_TAXABLE", "SPINOFF", "MERGER_ACQUISITION-REMOVE_SHARES_CASH-OTHER"}


@pytest.mark.bought
@pytest.mark.parametrize(
    "does", [one if str(one) in CHOSEN else slow(one) for one in WORDS], ids=str
)
def test_every_word_does_what_the_table_says(family: Family, does: Does) -> None:
    held = family.account.holdings.get().instrument
    before, cost = get_figures(family.account), get_lots(family.account)[held.pk].cost
    row = entry(does, held.vendor_id, family.stage.now().isoformat())
    family.stage.control("POST", "odd", {"path": "*/transactions", "add": row})

    for _time in range(2):
        read_ledger(family.account.pk, at=family.stage.now())

    movement = Movement.objects.get()
    expected = does.kind if does.kind not in ("BUY", "SELL") else "OTHER"
    assert (movement.kind, movement.status) == (expected, does.books)
    assert Case.objects.filter(kind="MOVEMENT").count() == (does.books == "HELD")
    assert CompanyAction.objects.filter(status="OPEN").exists() == does.asks
    after = get_figures(family.account)
    assert after.dividends - before.dividends == D(does.income)
    if not does.asks:
        changed = get_lots(family.account)[held.pk].cost - cost
        assert changed < 0 if does.cost == "PART" else changed == D(does.cost)
    about_cost = movement.kind not in Movement.BESIDE_COST
    clouded = does.asks or (does.books == "HELD" and about_cost)
    assert (str(held.pk) in family.account.costs_open) == clouded


def entry(does: Does, security: str, at: str) -> dict[str, Any]:
    named = {"id": security, "symbol": "DIS"}
    row: dict[str, Any] = {
        "finTranID": "XX.1", "finTranTypeID": does.word, "accountAmount": does.amount,
        "tranWhen": at, "instrument": named, "comment": "As it came",
    }  # fmt: skip
    if D(does.shares) and "totalQty" not in does.more.get("dividend", {}):
        row["positionDelta"] = does.shares
    for name, told in does.more.items():
        if name == "mergerAcquisition":
            known = {"ITSELF": named, "OTHER": {"id": "somebody", "symbol": "ELSE"}}
            row[name] = {part: known.get(word, word) for part, word in told.items()}
        else:
            row |= told if name == "fill" else {name: told}
    return row


def test_the_table_has_every_word_the_client_knows() -> None:
    own = {"DIVROC", "INTADJ", "JNLS", "SPLIT", "STOCK_DIV", "MERGER_AND_ACQUISITION",
           "SYMBOL_CHANGE", "SYMCHANGE", "CASH_IN_LIEU"}  # fmt: skip
    assert set(KINDS) - own == {does.word for does in WORDS} - {"NEVER_HEARD_OF"}
    told = {does.more["dividend"]["type"] for does in WORDS if "dividend" in does.more}
    assert set(DIVIDENDS) - {""} <= told


def test_the_documentation_tells_of_every_word() -> None:
    page = BOOKS.read_text()
    known = {does.word for does in WORDS} - {"NEVER_HEARD_OF"}
    assert [word for word in sorted(known | set(KINDS)) if f"`{word}`" not in page] == []


def test_a_leg_that_names_no_security_is_of_whom_its_word_says() -> None:
    """The description of a transaction has no `instrument`; a merger names both companies."""
    told = {"acquirer": {"id": "a", "symbol": "A"}, "acquiree": {"id": "b", "symbol": "B"}}
    row = {"finTranID": "x", "finTranTypeID": "MERGER_ACQUISITION", "accountAmount": 0}

    added, taken = (
        read_transaction(row | {"mergerAcquisition": told | {"type": kind}})
        for kind in ("ADD_SHARES", "REMOVE_SHARES")
    )

    assert (added.instrument_id, taken.symbol) == ("a", "B")
