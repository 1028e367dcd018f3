"""Keys: their shape, that nobody keeps them, and what becomes of them."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import structlog

from core import clock
from core.errors import DomainError
from core.models import AuditEntry
from tenants import secrets
from tenants.branding import contrast
from tenants.models import ApiKey
from tenants.operations import keys as key_operations
from tenants.operations import revoke_key, rotate_key
from tests.desk.leaks import dump_database, kept_logs
from tests.tenants.company import Company, server


@pytest.mark.parametrize("mode", ["test", "live"])
def test_a_key_says_what_it_is_and_checks_itself(mode: str) -> None:
    keys = {secrets.make_key(mode).text for _ in range(50)}

    assert len(keys) == 50
    for key in keys:
        assert re.fullmatch(rf"ssk_{mode}_[0-9A-Za-z]{{46}}", key)
        assert secrets.is_wellformed(key)
        other = "a" if key[20] != "a" else "b"
        assert not secrets.is_wellformed(key[:20] + other + key[21:])
    assert 62**secrets.SECRET > 2**128


def test_the_secret_is_in_no_table_and_in_no_log(acme: Company) -> None:
    with kept_logs() as logs:
        client = acme.sign_in("developer")
        form = {
            "form_key": uuid4(), "name": "Checkout", "mode": "live", "scopes": ["tenant:read"],
        }  # fmt: skip
        page = client.post(acme.address("keys/new/"), form).content.decode()
        text = re.findall(r"ssk_live_[0-9A-Za-z]{46}", page)[0]
        assert server(text).get("/api/v1/tenant").status == 200
        server(text).get("/api/v1/nowhere")
        server(text[:-1]).get(f"/api/v1/{text}")
        structlog.get_logger("tests").info("refused", note=f"key {text}", api_key=text)

    secret = text[len("ssk_live_") + secrets.NAMED :]
    assert text in page
    assert "[API key]" in logs.getvalue()
    for trace in (dump_database(), logs.getvalue()):
        assert secret not in trace
    assert ApiKey.objects.get().digest in dump_database()


def test_every_change_is_in_the_audit_trail(acme: Company) -> None:
    key, _text = acme.make_key()
    new, _text = rotate_key(
        member=acme.admin, key=key, overlap=timedelta(), form_key=uuid4(), at=clock.now()
    )
    revoke_key(member=acme.admin, key=new, at=clock.now())
    revoke_key(member=acme.admin, key=new, at=clock.now())

    entries = AuditEntry.objects.filter(verb__startswith="api_key.").order_by("id")
    assert [(entry.verb, entry.subject.split(":")[1]) for entry in entries] == [
        ("api_key.created", str(key.pk)),
        ("api_key.rotated", str(key.pk)),
        ("api_key.revoked", str(new.pk)),
    ]
    assert {entry.actor for entry in entries} == {f"accounts.user:{acme.admin.user_id}"}


def test_a_key_is_rotated_once_and_not_after_its_end(acme: Company) -> None:
    key, _text = acme.make_key()
    ended, _text = acme.make_key()
    revoke_key(member=acme.admin, key=ended, at=clock.now())

    def rotate(key: ApiKey, **changes: Any) -> str:
        asked: dict[str, Any] = {
            "overlap": timedelta(days=1), "form_key": uuid4(), "at": clock.now(),
        }  # fmt: skip
        try:
            rotate_key(member=acme.admin, key=key, **asked | changes)
        except DomainError as refusal:
            return refusal.code
        return "rotated"

    assert rotate(key, overlap=timedelta(days=91)) == "invalid"
    assert rotate(key, overlap=timedelta(days=-1)) == "invalid"
    assert [rotate(key), rotate(key), rotate(ended)] == ["rotated", *["key_not_active"] * 2]


def test_a_form_sent_twice_makes_one_key(acme: Company) -> None:
    form_key = uuid4()
    acme.make_key(form_key=form_key)

    with pytest.raises(DomainError) as refused:
        acme.make_key(form_key=form_key)

    assert refused.value.code == "key_made"
    assert ApiKey.objects.count() == 1


@pytest.mark.parametrize("changes", [{"mode": "both"}, {"scopes": []}, {"scopes": ["everything"]}])
def test_a_key_for_nothing_we_know_is_refused(acme: Company, changes: dict[str, Any]) -> None:
    with pytest.raises(DomainError) as refused:
        acme.make_key(**changes)

    assert refused.value.code == "invalid"


def test_there_is_a_number_of_keys_past_which_old_ones_have_to_go(
    acme: Company, monkeypatch: Any
) -> None:
    monkeypatch.setattr(key_operations, "MOST_KEYS", 1)
    key, _text = acme.make_key()
    with pytest.raises(DomainError, match="Revoke one"):
        acme.make_key()

    revoke_key(member=acme.admin, key=key, at=clock.now())

    acme.make_key()


def test_contrast_is_as_the_standard_reckons_it() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)
    assert contrast("#ff0000", "#ff0000") == 1
