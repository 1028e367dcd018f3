"""`manage.py rotate_keys`: every value gets the newest key, none is lost on the way."""

from datetime import date
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.management import call_command
from django.db import connection
from fernet_fields.hkdf import derive_fernet_key

from accounts.models import Child, KycProfile
from core import encryption
from core.encryption import UnknownKey
from core.management.commands import rotate_keys
from core.models import AuditEntry
from tests.cast import make_child, make_known, make_parent


@pytest.fixture
def old_rows(db: None, settings: Any) -> None:
    """A family whose values were written with the old key."""
    settings.FERNET_KEYS = ["old"]
    parent = make_parent("custodian@family.example")
    make_known(parent)
    for number in range(3):
        make_child(parent, ssn=f"23456789{number + 1}")
    settings.FERNET_KEYS = ["new", "old"]


def all_readable() -> bool:
    profile = KycProfile.objects.get()
    children = [row.ssn for row in Child.objects.order_by("ssn_last4")]
    return (profile.ssn, profile.date_of_birth, profile.street2, children) == (
        "123456789",
        date(1985, 6, 15),
        "",
        ["234567891", "234567892", "234567893"],
    )


def tokens(column: str = "ssn", table: str = "accounts_child") -> list[bytes]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {table}")  # noqa: S608
        return [bytes(row[0]) for row in cursor.fetchall()]


def test_after_rotation_the_old_key_can_be_dropped(
    old_rows: None, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("rotate_keys")

    settings.FERNET_KEYS = ["new"]
    assert all_readable()
    assert "accounts.child.ssn: 3 re-encrypted" in capsys.readouterr().out
    entry = AuditEntry.objects.get(verb="keys.rotated")
    assert entry.detail == {"values": 5 + 3 * 2}


def test_before_rotation_the_old_key_is_missed(old_rows: None, settings: Any) -> None:
    settings.FERNET_KEYS = ["new"]

    with pytest.raises(UnknownKey, match="No key in FERNET_KEYS"):
        KycProfile.objects.get()


def test_a_repeated_rotation_changes_nothing(
    old_rows: None, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("rotate_keys")
    before = tokens()
    capsys.readouterr()

    call_command("rotate_keys")

    assert tokens() == before
    assert "accounts.child.ssn: 0 re-encrypted" in capsys.readouterr().out


def test_a_rotation_interrupted_midway_is_finished_by_the_next(
    old_rows: None, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotate_keys, "BATCH", 1)
    swap, done = rotate_keys._swap, list[Any]()

    def power_fails(*args: Any) -> int:
        if len(done) == 2:
            raise KeyboardInterrupt
        done.append(args)
        return swap(*args)

    with monkeypatch.context() as patch:
        patch.setattr(rotate_keys, "_swap", power_fails)
        with pytest.raises(KeyboardInterrupt):
            call_command("rotate_keys")
    assert all_readable()

    call_command("rotate_keys")

    settings.FERNET_KEYS = ["new"]
    assert all_readable()


def test_what_a_person_changes_meanwhile_stays_as_they_wrote_it(
    old_rows: None, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    decrypt = encryption.decrypt

    def slowly(token: bytes, *, context: str) -> str:
        plain = decrypt(token, context=context)
        if context == "accounts.kycprofile.phone" and not changed:
            changed.append(KycProfile.objects.update(phone="+13035550199"))
        return plain

    changed: list[int] = []
    monkeypatch.setattr(encryption, "decrypt", slowly)

    call_command("rotate_keys")

    settings.FERNET_KEYS = ["new"]
    assert changed == [1]
    assert KycProfile.objects.get().phone == "+13035550199"


def test_values_of_earlier_days_are_brought_over(old_rows: None, settings: Any) -> None:
    token = Fernet(derive_fernet_key("old")).encrypt(b"987654321")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_kycprofile SET ssn = %s", [token])

    call_command("rotate_keys")

    settings.FERNET_KEYS = ["new"]
    assert KycProfile.objects.get().ssn == "987654321"


def test_a_value_no_key_opens_stops_the_rotation_and_is_named(
    old_rows: None, settings: Any
) -> None:
    settings.FERNET_KEYS = ["new", "a wrong old key"]

    with pytest.raises(UnknownKey, match=r"of \w+\.\w+\.\w+"):
        call_command("rotate_keys")
