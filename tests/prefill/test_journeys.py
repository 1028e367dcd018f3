"""The ladder as a table: what is there × who it is → what a client is told, and what it ends with.

The client (`following`) knows no order: it does what `next_step` says, over `/api/v1/`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from core.models import AuditEntry
from prefill.gateway import get_bank_linker
from tests.prefill.cast import make_prefilling_company
from tests.prefill.following import Follower
from tests.stage import Stage
from tests.tenants.company import server

BORN, BORN_AT_PLAID = "1988-07-04", "1975-01-18"

# What can be there, or be broken.
ALL = "all there"
NO_LAYER, NO_TEMPLATE = "the company has no Layer", "our Plaid has no template"
NO_BANKS, NO_TEXTS, NOTHING = "no aggregation", "no phones", "all off"
PLAID_DOWN, SPINWHEEL_DOWN, BOTH_DOWN = "Plaid down", "Spinwheel down", "both down"
SLOW_ONCE = "one text's answer lost"
SETTINGS: dict[str, dict[str, Any]] = {
    NO_LAYER: {"aggregation_products": ["auth", "identity"]},
    NO_BANKS: {"aggregation_enabled": False},
    NO_TEXTS: {"phone_enabled": False},
    NOTHING: {"aggregation_enabled": False, "phone_enabled": False},
}
DOWN: dict[str, Any] = {"kind": "status", "status": 500, "times": None}
FAULTS: dict[str, list[dict[str, Any]]] = {
    PLAID_DOWN: [DOWN | {"path": "/plaid/*"}],
    SPINWHEEL_DOWN: [DOWN | {"path": "/spinwheel/*"}],
    BOTH_DOWN: [DOWN | {"path": "/plaid/*"}, DOWN | {"path": "/spinwheel/*"}],
    SLOW_ONCE: [{"kind": "delay-after", "path": "/spinwheel/*/sms", "seconds": 0.8}],
}

# What is told on the way.
LAYER, BIRTH = "open_layer", "open_layer submit_date_of_birth"
TEXT = "verify_phone enter_code"
DONE, BANK, TYPE = "review", "open_link review", "type_it"

# What fills the form in the end, by source.
FULL = {"layer": "address birth email name ssn", "bank": "money", "phone": "phone"}
BUREAU = {"bureau": "address email name ssn", "phone": "phone", "user": "birth"}
BANKS = {"bank": "address email money name"}
TYPED = {"user": "birth"}
PROVEN = {"phone": "phone", "user": "birth"}


@dataclass(frozen=True)
class Row:
    """One journey; `plaid` and `ours` are the codes that were texted by each."""

    there: str
    phone: str
    steps: str
    known: dict[str, str] = field(default_factory=dict)
    plaid: int = 0
    ours: int = 0
    born: str = BORN


ROWS = [
    # Plaid's people: one code of Plaid's, and what Layer lacks comes from the bank.
    Row(ALL, "+14155550011", f"{LAYER} {DONE}", FULL, plaid=1),
    Row(ALL, "+14155550012", f"{LAYER} {DONE}", BANKS | {"phone": "phone"}, plaid=1),
    Row(ALL, "+14155550015", f"{LAYER} {DONE}", FULL, plaid=1),
    Row(ALL, "+15155550013", f"{LAYER} {DONE}", plaid=1,
        known=FULL | {"layer": "address birth name ssn", "bank": "email money"}),
    Row(ALL, "+15155550015", f"{LAYER} {DONE}", plaid=1,
        known=FULL | {"layer": "address email name ssn"}),
    Row(ALL, "+15155550016", f"{LAYER} {DONE}", plaid=1,
        known=FULL | {"layer": "address birth email name"}),
    Row(ALL, "+15155550017", f"{LAYER} {DONE}", plaid=1,
        known=FULL | {"layer": "birth email name ssn", "bank": "address money"}),
    Row(ALL, "+15155550018", f"{LAYER} {DONE}", plaid=1,
        known=FULL | {"layer": "address birth email ssn", "bank": "money name"}),
    Row(ALL, "+15155550019", f"{LAYER} {DONE}", FULL, plaid=1),
    # Found by the date of birth, or not: then by a code of ours.
    Row(ALL, "+14155550000", f"{BIRTH} {DONE}", plaid=1, born=BORN_AT_PLAID,
        known={"layer": FULL["layer"], "phone": "phone"}),
    Row(ALL, "+14155550000", f"{BIRTH} {TEXT} {DONE}", BUREAU, ours=1),
    # Spinwheel's people, by the last two digits.
    Row(ALL, "+12125550100", f"{BIRTH} {TEXT} {DONE}", BUREAU, ours=1),
    Row(ALL, "+12125550100", f"{BIRTH} {TEXT} {DONE}", BUREAU, ours=1, born=BORN_AT_PLAID),
    Row(ALL, "+12125550101", f"{BIRTH} {TEXT} {BANK}", BANKS | TYPED, ours=1),  # tries used up
    # Each code has ended before it is typed; a new one is a new proof, up to the limit.
    Row(ALL, "+12125550102", f"{BIRTH} {TEXT} {TEXT} {TEXT} verify_phone {BANK}", BANKS | TYPED,
        ours=3),
    Row(ALL, "+12125550103", f"{BIRTH} {TEXT} {BANK}", BANKS | PROVEN, ours=1),  # ineligible
    Row(ALL, "+12125550104", f"{BIRTH} {TEXT} {BANK}", BANKS | PROVEN, ours=1),  # not found
    Row(ALL, "+12125550105", f"{BIRTH} {TEXT} {BANK}", BANKS | PROVEN, ours=1),  # mismatch
    Row(ALL, "+12125550106", f"{BIRTH} {TEXT} {BANK}", BANKS | TYPED),  # gets no texts
    Row(ALL, "+12125550107", f"{BIRTH} {TEXT} {BANK}", BANKS | TYPED),  # too soon, for Spinwheel
    # No answer about any text: sent anew when the person asks, up to the limit.
    Row(ALL, "+12125550108", f"{BIRTH} {TEXT} {BANK}", BANKS | TYPED, ours=3),
    Row(ALL, "+12125550109", f"{BIRTH} verify_phone {BANK}", BANKS | TYPED),  # broken
    # Without Layer.
    Row(NO_LAYER, "+14155550015", f"{TEXT} {DONE}", BUREAU, ours=1),
    Row(NO_LAYER, "+12125550104", f"{TEXT} {BANK}", BANKS | PROVEN, ours=1),
    Row(NO_TEMPLATE, "+14155550015", f"{TEXT} {DONE}", BUREAU, ours=1),
    Row(NO_BANKS, "+14155550015", f"{TEXT} {DONE}", BUREAU, ours=1),
    Row(NO_BANKS, "+12125550104", f"{TEXT} {TYPE}", PROVEN, ours=1),
    # Without texts.
    Row(NO_TEXTS, "+14155550015", f"{LAYER} {DONE}", FULL, plaid=1),
    Row(NO_TEXTS, "+12125550100", f"{BIRTH} {BANK}", BANKS),
    # Vendors that are away.
    Row(PLAID_DOWN, "+14155550015", f"{LAYER} {TEXT} {DONE}", BUREAU, ours=1),
    Row(PLAID_DOWN, "+12125550104", f"{LAYER} {TEXT} open_link {TYPE}", PROVEN, ours=1),
    Row(SPINWHEEL_DOWN, "+14155550015", f"{LAYER} {DONE}", FULL, plaid=1),
    Row(SPINWHEEL_DOWN, "+12125550100", f"{BIRTH} verify_phone {BANK}", BANKS | TYPED),
    Row(SLOW_ONCE, "+12125550100", f"{BIRTH} {TEXT} {DONE}", BUREAU, ours=2),
    Row(BOTH_DOWN, "+12125550100", f"{LAYER} verify_phone open_link {TYPE}", TYPED),
    Row(NOTHING, "+12125550100", TYPE),
]  # fmt: skip


@pytest.fixture
def follow(stage: Stage, settings: Any) -> Callable[[Row], Follower]:
    """Set up what a row says is there, and let its person follow the steps."""

    def play(row: Row) -> Follower:
        settings.VENDOR_TIMEOUT = (1, 0.5)
        world = stage.box.world
        world.config = replace(world.config, spinwheel_slow_seconds=0.8)
        if row.there == NO_TEMPLATE:
            settings.PLAID = {
                mode: its | {"layer_template": ""} for mode, its in settings.PLAID.items()
            }
            get_bank_linker.cache_clear()
        company = make_prefilling_company("acme", **SETTINGS.get(row.there, {}))
        for fault in FAULTS.get(row.there, []):
            stage.fault(**fault)
        shop = server(company.make_key()[1])
        return Follower(shop, stage, row.phone, row.born).begin().follow()

    return play


@pytest.mark.daily(5)
@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.there}-{row.phone[-8:]}-{row.born}")
def test_who_does_what_is_told_comes_to_a_form(row: Row, follow: Callable[[Row], Follower]) -> None:
    person = follow(row)

    assert " ".join(person.steps) == row.steps
    assert person.known() == row.known
    assert (len(person.texts("Plaid")), len(person.texts("Spinwheel"))) == (row.plaid, row.ours)
    assert not (row.plaid and row.ours)  # never two codes for one proof
    trail = str(list(AuditEntry.objects.values_list("detail", flat=True)))
    assert row.phone[2:] not in trail
    assert row.born not in trail
