"""What a production site refuses to start with."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site
from django.core import checks

from stocksprout.postgres import database_url

PRODUCTION = {
    "STOCKSPROUT_ENV": "production",
    "SECRET_KEY": "a-key-of-many-letters-and-digits-0123456789-abcdefghijklmnopqrstuvwxyz",
    "FERNET_KEY": "for-this-check-only",
    "BLIND_INDEX_KEY": "for-this-check-only",
    "DATABASE_URL": database_url(site.BASE_DIR),
    "EMAIL_URL": "smtp://localhost:25",
    "SITE_URL": "https://stocksprout.example",
    "SUPPORT_EMAIL": "help@stocksprout.example",
    "DRIVEWEALTH_BASE_URL": "https://bo-api.drivewealth.net",
    "DRIVEWEALTH_ENV": "production",
    "DRIVEWEALTH_CLIENT_ID": "check",
    "DRIVEWEALTH_CLIENT_SECRET": "check",
    "DRIVEWEALTH_APP_KEY": "check",
}


PLAID = {
    "base_url": "https://production.plaid.com",
    "client_id": "check",
    "secret": "check",
    "layer_template": "",
    "webhook_url": "https://stocksprout.example/api/webhooks/plaid/live",
    "redirect_uri": "https://stocksprout.example/links/back/",
}
SPINWHEEL = {"base_url": "https://api.spinwheel.io", "key": "check", "preverified": False}


def manage(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run manage.py as a production host would, with nothing but what is given."""
    return run("manage.py", *arguments, **environment)


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    bare = {
        "PATH": os.environ["PATH"],
        "HOME": os.environ.get("HOME", "/"),
    }
    return subprocess.run(
        [sys.executable, *arguments],
        env=bare | environment,
        cwd=Path(site.BASE_DIR),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def faults() -> set[str]:
    return {fault.id or "" for fault in checks.run_checks() if fault.level >= checks.ERROR}


@pytest.fixture
def production(settings: Any) -> Any:
    settings.PRODUCTION = True
    settings.CLOCK_FILE = ""
    settings.DEBUG = False
    settings.DRIVEWEALTH_BASE_URL = "https://bo-api.drivewealth.net"
    settings.EMAIL_URL = "smtp://localhost:25"
    settings.SITE_URL = "https://stocksprout.example"
    settings.SUPPORT_EMAIL = "help@stocksprout.example"
    settings.ALLOWED_HOSTS = ["127.0.0.1", "stocksprout.example"]
    settings.MICRO_DEPOSITS_URL = settings.MICRO_DEPOSITS_KEY = ""
    settings.PLAID = {mode: PLAID | dict.fromkeys(PLAID, "") for mode in ("live", "test")}
    settings.SPINWHEEL = {mode: dict.fromkeys(SPINWHEEL, "") for mode in ("live", "test")}
    settings.DRIVEWEALTH_ENV = "production"
    return settings


LAUNCHED = PRODUCTION | {
    "SITE_URL": "https://stocksprout.launched",
    "SUPPORT_EMAIL": "help@stocksprout.launched",
    "DEFAULT_FROM_EMAIL": "StockSprout <hello@stocksprout.launched>",
}


@pytest.fixture
def counsels_texts(tmp_path: Path) -> str:
    """The agreements as counsel hands them over: none is a placeholder."""
    for file in Path(site.AGREEMENTS_FOLDER).rglob("*.txt"):
        copy = tmp_path / file.parent.name / file.name
        copy.parent.mkdir(exist_ok=True)
        copy.write_text(file.read_text().replace("status: placeholder", "status: final"))
    return str(tmp_path)


def test_a_proper_production_site_passes_with_no_warning(counsels_texts: str) -> None:
    told = LAUNCHED | {"AGREEMENTS_FOLDER": counsels_texts}

    done = manage("check", "--deploy", "--fail-level", "WARNING", **told)

    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


@pytest.mark.slow
def test_a_site_does_not_go_live_with_placeholders_of_agreements() -> None:
    done = manage("check", "--deploy", **LAUNCHED)

    assert done.returncode != 0
    assert "accounts.E001" in done.stderr
    assert "terms/" in done.stderr
    assert "privacy/" in done.stderr
    assert site.AGREEMENTS_FOLDER in done.stderr


@pytest.mark.slow
def test_one_placeholder_left_is_named_alone(counsels_texts: str) -> None:
    folder = Path(counsels_texts) / "giving"
    (folder / "2099-01.txt").write_text("title: T\nsummary: S\nstatus: placeholder\n\nSoon.\n")

    done = manage("check", "--deploy", **LAUNCHED, AGREEMENTS_FOLDER=counsels_texts)

    assert "placeholders, not counsel's text: giving/2099-01.txt." in done.stderr


@pytest.mark.daily(2)
@pytest.mark.parametrize(
    ("name", "value", "fault"),
    [
        ("DEFAULT_FROM_EMAIL", "StockSprout <hello@stocksprout.example>", "core.E051"),
        ("DEFAULT_FROM_EMAIL", "", "core.E051"),
        ("DEFAULT_FROM_EMAIL", "StockSprout", "core.E051"),
        ("DEFAULT_FROM_EMAIL", "us@mail.example.com", "core.E051"),
        ("SUPPORT_EMAIL", "help@stocksprout.test", "core.E052"),
        ("SITE_URL", "https://www.stocksprout.example", "core.E052"),
        ("SITE_URL", "https://example.org:8443", "core.E052"),
        ("ALERT_EMAILS", ["night@desk.invalid"], "core.E052"),
    ],
)
def test_a_site_does_not_go_live_with_an_examples_address(
    production: Any, counsels_texts: str, name: str, value: Any, fault: str
) -> None:
    for key in ("SITE_URL", "SUPPORT_EMAIL", "DEFAULT_FROM_EMAIL"):
        setattr(production, key, LAUNCHED[key])
    production.ALLOWED_HOSTS = ["stocksprout.launched", "www.stocksprout.example", "example.org"]
    production.AGREEMENTS_FOLDER = counsels_texts
    sound = checks.run_checks(include_deployment_checks=True)

    setattr(production, name, value)

    found = checks.run_checks(include_deployment_checks=True)
    assert {one.id for one in found} - {one.id for one in sound} == {fault}


@pytest.mark.parametrize(
    "name",
    ["SECRET_KEY", "FERNET_KEY", "BLIND_INDEX_KEY", "DATABASE_URL"],
)
def test_production_does_not_start_without(name: str) -> None:
    done = manage("check", **{key: v for key, v in PRODUCTION.items() if key != name})

    assert done.returncode != 0
    assert f"Set {name}" in done.stderr


def test_a_production_site_has_no_faults(production: Any) -> None:
    assert faults() == set()


def test_production_refuses_a_movable_clock(production: Any) -> None:
    production.CLOCK_FILE = "/tmp/clock"  # noqa: S108

    assert faults() == {"core.E001"}


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:8801/drivewealth",
        "https://127.0.0.1:8801/drivewealth",
        "https://127.1.2.3",
        "https://localhost",
        "https://LOCALHOST.",
        "https://[::1]:8801",
        "https://0.0.0.0",
        "http://bo-api.drivewealth.net",
        "bo-api.drivewealth.net",
        "https://",
        "",
    ],
)
def test_production_refuses_a_broker_on_this_machine_or_in_the_clear(
    production: Any, address: str
) -> None:
    production.DRIVEWEALTH_BASE_URL = address

    assert faults() == {"core.E002"}


@pytest.mark.parametrize(
    "name", ["DRIVEWEALTH_CLIENT_ID", "DRIVEWEALTH_CLIENT_SECRET", "DRIVEWEALTH_APP_KEY"]
)
def test_production_refuses_missing_credentials(production: Any, name: str) -> None:
    setattr(production, name, "")

    found = [fault for fault in checks.run_checks() if fault.level >= checks.ERROR]

    assert [(fault.id, fault.msg) for fault in found] == [("core.E003", f"Set {name}.")]


@pytest.mark.daily(1)
@pytest.mark.parametrize(
    "wrong",
    [{"CLOCK_FILE": "/tmp/clock"}, {"DRIVEWEALTH_APP_KEY": ""}, {"EMAIL_URL": ""}],  # noqa: S108
)
def test_a_web_server_does_not_serve_what_the_checks_refuse(wrong: dict[str, str]) -> None:
    done = run("-c", "import stocksprout.wsgi", **PRODUCTION | wrong)

    assert done.returncode != 0
    assert "SystemCheckError" in done.stderr


@pytest.mark.slow
def test_a_web_server_serves_a_proper_production_site() -> None:
    done = run("-c", "import stocksprout.wsgi", **PRODUCTION)

    assert done.returncode == 0, done.stderr


def test_production_refuses_to_write_its_mail_to_files(production: Any) -> None:
    production.EMAIL_URL = ""

    assert faults() == {"core.E006"}


@pytest.mark.parametrize("address", ["", "help", "help@", "@stocksprout.example", "a b@c.example"])
def test_production_refuses_to_have_nobody_to_write_to(production: Any, address: str) -> None:
    production.SUPPORT_EMAIL = address

    assert faults() == {"core.E008"}


@pytest.mark.parametrize("address", ["", "http://stocksprout.example", "https://127.0.0.1:8000"])
def test_production_refuses_mails_that_lead_nowhere(production: Any, address: str) -> None:
    production.SITE_URL = address

    assert faults() == {"core.E009"}


def test_production_refuses_debug(production: Any) -> None:
    production.DEBUG = True

    assert "core.E005" in faults()


def test_a_developers_machine_may_do_all_this(settings: Any) -> None:
    settings.CLOCK_FILE = "/tmp/clock"  # noqa: S108
    settings.DRIVEWEALTH_BASE_URL = "http://127.0.0.1:8801"
    settings.DEBUG = True

    assert faults() == set()


@pytest.mark.parametrize(
    ("change", "allowed"),
    [
        ({}, True),
        ({"retry": 180}, False),
        ({"retry": 181}, True),
        ({"timeout": 100}, False),
        ({"queue_limit": 8}, False),
        ({"workers": 4}, True),
        ({"workers": 0}, False),
    ],
)
def test_the_queue_never_hands_out_a_task_that_may_still_wait(
    settings: Any, change: dict[str, int], allowed: bool
) -> None:
    settings.Q_CLUSTER = site.Q_CLUSTER | {"workers": 2} | change

    assert faults() == (set() if allowed else {"core.E004"})


@pytest.mark.daily(1)
@pytest.mark.parametrize("workers", ["1", "2", "8"])
def test_any_number_of_workers_may_be_configured(workers: str) -> None:
    done = manage("check", **PRODUCTION, QUEUE_WORKERS=workers)

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("address", "key", "found"),
    [
        ("https://ach.example", "k", set()),
        ("http://ach.example", "k", {"core.E020"}),
        ("https://127.0.0.1:8801/bank", "k", {"core.E020"}),
        ("https://ach.example", "", {"core.E021"}),
    ],
)
def test_production_sends_account_numbers_to_nobody_in_the_clear(
    production: Any, address: str, key: str, found: set[str]
) -> None:
    production.MICRO_DEPOSITS_URL, production.MICRO_DEPOSITS_KEY = address, key

    assert faults() == found


@pytest.mark.parametrize(
    ("changes", "faults_found"),
    [
        ({}, set()),
        ({"client_id": ""}, {"core.E030"}),
        ({"base_url": ""}, {"core.E030"}),
        ({"base_url": "http://production.plaid.com"}, {"core.E031"}),
        ({"base_url": "https://127.0.0.1:8801/plaid"}, {"core.E031"}),
        ({"webhook_url": "http://stocksprout.example/"}, {"core.E032"}),
        ({"base_url": "https://sandbox.plaid.com"}, {"core.E034"}),
        ({"redirect_uri": ""}, set()),
        ({"redirect_uri": "http://stocksprout.example/links/back/"}, {"core.E035"}),
        ({"redirect_uri": "https://localhost/links/back/"}, {"core.E035"}),
        ({"redirect_uri": "https://stocksprout.example/links/back/?from=bank"}, {"core.E035"}),
        ({"redirect_uri": "https://stocksprout.example/links/back/#bank"}, {"core.E035"}),
    ],
)
def test_production_refuses_a_plaid_that_is_unsafe(
    production: Any, changes: dict[str, str], faults_found: set[str]
) -> None:
    production.PLAID_SCRIPT_URL = "https://cdn.plaid.com/link/v2/stable/link-initialize.js"
    production.PLAID = production.PLAID | {"live": PLAID | changes}

    assert faults() == faults_found


def test_production_refuses_other_vendors_that_are_unsafe(production: Any) -> None:
    script = production.PLAID_SCRIPT_URL  # the practice vendor's
    production.PLAID = production.PLAID | {"live": PLAID}
    assert (faults(), script.startswith("http://")) == ({"core.E033"}, True)

    production.PLAID = production.PLAID | {"live": dict.fromkeys(PLAID, "")}
    for changes, found in (
        ({}, set()),
        ({"key": ""}, {"core.E030"}),
        ({"base_url": "http://api.spinwheel.io"}, {"core.E031"}),
        ({"base_url": "https://sandbox-api.spinwheel.io"}, {"core.E034"}),
    ):
        production.SPINWHEEL = production.SPINWHEEL | {"live": SPINWHEEL | changes}
        assert faults() == found
    production.SPINWHEEL = dict.fromkeys(("live", "test"), SPINWHEEL)
    assert faults() == {"core.E034", "core.E036"}


def test_production_without_prefills_vendors_has_none() -> None:
    code = (
        "import django; django.setup();"
        "from prefill.gateway import get_bank_linker as b, get_phone_verifier as p;"
        "print([f(m) for f in (b, p) for m in ('live', 'test')])"
    )
    done = run("-c", code, **PRODUCTION, DJANGO_SETTINGS_MODULE="stocksprout.settings")

    assert done.stdout.strip() == "[None, None, None, None]", done.stderr
