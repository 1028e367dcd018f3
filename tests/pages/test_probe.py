import time
import pytest
from tests.cast import *
@pytest.mark.parametrize("n", range(3))
def test_db(db, n): pass
@pytest.mark.parametrize("n", range(3))
def test_stage(stage, n): pass
@pytest.mark.parametrize("n", range(3))
def test_family(family, n): pass
@pytest.mark.parametrize("n", range(3))
def test_buy(family, n):
    family.buy()
def test_sync(stage):
    from brokerage.operations import sync_instruments
    sync_instruments(at=stage.now())
def test_profile(stage):
    import cProfile, pstats
    p = cProfile.Profile(); p.enable()
    f = make_family(stage, "custodian@family.example")
    f.buy()
    p.disable()
    pstats.Stats(p).sort_stats("cumtime").print_stats(45)
