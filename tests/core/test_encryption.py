"""Encrypted values: what is in the database, who can read it, what can be asked of it."""

from datetime import date
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import FieldError
from django.db import DatabaseError, connection, transaction
from django.db.models import F, Value
from django.test.utils import override_settings
from fernet_fields.hkdf import derive_fernet_key
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Child, KycProfile, Parent
from core import encryption
from core.encryption import UnknownKey, blind_index, decrypt, encrypt
from tests.cast import make_child, make_known, make_parent

CONTEXT = "accounts.kycprofile.ssn"


def stored(profile: KycProfile, column: str) -> bytes | None:
    """Return what the database really holds."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {column} FROM accounts_kycprofile WHERE parent_id = %s",  # noqa: S608
            [profile.pk],
        )
        value = cursor.fetchone()[0]
    return None if value is None else bytes(value)


def store(profile: KycProfile, column: str, value: bytes) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE accounts_kycprofile SET {column} = %s WHERE parent_id = %s",  # noqa: S608
            [value, profile.pk],
        )


@pytest.fixture
def parent(db: None) -> Parent:
    return make_parent("custodian@family.example")


@pytest.fixture
def profile(parent: Parent) -> KycProfile:
    make_known(parent)
    return KycProfile.objects.get(parent=parent)


@given(st.text())
def test_any_text_comes_back_as_it_was(text: str) -> None:
    assert decrypt(encrypt(text, context=CONTEXT), context=CONTEXT) == text


def test_a_token_is_laid_out_as_documented() -> None:
    token = encrypt("123456789", context=CONTEXT)

    assert token[:1] == b"\x01"
    assert len(token) == 1 + 4 + 12 + len("123456789") + 16
    assert b"123456789" not in token
    assert encryption.is_current(token)


def test_the_same_text_is_never_encrypted_the_same_way() -> None:
    tokens = {encrypt("123456789", context=CONTEXT) for _time in range(50)}

    assert len({token[5:17] for token in tokens}) == 50  # nonces
    assert len({token[17:] for token in tokens}) == 50


def test_a_value_of_another_column_does_not_open() -> None:
    token = encrypt("123456789", context="accounts.child.ssn")

    with pytest.raises(UnknownKey, match=r"accounts\.kycprofile\.ssn was altered or moved"):
        decrypt(token, context=CONTEXT)


def test_an_altered_or_cut_token_does_not_open() -> None:
    token = encrypt("123456789", context=CONTEXT)
    flipped = [token[:n] + bytes([token[n] ^ 1]) + token[n + 1 :] for n in range(1, len(token))]
    cut = [token[:n] for n in range(len(token))]

    for broken in flipped + cut:
        with pytest.raises(UnknownKey):
            decrypt(broken, context=CONTEXT)


def test_without_the_key_the_error_says_where_to_look() -> None:
    token = encrypt("123456789", context=CONTEXT)

    with (
        override_settings(FERNET_KEYS=["another key"]),
        pytest.raises(UnknownKey, match=r"No key in FERNET_KEYS opens .*accounts\.kycprofile\.ssn"),
    ):
        decrypt(token, context=CONTEXT)


def test_all_keys_open_and_the_first_one_encrypts() -> None:
    with override_settings(FERNET_KEYS=["old"]):
        old = encrypt("123456789", context=CONTEXT)

    with override_settings(FERNET_KEYS=["new", "old"]):
        new = encrypt("123456789", context=CONTEXT)
        assert decrypt(old, context=CONTEXT) == "123456789"
        assert not encryption.is_current(old)
        assert encryption.is_current(new)
    with override_settings(FERNET_KEYS=["new"]):
        assert decrypt(new, context=CONTEXT) == "123456789"


def test_a_fernet_token_of_earlier_days_opens() -> None:
    token = Fernet(derive_fernet_key("old")).encrypt(b"123456789")

    with override_settings(FERNET_KEYS=["new", "old"]):
        assert decrypt(token, context=CONTEXT) == "123456789"
        assert not encryption.is_current(token)
    with override_settings(FERNET_KEYS=["new"]), pytest.raises(UnknownKey, match="Fernet token"):
        decrypt(token, context=CONTEXT)


def test_a_blind_index_is_stable_keyed_and_of_one_column() -> None:
    index = blind_index("123456789", context=CONTEXT)

    assert index == blind_index("123456789", context=CONTEXT)
    assert len(index) == 64
    assert index != blind_index("123456780", context=CONTEXT)
    assert index != blind_index("123456789", context="accounts.child.ssn")
    with override_settings(BLIND_INDEX_KEY="another key"):
        assert index != blind_index("123456789", context=CONTEXT)


def test_values_read_back_and_the_database_holds_none_of_them(profile: KycProfile) -> None:
    assert (profile.ssn, profile.date_of_birth) == ("123456789", date(1985, 6, 15))
    assert (profile.street1, profile.street2) == ("1 Sample Street", "")

    for column, text in {
        "ssn": b"123456789",
        "phone": b"3035550123",
        "date_of_birth": b"1985",
        "street1": b"Sample",
    }.items():
        held = stored(profile, column)
        assert held is not None
        assert held[:1] == encryption.VERSION
        assert text not in held


def test_an_empty_text_is_encrypted_too(profile: KycProfile) -> None:
    held = stored(profile, "street2")

    assert held is not None
    assert held[:1] == encryption.VERSION
    assert KycProfile.objects.get().street2 == ""


def test_nothing_stays_nothing() -> None:
    field: Any = KycProfile._meta.get_field("ssn")

    assert field.get_db_prep_save(None, connection) is None
    assert field.from_db_value(None, None, connection) is None


def test_bytes_are_refused_for_they_may_be_plain(profile: KycProfile) -> None:
    profile.ssn = b"123456789"  # type: ignore[assignment]

    with pytest.raises(TypeError, match=r"accounts\.kycprofile\.ssn takes text"):
        profile.save()


def test_an_expression_does_not_write_plain_text_past_the_encryption(profile: KycProfile) -> None:
    refused = r"accounts\.kycprofile\.phone takes no expression"

    with pytest.raises(FieldError, match=refused), transaction.atomic():
        KycProfile.objects.update(phone=Value("+13035550177"))
    profile.phone = Value("+13035550177")  # type: ignore[assignment]
    with pytest.raises(FieldError, match=refused), transaction.atomic():
        profile.save()

    held = stored(profile, "phone")
    assert held is not None
    assert encryption.is_current(held)


def test_ciphertext_copied_between_columns_is_refused(profile: KycProfile) -> None:
    held = stored(profile, "phone")
    assert held is not None
    store(profile, "ssn", held)

    with pytest.raises(UnknownKey, match=r"accounts\.kycprofile\.ssn"):
        KycProfile.objects.get()


def test_ciphertext_copied_between_columns_in_sql_is_refused(profile: KycProfile) -> None:
    KycProfile.objects.update(ssn=F("phone"))

    with pytest.raises(UnknownKey, match=r"accounts\.kycprofile\.ssn"):
        KycProfile.objects.get()


def test_an_old_row_is_readable_and_rewritten_on_save(profile: KycProfile, settings: Any) -> None:
    store(profile, "ssn", Fernet(derive_fernet_key(settings.FERNET_KEYS[0])).encrypt(b"987654321"))

    old = KycProfile.objects.get()
    assert old.ssn == "987654321"
    old.save()

    held = stored(profile, "ssn")
    assert held is not None
    assert encryption.is_current(held)
    assert KycProfile.objects.get().ssn == "987654321"


def test_updates_in_bulk_keep_values(profile: KycProfile) -> None:
    KycProfile.objects.update(phone="+13035550199", date_of_birth=date(1990, 1, 31))
    changed: Any = KycProfile.objects.get()
    assert (changed.phone, changed.date_of_birth) == ("+13035550199", date(1990, 1, 31))

    changed.phone, changed.date_of_birth = "+13035550111", date(1991, 2, 28)
    KycProfile.objects.bulk_update([changed], ["phone", "date_of_birth", "street2"])

    again = KycProfile.objects.get()
    assert (again.phone, again.date_of_birth) == ("+13035550111", date(1991, 2, 28))
    assert (again.ssn, again.street2) == ("123456789", "")


def test_rows_created_in_bulk_keep_values(parent: Parent, profile: KycProfile) -> None:
    child = make_child(parent)
    fields = [field.name for field in Child._meta.local_fields if field.name != "id"]
    twins = []
    for number in range(3):
        values = {name: getattr(child, name) for name in fields}
        values |= {"ssn": f"23456789{number}", "ssn_index": str(number), "gift_code": str(number)}
        twins.append(Child(**values))

    Child.objects.bulk_create(twins)

    born = {row.ssn: row.date_of_birth for row in Child.objects.all()}
    assert born == dict.fromkeys(
        ["234567891", "234567890", "234567891", "234567892"], date(2019, 4, 1)
    )


def test_an_expression_of_an_encrypted_field_keeps_its_value(profile: KycProfile) -> None:
    phone = KycProfile._meta.get_field("phone")
    KycProfile.objects.update(phone=Value("+13035550177", output_field=phone), ssn=F("ssn"))

    row = KycProfile.objects.get()
    assert (row.phone, row.ssn) == ("+13035550177", "123456789")


def test_values_and_lists_of_values_are_readable(profile: KycProfile) -> None:
    assert KycProfile.objects.values_list("ssn", "date_of_birth").get() == (
        "123456789",
        date(1985, 6, 15),
    )


@pytest.mark.parametrize(
    "question",
    [
        {"ssn": "123456789"},
        {"ssn__in": ["123456789"]},
        {"ssn__startswith": "123"},
        {"ssn__icontains": "456"},
        {"ssn__regex": "1.*"},
        {"ssn__gt": "1"},
        {"ssn": F("phone")},
        {"date_of_birth": date(1985, 6, 15)},
        {"date_of_birth__lte": date(2000, 1, 1)},
        {"date_of_birth__range": (date(1980, 1, 1), date(1990, 1, 1))},
        {"date_of_birth__year": 1985},
    ],
)
def test_look_ups_are_refused(profile: KycProfile, question: dict[str, Any]) -> None:
    with pytest.raises((FieldError, DatabaseError)), transaction.atomic():
        list(KycProfile.objects.filter(**question))


def test_one_may_ask_whether_a_value_is_there(profile: KycProfile) -> None:
    assert KycProfile.objects.filter(ssn__isnull=False).count() == 1
