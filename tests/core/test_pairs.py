"""Settings that contradict each other: the site does not start, and no page says what is untrue."""

from typing import Any

import pytest
from django.core import checks
from django.test import Client

from tests.core.test_checks import (
    PLAID,
    PRODUCTION,
    SPINWHEEL,
    faults,
    manage,
    production,  # noqa: F401 (a fixture)
    run,
)

REAL, THEIR_TEST, HERE = (
    "https://bo-api.drivewealth.net",
    "https://bo-api.drivewealth.io",
    "http://127.0.0.1:8801/drivewealth",
)
BANNER = "Practice mode: no real money moves."


@pytest.mark.parametrize(
    ("name", "address", "found"),
    [
        ("production", REAL, ""),
        ("sandbox", THEIR_TEST, ""),
        ("sandbox", REAL, "core.E011"),
        ("", REAL, "core.E010"),
        ("Production", REAL, "core.E010"),
        ("live", THEIR_TEST, "core.E010"),
        ("production", THEIR_TEST, "core.E012"),
        ("sandbox", "https://broker.example", "core.E011"),
        ("production", "https://broker.example", ""),
        ("sandbox", "https://bo-api.drivewealth.io.example.net", "core.E011"),
        ("sandbox", "https://bo-api.drivewealth.com", "core.E011"),
        ("sandbox", "https://BO-API.DriveWealth.IO", ""),
    ],
)
def test_production_wants_the_brokers_name_and_address_to_agree(
    production: Any,  # noqa: F811
    name: str,
    address: str,
    found: str,
) -> None:
    production.DRIVEWEALTH_ENV, production.DRIVEWEALTH_BASE_URL = name, address

    assert faults() == {found} - {""}


@pytest.mark.daily(1)
@pytest.mark.parametrize(
    "told",
    [
        {"DRIVEWEALTH_ENV": "sandbox"},
        {"DRIVEWEALTH_BASE_URL": THEIR_TEST},
    ],
)
def test_the_site_does_not_start_where_they_contradict_each_other(told: dict[str, str]) -> None:
    done = run("-c", "import stocksprout.wsgi", **PRODUCTION | told)

    assert done.returncode != 0
    assert "SystemCheckError" in done.stderr


@pytest.mark.slow
def test_the_default_name_does_not_start_with_the_real_broker() -> None:
    told = {key: value for key, value in PRODUCTION.items() if key != "DRIVEWEALTH_ENV"}

    done = manage("check", **told)

    assert done.returncode != 0
    assert "core.E011" in done.stderr


def test_no_developers_machine_moves_real_money(settings: Any) -> None:
    settings.DRIVEWEALTH_BASE_URL, settings.DRIVEWEALTH_ENV = REAL, "production"

    assert faults() == {"core.E013"}


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        (REAL, False),
        ("https://bo-api.drivewealth.com", False),
        ("https://broker.example", False),
        (THEIR_TEST, True),
        (HERE, True),
    ],
)
@pytest.mark.parametrize("name", ["sandbox", "production"])
@pytest.mark.django_db
def test_the_practice_banner_says_what_the_address_says(
    settings: Any, anyone: Client, address: str, shown: bool, name: str
) -> None:
    settings.DRIVEWEALTH_BASE_URL, settings.DRIVEWEALTH_ENV = address, name

    page = anyone.get("/").content.decode()

    assert (BANNER in page) == shown


def test_a_clock_that_moves_belongs_to_a_broker_on_this_machine(settings: Any) -> None:
    settings.CLOCK_FILE, settings.DRIVEWEALTH_BASE_URL = "/var/run/clock", THEIR_TEST
    assert faults() == {"core.E014"}

    settings.DRIVEWEALTH_BASE_URL = HERE
    assert faults() == set()


@pytest.mark.parametrize(
    ("vendor", "address", "found"),
    [
        ("PLAID", "https://production.plaid.com", {"core.E036"}),
        ("PLAID", "https://sandbox.plaid.com", set()),
        ("SPINWHEEL", "https://secure-api.spinwheel.io", {"core.E036"}),
        ("SPINWHEEL", "https://secure-sandbox-api.spinwheel.io", set()),
    ],
)
def test_test_keys_find_no_real_people(
    settings: Any, vendor: str, address: str, found: set[str]
) -> None:
    accounts = getattr(settings, vendor)
    setattr(settings, vendor, accounts | {"test": accounts["test"] | {"base_url": address}})

    assert faults() == found


@pytest.mark.parametrize(
    "address",
    ["https://secure-sandbox-api.spinwheel.io", "https://sandbox-swsl-api.spinwheel.io"],
)
def test_a_vendors_sandbox_is_known_by_any_of_its_names(
    production: Any,  # noqa: F811
    address: str,
) -> None:
    production.SPINWHEEL = production.SPINWHEEL | {"live": SPINWHEEL | {"base_url": address}}

    assert faults() == {"core.E034"}


def test_real_people_are_not_shown_to_a_practice_broker_unnoticed(
    production: Any,  # noqa: F811
) -> None:
    production.DRIVEWEALTH_BASE_URL, production.DRIVEWEALTH_ENV = THEIR_TEST, "sandbox"
    production.PLAID_SCRIPT_URL = "https://cdn.plaid.com/link/v2/stable/link-initialize.js"
    production.PLAID = production.PLAID | {"live": PLAID}

    found = [fault.id for fault in checks.run_checks()]

    assert "core.W002" in found
    assert faults() == set()


@pytest.mark.parametrize(
    ("address", "script", "found"),
    [
        ("https://sandbox.plaid.com", "http://127.0.0.1:8801/link-initialize.js", "core.E033"),
        ("https://sandbox.plaid.com", "https://scripts.example/link-initialize.js", "core.E033"),
        ("https://sandbox.plaid.com", "https://cdn.plaid.com/link/v2/x.js", ""),
        ("http://127.0.0.1:8801/plaid", "https://cdn.plaid.com/link/v2/x.js", "core.E037"),
    ],
)
def test_plaids_window_is_opened_by_its_own_script(
    settings: Any, address: str, script: str, found: str
) -> None:
    settings.PLAID = settings.PLAID | {"live": settings.PLAID["live"] | {"base_url": address}}
    settings.PLAID_SCRIPT_URL = script

    assert faults() == {found} - {""}


def test_the_script_follows_plaids_address_by_itself() -> None:
    done = manage(
        "shell", "-v", "0", "-c",
        "from django.conf import settings; print(settings.PLAID_SCRIPT_URL)",
        PLAID_BASE_URL="https://sandbox.plaid.com", DATABASE_URL="postgresql://u@localhost/n",
    )  # fmt: skip

    assert done.stdout.strip() == "https://cdn.plaid.com/link/v2/stable/link-initialize.js"


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"SITE_URL": "https://other.example"}, {"core.E016"}),
        ({"SITE_URL": "https://stocksprout.example/app"}, {"core.E015"}),
        ({"SITE_URL": "https://stocksprout.example/"}, {"core.E015"}),
        ({"ALLOWED_HOSTS": [".stocksprout.example"]}, set()),
        ({"ALLOWED_HOSTS": ["127.0.0.1"]}, {"core.E016"}),
        ({"CSRF_TRUSTED_ORIGINS": ["http://stocksprout.example"]}, {"core.E017"}),
        ({"SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https")}, {"core.E018"}),
        ({"ALLAUTH_TRUSTED_PROXY_COUNT": 1}, {"core.E019"}),
        (
            {
                "SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https"),
                "ALLAUTH_TRUSTED_PROXY_COUNT": 2,
            },
            set(),
        ),
        ({"MICRO_DEPOSITS_KEY": "key"}, {"core.E022"}),
        ({"BROKER_EVENTS_ENDPOINT_URL": "https://sqs.example"}, {"core.E023"}),
        ({"BROKER_EVENTS_QUEUE_URL": "http://127.0.0.1:9324/1/events"}, {"core.E025"}),
        (
            {
                "BROKER_EVENTS_QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/1/events",
                "BROKER_EVENTS_ENDPOINT_URL": "http://localhost:9324",
            },
            {"core.E025"},
        ),
        ({"BROKER_EVENTS_QUEUE_URL": "https://sqs.us-east-2.amazonaws.com/1/e"}, {"core.E026"}),
        ({"BROKER_EVENTS_QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/1/e"}, set()),
        ({"EMAIL_URL": "consolemail://"}, {"core.E027"}),
        ({"EMAIL_URL": "dummymail://"}, {"core.E027"}),
        ({"EMAIL_URL": "smtp+tls://user:word@mail.example:587"}, set()),
        ({"PRACTICE_DESK_URL": "https://desk.example"}, {"core.E024", "core.E029"}),
        ({"GIFT_MIN": "20.00", "GIFT_MAX": "10.00"}, {"core.E040"}),
        ({"GIFT_MIN": "a dollar"}, {"core.E040"}),
        ({"DEPOSIT_MAX": "20000.01"}, {"core.E040"}),
    ],
)
def test_production_refuses_halves_and_contradictions(
    production: Any,  # noqa: F811
    changes: dict[str, Any],
    found: set[str],
) -> None:
    for name, value in changes.items():
        setattr(production, name, value)

    assert faults() == found


def test_mail_in_the_clear_to_another_machine_is_warned_of(
    production: Any,  # noqa: F811
) -> None:
    production.EMAIL_URL = "smtp://mail.example:25"

    assert "core.W001" in {fault.id for fault in checks.run_checks()}
