"""The database tests begin with: migrated once, copied for every process of every later run."""

import hashlib
import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from django.db import connection
from django.db.migrations.loader import MigrationLoader

ROOT = Path(__file__).parent.parent
LOCK = 0x7E57  # one process migrates, the others wait for it
OURS = re.compile(
    r"^(?:from|import) ((?:accounts|brokerage|core|gifting|prefill|tenants)[\w.]*)", re.M
)


def migrated_database() -> str:
    """Return the name of a database that has all migrations, made if no run made it yet.

    Migrating takes ten seconds, a copy a tenth of one. It stays for later runs, until a migration
    or what migrations use changes.
    """
    prefix = f"test_{connection.settings_dict['NAME']}_migrated_"
    name = prefix + _fingerprint()
    with connection.creation._nodb_cursor() as cursor:  # type: ignore[attr-defined]
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [prefix])
        there = {row for (row,) in cursor.fetchall()}
        if name not in there:
            for old in there:
                cursor.execute(f'DROP DATABASE "{old}" WITH (FORCE)')
            _migrate(f"{name}_half")
            cursor.execute(f'ALTER DATABASE "{name}_half" RENAME TO "{name}"')
    return name


def _migrate(name: str) -> None:
    """Make a database of this name with all migrations."""
    settings = connection.settings_dict
    usual, settings["TEST"]["NAME"] = settings["TEST"]["NAME"], name
    before = settings["NAME"]
    try:
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    finally:
        connection.creation.destroy_test_db(before, verbosity=0, keepdb=True)
        settings["TEST"]["NAME"] = usual


def _fingerprint() -> str:
    """Return what tells one state of the migrations from another."""
    digest = hashlib.sha256()
    for file in sorted(set(_list_sources())):
        digest.update(str(file).encode() + file.read_bytes())
    return digest.hexdigest()[:16]


def _list_sources() -> Iterator[Path]:
    """Yield the migrations, the modules and tables of ours they use, and the lock of others'."""
    yield ROOT / "requirements.txt"
    yield from (file for file in ROOT.glob("*/data/**/*") if file.is_file())
    for migration in MigrationLoader(None, ignore_no_migrations=True).disk_migrations.values():
        spec = find_spec(migration.__module__)
        assert spec is not None
        assert spec.origin is not None
        file = Path(spec.origin)
        yield file
        if file.is_relative_to(ROOT):
            for used in OURS.findall(file.read_text()):
                found = find_spec(used)
                if found is not None and found.origin is not None:
                    yield Path(found.origin)
