"""The stage of every test: a practice broker on loopback, a clock that follows it, a fixed cast."""

import gc
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection, connections
from django.test import Client, TransactionTestCase

from brokerage.gateway import get_broker
from brokerage.microdeposits import get_sender
from prefill.gateway import get_bank_linker, get_phone_verifier
from sandbox.server import running
from tests.cast import Family, Keys, make_family, meet
from tests.databases import migrated_database
from tests.journeys import Rows, read_rows, take_up, write_rows
from tests.money.trading import fund
from tests.stage import Stage

pytest.register_assert_rewrite("tests.money.auditor")  # a failed comparison shows both sides

# Marks, and how far the family then is.
FURTHER: dict[str, Callable[[Family], object]] = {"bought": Family.buy, "funded": fund}
CAST: dict[str, dict[str, str]] = {
    "family": {"email": "custodian@family.example"},
    "stranger": {
        "email": "stranger@elsewhere.example",
        "ssn": "321-45-6789",
        "child_ssn": "432-45-6789",
    },
}
NOBODY = "http://127.0.0.1:9"  # the port of `discard`: no practice vendor somebody left running
MONDAY_NOON = datetime(2026, 11, 16, 17, 0, tzinfo=UTC)  # 12:00 in New York, a session is on


@pytest.fixture(autouse=True)
def _quiet_surroundings(settings: Any, tmp_path: Path) -> None:
    """Keep mail in memory, files in the test's own folder, and password hashing cheap."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.CLOCK_FILE = ""
    settings.WHITENOISE_AUTOREFRESH = True  # each client would list all static files before it asks
    settings.ACCOUNT_RATE_LIMITS = {}
    settings.SYNC_PARALLEL = 1  # another thread would not see what a test has not committed
    settings.DRIVEWEALTH_BASE_URL = f"{NOBODY}/drivewealth"  # a stage is asked for by name
    settings.PLAID = {mode: one | {"base_url": NOBODY} for mode, one in settings.PLAID.items()}
    settings.SPINWHEEL = {m: one | {"base_url": NOBODY} for m, one in settings.SPINWHEEL.items()}


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, django_db_blocker: Any
) -> None:
    """Let no server thread keep a connection, and no commit wait for a disk; copy what is migrated.

    A kept connection would hold the test database at the end; nothing here kills PostgreSQL.
    """
    database = connections.databases["default"]
    database["CONN_MAX_AGE"] = 0
    database["OPTIONS"] = database.get("OPTIONS", {}) | {"options": "-c synchronous_commit=off"}
    with django_db_blocker.unblock():
        database["TEST"]["TEMPLATE"] = migrated_database()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Let tests with real commits empty also the tables that nobody may empty."""
    with django_db_blocker.unblock():
        migrated = read_rows()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            TransactionTestCase, "_fixture_teardown", lambda _case: _empty_database(migrated)
        )
        yield


def _empty_database(migrated: Rows) -> None:
    """Delete all rows past the triggers that forbid it; bring back what migrations made.

    Deleting the few rows of a test is quicker than the TRUNCATE of Django's own flush.
    """
    emptied = "".join(f'DELETE FROM "{name}";' for name in migrated)  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(
            f"SET session_replication_role = replica; {emptied} RESET session_replication_role"
        )
    write_rows({name: lines for name, lines in migrated.items() if lines})
    cache.clear()


@pytest.fixture
def answers(request: pytest.FixtureRequest) -> str:
    """How much the practice broker tells: all it knows, or what its vendor documents, no more.

    Tests marked `documented_too` are played both ways; ANSWERS chooses for all others.
    """
    return str(getattr(request, "param", os.environ.get("ANSWERS", "full")))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Play tests marked `documented_too` under both kinds of answers.

    The second time belongs to `make test-slow`, unless the mark says `daily=True`.
    """
    mark = metafunc.definition.get_closest_marker("documented_too")
    if mark is None or "answers" not in metafunc.fixturenames:
        return
    slow = () if mark.kwargs.get("daily") else pytest.mark.slow
    both = ["full", pytest.param("documented", marks=slow)]
    metafunc.parametrize("answers", both, indirect=True)


@pytest.fixture
def stage(settings: Any, tmp_path: Path, db: None, answers: str) -> Iterator[Stage]:
    """A practice broker of one's own, and a site that talks to it and keeps its time."""
    with open_stage(settings, tmp_path / "clock", answers) as stage:
        yield stage


@pytest.fixture
def live_stage(
    settings: Any, tmp_path: Path, transactional_db: None, answers: str
) -> Iterator[Stage]:
    """The same with real commits, for threads, killed steps and worker processes."""
    with open_stage(settings, tmp_path / "clock", answers) as stage:
        yield stage


@contextmanager
def open_stage(settings: Any, clock_file: Path, answers: str = "full") -> Iterator[Stage]:
    """Run a practice broker on a Monday noon and connect the site to it."""
    with running(start_at=MONDAY_NOON, clock_file=clock_file, answers=answers) as box:
        settings.CLOCK_FILE = str(clock_file)
        settings.DRIVEWEALTH_BASE_URL = f"{box.url}/drivewealth"
        settings.MICRO_DEPOSITS_URL = box.bank_url
        settings.PLAID = _at(settings.PLAID, box.plaid_url)
        settings.PLAID_SCRIPT_URL = box.plaid_script_url
        settings.SPINWHEEL = _at(settings.SPINWHEEL, box.spinwheel_url)
        for getter in (get_broker, get_sender, get_phone_verifier, get_bank_linker):
            getter.cache_clear()
        yield Stage(box)


def _at(vendor: dict[str, Any], url: str) -> dict[str, Any]:
    """Return a vendor's settings of both modes, at the practice vendor's address."""
    return {mode: its | {"base_url": url} for mode, its in vendor.items()}


@pytest.fixture
def family(stage: Stage, request: pytest.FixtureRequest) -> Family:
    """The custodian with one child, a linked bank and an open account.

    Marked `bought`, the child has shares; marked `funded`, money to trade with.
    """
    return _meet_family("family", stage, request)


@pytest.fixture
def live_family(live_stage: Stage, request: pytest.FixtureRequest) -> Family:
    """The same family on the stage with real commits."""
    return _meet_family("family", live_stage, request)


@pytest.fixture
def stranger(stage: Stage, request: pytest.FixtureRequest) -> Family:
    """Another complete family of the same tenant."""
    return _meet_family("stranger", stage, request)


def _meet_family(who: str, stage: Stage, request: pytest.FixtureRequest) -> Family:
    """Return one of the families a test asks for; they arrive together, before all else."""
    if not stage.families:
        asked = {name.removeprefix("live_") for name in request.fixturenames}
        names = [name for name in CAST if name in asked]
        further = FURTHER if "family" in asked else {}
        marks = [mark for mark in further if request.node.get_closest_marker(mark)]

        def play() -> dict[str, Keys]:
            families = {name: make_family(stage, **CAST[name]) for name in names[:1]}
            for mark in marks:
                FURTHER[mark](families["family"])
            families |= {name: make_family(stage, **CAST[name]) for name in names[1:]}
            return {name: family.keys for name, family in families.items()}

        live = ["live"] * ("live_stage" in request.fixturenames)
        known = take_up(stage, " ".join([*names, *marks, *live]), play)
        stage.families = {name: meet(stage, keys) for name, keys in known.items()}
    return stage.families.get(who) or make_family(stage, **CAST[who])


@pytest.fixture
def anyone() -> Client:
    """A visitor who is not signed in."""
    return Client()


def pytest_collection_finish() -> None:
    """Keep what is loaded by now out of every later search for garbage."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    _leave_rows_to_slow(items)
    yield  # `-m` chooses
    _skip_what_can_not_run(items)
    processes = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    items[:] = _long_ones_first(items, processes)


def _leave_rows_to_slow(items: list[pytest.Item]) -> None:
    """Leave of a table marked `daily` so many rows to `make test`, spread over it; mark the others.

    Rows of a table lie in the order of their kinds, so those far apart go ways of their own.
    """
    tables: dict[str, list[pytest.Item]] = {}
    for item in items:
        if item.get_closest_marker("daily") and not item.get_closest_marker("slow"):
            tables.setdefault(item.nodeid.partition("[")[0], []).append(item)
    for rows in tables.values():
        (most,) = rows[0].get_closest_marker("daily").args  # type: ignore[union-attr]
        step = max((len(rows) - 1) / max(most - 1, 1), 1)
        kept = {round(place * step) for place in range(most)}
        for place, row in enumerate(rows):
            if place not in kept:
                row.add_marker(pytest.mark.slow)


def _skip_what_can_not_run(items: list[pytest.Item]) -> None:
    """Skip what needs a program this machine lacks, and say so; `REQUIRE_ALL=1` makes that fail."""
    import shutil

    programs = {"browser": "chromium", "redis": "redis-server"}
    for item in items:
        for marker, program in programs.items():
            if item.get_closest_marker(marker) and not shutil.which(program):
                if os.environ.get("REQUIRE_ALL"):
                    raise pytest.UsageError(f"{program} is not installed, and REQUIRE_ALL is set")
                item.add_marker(pytest.mark.skip(reason=f"{program} is not installed"))


def _long_ones_first(items: list[pytest.Item], processes: int) -> list[pytest.Item]:
    """Have each process begin with its share of the long tests: at the end the others would idle.

    Each is given a part of the list, all of the same length; who is done takes from the others.
    """
    long = [item for item in items if item.get_closest_marker("long")]
    rest = [item for item in items if not item.get_closest_marker("long")]
    length, ordered = len(items) // processes, list[pytest.Item]()
    for process in range(processes):
        ordered += long[process::processes]
        room = max(length * (process + 1) - len(ordered), 0)
        ordered += rest[:room]
        del rest[:room]
    return ordered + rest
