"""The album of every page, made once in each process that looks at it."""

from typing import Any

import pytest

from tests.cast import make_family
from tests.looks import companies, parents, practice, visitors
from tests.looks.album import Album
from tests.money.trading import fund
from tests.stage import Stage

_made: list[Album] = []


@pytest.fixture
def album(stage: Stage, settings: Any) -> Album:
    """Every page in every state the cast can bring it to."""
    if not _made:
        _made.append(_make_album(stage, settings))
    return _made[0]


def _make_album(stage: Stage, settings: Any) -> Album:
    album = Album()
    parents.be_checked(album, stage)
    parents.arrive(album, stage)
    companies.run_a_company(album)
    visitors.meet_the_doors(album)
    visitors.go_wrong(album)
    family = make_family(stage, "custodian@family.example")
    parents.leave(album, family)
    family.buy()
    album.get("home, all set up", family.client, "/home/")
    parents.live_with_it(album, family)
    visitors.give(album, family)
    parents.decide(album, family)
    parents.add_children(album, family, settings)
    parents.bank(album, family)
    parents.be_secure(album, family)
    trader = make_family(stage, "trader@family.example", ssn="321-45-6789", child_ssn="432-45-6789")
    fund(trader)
    parents.trade(album, trader)
    companies.sit_at_the_desk(album, trader)
    practice.try_it_out(album, stage)
    return album
