"""What raw answers become, which source is believed, and what a person's change does."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import clock
from core.models import AuditEntry
from prefill.engine import fields
from prefill.models import Applicant, FieldValue, RawImport, Source
from prefill.operations import (
    process_import,
    show_prefill,
    write_values,
)
from prefill.operations.imports import READERS
from sandbox.server import Box, running
from tenants.models import get_default_tenant
from tenants.walls import inside
from tests.prefill.people import (
    PROFILE,
    P,
    edit,
    known,
    make_person,
    person,
    take,
)
from tests.sandbox.plaids import KNOWN, PlaidCaller

pytestmark = pytest.mark.django_db

ME = {"first_name": "Leslie", "last_name": "Knope"}


@pytest.fixture
def applicant() -> Applicant:
    return make_person(get_default_tenant())


@pytest.fixture(scope="module")
def box() -> Iterator[Box]:
    with running() as box:
        yield box


@pytest.fixture(scope="module")
def plaid(box: Box) -> Iterator[PlaidCaller]:
    caller = PlaidCaller(box)
    yield caller
    caller.close()


@pytest.fixture(scope="module")
def shared(plaid: PlaidCaller) -> Any:
    """What Plaid Layer answers for its sandbox's full profile."""
    token = plaid.pass_layer(plaid.layer_token(), KNOWN)
    return plaid.ask("user_account_session_get", public_token=token)


@pytest.fixture(scope="module")
def owned(plaid: PlaidCaller) -> Any:
    """What a bank of Plaid's sandbox answers of its accounts' owners."""
    access, _item = plaid.item()
    return plaid.ask("identity_get", access_token=access)


@pytest.fixture(scope="module")
def profile(box: Box) -> Any:
    """What Spinwheel's sandbox answers to a correct code."""
    http = requests.Session()
    http.trust_env = False
    http.headers["Authorization"] = "Bearer sandbox-spinwheel-key"
    users = f"{box.spinwheel_url}/v1/users"
    asked = {"phoneNumber": "+12125550142", "dateOfBirth": "1988-07-04", "extUserId": "ours"}
    user = http.post(f"{users}/connect/sms", json=asked, timeout=10).json()["data"]["userId"]
    verify = f"{users}/{user}/connect/sms/verify"
    return http.post(verify, json={"code": "123456"}, timeout=10).json()["data"]["profile"]


def identity(*owners: dict[str, Any]) -> dict[str, Any]:
    return {"accounts": [{"account_id": "a", "owners": list(owners)}]}


def test_the_full_profile_of_layer_fills_the_form(applicant: Applicant, shared: Any) -> None:
    take(applicant, Source.LAYER, "layer", shared)

    assert person(applicant) == ME | {
        "email": "leslie@knope.com",
        "phone_number": KNOWN,
        "date_of_birth": "1975-01-18",
        "ssn_last4": "4321",
    }
    home = known(applicant).value("addresses")[0]
    assert (home["street1"], home["city"], home["region"]) == ("123 Main St.", "Pawnee", "IN")
    assert known(applicant).coverage == 1
    assert "987654321" not in RawImport.objects.get().payload


def test_a_bank_brings_its_owner_but_not_a_number_that_is_none(
    applicant: Applicant, owned: Any
) -> None:
    take(applicant, Source.BANK, "identity", owned)

    assert person(applicant) == {
        "first_name": "Alberta",
        "middle_name": "Bobbeth",
        "last_name": "Charleson",
        "email": "accountholder0@example.com",
    }
    assert RawImport.objects.get().trouble == "not usable: personal_info.phone_number"


def test_a_bureau_brings_a_person(applicant: Applicant, profile: Any) -> None:
    take(applicant, Source.BUREAU, "profile", profile)

    assert known(applicant).coverage == 1
    assert person(applicant)["phone_number"] == "+12125550142"


def test_a_bureaus_capitals_become_a_name(applicant: Applicant) -> None:
    take(applicant, Source.BUREAU, "profile", PROFILE)

    assert person(applicant)["last_name"] == "McAllister"
    home = known(applicant).value("addresses")[0]
    assert (home["street1"], home["city"]) == ("77 Quince Court", "Trenton")


def test_of_several_owners_the_first_person_counts_and_primary_entries_first(
    applicant: Applicant,
) -> None:
    home = {"street": "9 Elm St", "city": "Austin", "region": "texas", "postal_code": "78701"}
    box = home | {"street": "P.O. Box 9"}
    trust = {"names": ["The Shaw Family Trust"], "emails": [{"data": "trust@x.example"}]}
    ruth = {
        "names": ["RUTH ANN SHAW & SAM SHAW", "SHAW, RUTH ANN"],
        "emails": [{"data": "old@x.example"}, {"data": "ruth@x.example", "primary": True}],
        "phone_numbers": [{"data": "1112223333", "primary": True}, {"data": "(212) 555-0142"}],
        "addresses": [{"data": box, "primary": True}, {"data": home}],
    }
    sam = {"names": ["Sam Shaw"], "emails": [{"data": "sam@x.example", "primary": True}]}

    take(applicant, Source.BANK, "identity", identity(trust, ruth, sam))

    assert person(applicant) == {
        "first_name": "Ruth",
        "middle_name": "Ann",
        "last_name": "Shaw",
        "email": "ruth@x.example",
        "phone_number": "+12125550142",
    }
    assert [one["street1"] for one in known(applicant).value("addresses")] == ["9 Elm St"]
    assert RawImport.objects.get().trouble == "not usable: addresses"


def test_the_written_order_decides_and_names_move_together(
    applicant: Applicant, shared: Any, owned: Any
) -> None:
    take(applicant, Source.BUREAU, "profile", PROFILE)
    take(applicant, Source.BANK, "identity", owned)
    assert person(applicant)["middle_name"] == "Bobbeth"
    take(applicant, Source.LAYER, "layer", shared)

    told = person(applicant)

    assert (told["first_name"], told["last_name"]) == ("Leslie", "Knope")
    assert "middle_name" not in told
    with inside(applicant.tenant_id):
        proven = {P + "phone_number": "+13035550199"}
        write_values(applicant=applicant, source=Source.PHONE, values=proven, at=clock.now())
    assert person(applicant)["phone_number"] == "+13035550199"
    assert known(applicant).provenance()[P + "phone_number"]["confidence"] == "1.00"


def test_a_part_of_a_name_does_not_displace_a_whole_one(applicant: Applicant) -> None:
    take(applicant, Source.BUREAU, "profile", PROFILE)
    take(applicant, Source.LAYER, "layer", {"identity": {"name": {"first_name": "Quin"}}})

    assert person(applicant)["first_name"] == "Quincy"


def test_sources_that_agree_are_believed_more(applicant: Applicant) -> None:
    def sure(name: str) -> Decimal:
        return known(applicant).values[P + name].confidence

    take(applicant, Source.BUREAU, "profile", PROFILE)
    assert sure("last_name") == sure("email") == Decimal("0.75")
    mail = [{"data": "other@x.example"}]
    owner = {"names": ["Quincy Mcallister"], "emails": mail}
    take(applicant, Source.BANK, "identity", identity(owner))

    assert sure("last_name") == Decimal("0.85")
    assert sure("email") == Decimal("0.60")


def test_a_persons_words_stand_above_whatever_comes_later(
    applicant: Applicant, shared: Any
) -> None:
    take(applicant, Source.BANK, "identity", identity({"names": ["Leslie B Knope"]}))
    edit(applicant, first_name="Lesley", middle_name="")
    take(applicant, Source.LAYER, "layer", shared, hours=1)
    take(applicant, Source.BANK, "identity", identity({"names": ["Leslie C Knope"]}), hours=2)

    told = person(applicant)

    assert (told["first_name"], told["last_name"]) == ("Lesley", "Knope")
    assert "middle_name" not in told
    assert known(applicant).values[P + "first_name"].source == Source.USER
    entry = AuditEntry.objects.get(verb="prefill.edited")
    assert entry.detail == {"paths": [P + "first_name", P + "middle_name"]}


def test_a_processor_run_again_writes_the_same(applicant: Applicant, shared: Any) -> None:
    take(applicant, Source.LAYER, "layer", shared)
    show_prefill(applicant, at=clock.now())
    raw = RawImport.objects.get()
    take(applicant, Source.LAYER, "layer", {"identity": {"email": "new@x.example"}}, hours=1)
    before = {row.pk: (row.value, row.obtained_at) for row in FieldValue.objects.all()}

    for _again in range(2):
        with inside(applicant.tenant_id):
            process_import(raw, at=clock.now())

    after = {row.pk: (row.value, row.obtained_at) for row in FieldValue.objects.all()}
    assert before == after
    assert person(applicant)["email"] == "new@x.example"


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12)
    | st.sampled_from(["1112223333", "SHAW, RUTH", ",", "JR", "1985-02-30", "USA", "IN"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from([
            "identity", "name", "first_name", "last_name", "address", "street", "city", "region",
            "postal_code", "country", "email", "phone_number", "date_of_birth", "ssn", "ssn_last_4",
            "accounts", "owners", "names", "emails", "phone_numbers", "addresses", "data",
            "primary", "firstName", "middleName", "lastName", "emailAddress", "dob", "zip",
            "zipExtension", "addressLine1", "addressLine2", "state", "residencyType",
        ]),
        inner, max_size=4,
    ),
    max_leaves=25,
)  # fmt: skip


@pytest.mark.slow
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    reader=st.sampled_from([*READERS, (Source.BANK, "unheard of")]),
    payload=st.dictionaries(st.sampled_from(["identity", "accounts", "addresses"]), JUNK) | JUNK,
)
def test_no_junk_makes_a_processor_fail_or_write_what_is_not_valid(
    applicant: Applicant, reader: tuple[str, str], payload: Any
) -> None:
    take(applicant, *reader, payload if isinstance(payload, dict) else {"identity": payload})

    for path, shown in known(applicant).values.items():
        assert fields.clean(path, shown.value, today=clock.today()) == shown.value


def test_an_answer_nested_without_end_is_cut(applicant: Applicant) -> None:
    deep: Any = {}
    for _level in range(600):
        deep = {"identity": [deep]}

    assert take(applicant, Source.LAYER, "layer", deep) == []
