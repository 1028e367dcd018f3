"""What raw answers become, which source is believed, and what a person's change does."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import clock
from core.errors import Invalid, NotNow
from core.models import AuditEntry
from prefill.engine import fields
from prefill.engine.prefill import Prefill
from prefill.engine.tidy import split_name, tidy_name, tidy_street
from prefill.models import Applicant, FieldValue, PlaidItem, RawImport, Source
from prefill.operations import (
    change_applicant,
    edit_prefill,
    get_prefill,
    make_applicant,
    process_import,
    show_prefill,
    write_values,
)
from prefill.operations.imports import READERS
from sandbox.server import Box, running
from tenants.models import get_default_tenant
from tenants.walls import inside
from tests.prefill.people import PROFILE, fill_every_table, make_account, make_person, take
from tests.sandbox.plaids import KNOWN, PlaidCaller

pytestmark = pytest.mark.django_db

P = "personal_info."
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


def known(applicant: Applicant) -> Prefill:
    return get_prefill(applicant, at=clock.now())


def person(applicant: Applicant) -> dict[str, Any]:
    found: dict[str, Any] = known(applicant).as_data()["personal_info"]
    return found


def edit(applicant: Applicant, **changes: Any) -> Prefill:
    said = {P + name: value for name, value in changes.items()}
    return edit_prefill(applicant, said, by="tests", at=clock.now())


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


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Ada Byron", ("Ada", "", "Byron")),
        ("Martin Luther King Jr.", ("Martin", "Luther", "King Jr.")),
        ("Ludwig van Beethoven", ("Ludwig", "", "van Beethoven")),
        ("Byron, Ada B", ("Ada", "B", "Byron")),
        ("Sammy Davis, Jr.", ("Sammy", "", "Davis, Jr.".replace(",", ""))),
        ("Cher", None),
        ("Ada and Augusta Byron", None),
        ("Byron Holdings LLC", None),
        ("", None),
        (7, None),
    ],
)
def test_names_are_taken_apart(text: object, parts: object) -> None:
    assert split_name(text) == parts


def test_capitals_become_ordinary_letters() -> None:
    assert tidy_name("ANNE-MARIE O'NEIL III") == "Anne-Marie O'Neil III"
    assert tidy_name("Mary McDonald") == "Mary McDonald"
    assert tidy_street("123 NW 5TH STREET APT 4B") == "123 NW 5th Street Apt 4B"


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


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (P + "first_name", "R2D2"),
        (P + "first_name", ["Ada"]),
        (P + "email", "nobody"),
        (P + "phone_number", "1112223333"),
        (P + "phone_number", "(212) 555-0142 ext 5"),
        (P + "date_of_birth", "1985-02-30"),
        (P + "date_of_birth", "2999-01-01"),
        (P + "date_of_birth", "19850615"),
        (P + "ssn_last4", "123456789"),
        (P + "ssn_last4", "0000"),
        (P + "ssn", "123456789"),
        ("addresses", {"street1": "1 Main"}),
        ("addresses", [{"street1": "1 Main", "city": "X", "region": "ZZ", "postal_code": "1"}]),
        ("employment.income", "-5"),
        ("employment.income", "NaN"),
        ("employment.income", True),
        ("employment.employment_type", "astronaut"),
        ("financial_info.bank_accounts", []),
        ("", ""),
    ],
)
def test_what_is_not_valid_is_refused_by_name(applicant: Applicant, path: str, value: Any) -> None:
    with pytest.raises(Invalid) as refusal:
        edit_prefill(
            applicant,
            {P + "email": "fine@x.example", path: value},
            by="tests",
            at=clock.now(),
        )

    assert refusal.value.fields.keys() == {path}
    assert not FieldValue.objects.exists()


def test_an_edit_is_tidied(applicant: Applicant) -> None:
    home = {"street1": " 1  Main St", "city": "Denver", "region": "colorado",
            "postal_code": "80202"}  # fmt: skip
    said = {"addresses": [home], "employment.income": 90000.5, P + "phone_number": "303-555-0142"}

    data = edit_prefill(applicant, said, by="tests", at=clock.now()).as_data()

    assert data["addresses"] == [home | {
        "street1": "1 Main St", "street2": "", "region": "CO", "country": "US", "kind": "home",
    }]  # fmt: skip
    assert data["employment"] == {"income": "90000.50"}
    assert data["personal_info"] == {"phone_number": "+13035550142"}


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


def test_accounts_are_read_from_the_banks_that_are_linked_now() -> None:
    applicant = fill_every_table(get_default_tenant())
    item = PlaidItem.objects.get()
    make_account(item, "50.25", type="credit", subtype="credit card", mask="3333")
    make_account(item, "9.00", currency="CAD")

    money = known(applicant).as_data()["financial_info"]

    assert len(money["bank_accounts"]) == 2
    assert money["credit_accounts"][0]["mask"] == "3333"
    assert (money["total_assets"], money["total_liabilities"]) == ("100.10", "50.25")
    item.move_to(PlaidItem.Status.REMOVED)
    money = known(applicant).as_data()["financial_info"]
    assert money == {"bank_accounts": [], "credit_accounts": []}


def test_an_external_id_is_one_persons() -> None:
    tenant, at = get_default_tenant(), clock.now()
    first = make_person(tenant, external_id="u-1")
    make_person(tenant, "live", external_id="u-1")
    second = make_person(tenant, external_id="u-2", metadata={"plan": "gold"})

    with pytest.raises(NotNow) as refusal:
        make_applicant(tenant=tenant, mode="test", external_id="u-1", by="tests", at=at)
    assert refusal.value.code == "user_exists"
    with pytest.raises(NotNow) as refusal:
        change_applicant(second, external_id="u-1", by="tests", at=at)
    assert refusal.value.code == "user_exists"
    wrong: list[dict[str, Any]] = [
        {"external_id": "x" * 256}, {"external_id": "a\0b"}, {"metadata": {"a": "\0"}},
        {"metadata": {"a": "x" * 5000}},
    ]  # fmt: skip
    for changes in wrong:
        with pytest.raises(Invalid) as refused:
            change_applicant(first, by="tests", at=at, **changes)
        assert refused.value.fields.keys() == changes.keys()
    changed = change_applicant(second, external_id="", metadata={}, by="t", at=at)
    assert (changed.external_id, changed.metadata) == ("", {})


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
